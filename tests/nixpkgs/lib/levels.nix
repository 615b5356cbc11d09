# Sets of options, as deep as they go, with their definitions.
let
  inherit (import ./attributes.nix) mapAttrsToList;
  inherit (import ./definitions.nix) mergeDefinitions;
  inherit (import ./options.nix)
    isOption
    showDefinitions
    showFiles
    showOption
    ;
  inherit (import ./properties.nix) mkOptionDefault pushDown;
  types = import ./types.nix;

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
        map (
          { file, options }: builtins.mapAttrs (_: options: { inherit file options; }) options
        ) declarations
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
    _: node:
    if node ? nodes then
      optionsOf node.nodes
    else
      removeAttrs node [
        "unmatched"
        "verified"
      ]
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
in
{
  inherit
    evaluateLevel
    valuesOf
    optionsOf
    definedValuesOf
    ;
}
