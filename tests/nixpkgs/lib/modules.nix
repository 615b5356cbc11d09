# The module system: modules in, the values of all options out.
let
  inherit (import ./attributes.nix) mapAttrsToList recursiveUpdate setAttrByPath;
  inherit (import ./definitions.nix) mergeDefinitions;
  inherit (import ./lists.nix) drop imap1 reverseList;
  inherit (import ./options.nix)
    isOption
    mkOption
    showDefinitions
    showFiles
    showOption
    ;
  inherit (import ./properties.nix) mkOptionDefault pushDown;
  inherit (import ./trivial.nix) isFunction functionArgs;
  types = import ./types.nix;

  # A module in its long form, `{ file, imports, options, config, freeformType }`.
  longForm =
    file: module:
    let
      about = [
        "_class"
        "_file"
        "key"
        "imports"
        "freeformType"
      ];
      others = builtins.attrNames (
        removeAttrs module (
          about
          ++ [
            "options"
            "config"
            "meta"
          ]
        )
      );
      long = {
        file = module._file or file;
        imports = module.imports or [ ];
        options = module.options or { };
        config = [ (module.config or { }) ];
        freeformType = module.freeformType or null;
      };
    in
    if !builtins.isAttrs module then
      throw "module `${file}' is neither a set nor a function nor a path: ${builtins.typeOf module}"
    else if module ? _type then
      long // { config = [ module ]; }
    else if module ? disabledModules || module ? require then
      throw "module `${file}': `disabledModules' and `require' are not offered here"
    else if !(module ? options || module ? config) then
      long // { config = [ (removeAttrs module about) ]; }
    else if others != [ ] then
      throw "Module `${file}' has an unsupported attribute `${builtins.head others}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString others}) into the explicit `config' attribute."
    else
      long;

  # All modules that are imported, each file once, in the order of discovery.
  load =
    arguments: modules:
    let
      call =
        file: module:
        if !isFunction module then
          module
        else
          module (
            arguments
            // builtins.mapAttrs (
              name: _:
              arguments.${name} or (arguments.config._module.args.${name}
                or (throw "module `${file}' asks for the argument `${name}', which nobody gives it")
              )
            ) (functionArgs module)
          );
      isFile = module: builtins.isPath module || builtins.isString module || (module ? outPath && !(module ? _type));
      item =
        parent: n: module:
        if isFile module then
          {
            key = toString module;
            module = longForm (toString module) (call (toString module) (import module));
          }
        else
          {
            key = module.key or "${parent.key}:anon-${toString n}";
            module = longForm (module._file or parent.module.file) (call parent.module.file module);
          };
      root = {
        key = "";
        module.file = "<unknown-file>";
      };
    in
    map ({ module, ... }: module) (
      builtins.genericClosure {
        startSet = imap1 (item root) modules;
        operator = parent: imap1 (item parent) parent.module.imports;
      }
    );

  # An option with its definitions.
  evaluateOption =
    path: declarations: definitions:
    let
      declaration = builtins.head declarations;
      option = declaration.options;
      type = option.type or types.unspecified;
      withDefault =
        definitions
        ++ (
          if option ? default then
            [
              {
                file = declaration.file;
                value = mkOptionDefault option.default;
              }
            ]
          else
            [ ]
        );
      merged = mergeDefinitions path type withDefault;
    in
    if builtins.length declarations > 1 then
      throw "The option `${showOption path}' in `${toString declaration.file}' is already declared in ${
        showFiles (map ({ file, ... }: file) (builtins.tail declarations))
      }."
    else if option.readOnly or false && builtins.length definitions > 1 then
      throw "The option `${showOption path}' is read-only, but it's set multiple times. Definition values:${showDefinitions definitions}"
    else
      option
      // {
        inherit type;
        inherit (merged) isDefined verified;
        loc = path;
        value = (option.apply or (value: value)) merged.value;
        files = map ({ file, ... }: file) definitions;
        definitions = map ({ value, ... }: value) merged.definitions;
        unmatched = [ ];
      };

  # Options in sets of options, and the definitions that none of them takes.
  evaluateLevel =
    path: declarations: definitions:
    let
      attributesOf =
        { file, value }:
        if builtins.isAttrs value then
          map (builtins.mapAttrs (_: value: { inherit file value; })) (pushDown value)
        else
          throw "In `${toString file}': you're trying to define a value of type `${builtins.typeOf value}' rather than an attribute set for the option `${showOption path}'!";
      defined = builtins.zipAttrsWith (_: found: found) (builtins.concatMap attributesOf definitions);
      declared = builtins.zipAttrsWith (_: found: found) (
        map ({ file, options }: builtins.mapAttrs (_: options: { inherit file options; }) options) declarations
      );
      nodes = builtins.mapAttrs (
        name: declarations:
        let
          here = path ++ [ name ];
          isLeaf = map ({ options, ... }: isOption options) declarations;
        in
        if !builtins.elem true isLeaf then
          evaluateLevel here declarations (defined.${name} or [ ])
        else if builtins.elem false isLeaf then
          throw "The option `${showOption here}' is an option in one module and a set of options in another: ${
            showFiles (map ({ file, ... }: file) declarations)
          }."
        else
          evaluateOption here declarations (defined.${name} or [ ])
      ) declared;
    in
    {
      inherit nodes;
      verified = builtins.all ({ verified, ... }: verified) (
        builtins.attrValues (builtins.intersectAttrs defined nodes)
      );
      unmatched =
        mapAttrsToList (name: definitions: {
          path = path ++ [ name ];
          inherit definitions;
        }) (removeAttrs defined (builtins.attrNames declared))
        ++ builtins.concatMap (name: nodes.${name}.unmatched) (
          builtins.attrNames (builtins.intersectAttrs defined nodes)
        );
    };

  valuesOf = builtins.mapAttrs (_: node: if node ? nodes then valuesOf node.nodes else node.value);
  optionsOf = builtins.mapAttrs (
    _: node: if node ? nodes then optionsOf node.nodes else removeAttrs node [ "unmatched" "verified" ]
  );

  # The same without options that nobody sets and sets that have none.
  definedValuesOf =
    nodes:
    let
      values = builtins.mapAttrs (
        _: node:
        if node ? nodes then
          definedValuesOf node.nodes
        else if node.isDefined then
          { inherit (node) value; }
        else
          null
      ) nodes;
      isThere = name: if nodes.${name} ? nodes then values.${name} != { } else values.${name} != null;
    in
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = if nodes.${name} ? nodes then values.${name} else values.${name}.value;
      }) (builtins.filter isThere (builtins.attrNames nodes))
    );

  # What a type makes of the definitions that none of the options beside it takes.
  freeformDefinitions =
    prefix: unmatched:
    builtins.concatMap (
      { path, definitions }:
      map ({ file, value }: {
        inherit file;
        value = setAttrByPath (drop (builtins.length prefix) path) value;
      }) definitions
    ) unmatched;
  freeformValue =
    type: prefix: unmatched:
    if unmatched == [ ] then { } else type.merge prefix (freeformDefinitions prefix unmatched);
  freeformVerified =
    type: prefix: unmatched:
    unmatched == [ ] || type.verify prefix (freeformDefinitions prefix unmatched);

  unknownOption =
    { path, definitions }:
    throw "The option `${showOption path}' does not exist. Definition values:${showDefinitions definitions}";
in
rec {
  # A type of which some attributes are options with types of their own.
  withOptions =
    type: options:
    let
      levelOf = path: evaluateLevel path [ { file = "options.json"; inherit options; } ];
      isSet = builtins.all ({ value, ... }: builtins.isAttrs value);
    in
    type
    // {
      merge =
        path: definitions:
        let
          level = levelOf path definitions;
        in
        if isSet definitions then
          recursiveUpdate (freeformValue type path level.unmatched) (definedValuesOf level.nodes)
        else
          type.merge path definitions;
      verify =
        path: definitions:
        let
          level = levelOf path definitions;
        in
        if isSet definitions then
          level.verified && freeformVerified type path level.unmatched
        else
          type.verify path definitions;
    };

  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
      ...
    }@call:
    let
      internal = {
        _file = "lib/modules.nix";
        options._module = {
          args = mkOption { type = types.lazyAttrsOf types.raw; };
          check = mkOption {
            type = types.bool;
            default = true;
          };
          freeformType = mkOption {
            type = types.nullOr types.raw;
            default = builtins.foldl' (found: module: if found == null then module.freeformType else found) null loaded;
          };
        };
      };
      loaded = load (
        {
          lib = import ./.;
          inherit config;
          options = optionsOf level.nodes;
          inherit specialArgs verified;
        }
        // specialArgs
      ) ([ internal ] ++ modules);
      backwards = reverseList loaded;
      level = evaluateLevel prefix (map ({ file, options, ... }: { inherit file options; }) backwards) (
        builtins.concatMap ({ file, config, ... }: map (value: { inherit file value; }) config) backwards
      );
      inherit (level) unmatched;
      values = valuesOf level.nodes;
      freeform = values._module.freeformType;
      config =
        if freeform == null then values else recursiveUpdate (freeformValue freeform prefix unmatched) values;
      checked =
        if freeform == null && unmatched != [ ] && values._module.check then
          unknownOption (builtins.head unmatched)
        else
          config;
      # Whether all that modules define is right: true, or an error.
      verified = builtins.seq checked (
        level.verified && (freeform == null || freeformVerified freeform prefix unmatched)
      );
    in
    {
      inherit verified;
      config = removeAttrs checked [ "_module" ];
      options = optionsOf level.nodes;
      inherit (values) _module;
      extendModules =
        {
          modules ? [ ],
          specialArgs ? { },
          ...
        }:
        evalModules (
          call
          // {
            modules = call.modules ++ modules;
            specialArgs = call.specialArgs or { } // specialArgs;
          }
        );
    };
}
