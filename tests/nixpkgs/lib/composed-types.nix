# Types made of other types.
let
  inherit (import ./attributes.nix) isDerivation;
  inherit (import ./definitions.nix) mergeDefinitions mergeEqual mergeOne;
  inherit (import ./option-type.nix) mkOptionType;
  inherit (import ./plain-types.nix) raw;
  lists = import ./lists.nix;

  # The same of parts that are merged by themselves.
  verifyAll = builtins.all ({ verified, ... }: verified);

  # The parts of a list or a set that are defined, each merged by its own type.
  present = builtins.filter ({ isDefined, ... }: isDefined);
in
rec {
  listOf =
    item:
    let
      merged =
        path: definitions:
        builtins.concatLists (
          lists.imap1 (
            n:
            { file, value }:
            lists.imap1 (
              m: value:
              mergeDefinitions (path ++ [ "[definition ${toString n}-entry ${toString m}]" ]) item [
                { inherit file value; }
              ]
            ) value
          ) definitions
        );
    in
    mkOptionType {
      name = "list of ${item.description}";
      check = builtins.isList;
      emptyValue.value = [ ];
      merge = path: definitions: map ({ value, ... }: value) (present (merged path definitions));
      verify = path: definitions: verifyAll (merged path definitions);
    };
  nonEmptyListOf =
    item:
    addCheck (listOf item) (list: list != [ ])
    // {
      description = "non-empty (${(listOf item).description})";
    };

  attrsOf = attributesOf false;
  # Keeps attributes whose definitions are all conditional and false; reading one of them fails.
  lazyAttrsOf = attributesOf true;
  attributesOf =
    lazy: item:
    let
      merged =
        path: definitions:
        builtins.zipAttrsWith (name: mergeDefinitions (path ++ [ name ]) item) (
          map ({ file, value }: builtins.mapAttrs (_: value: { inherit file value; }) value) definitions
        );
      kept =
        parts:
        if lazy then
          parts
        else
          removeAttrs parts (builtins.filter (name: !parts.${name}.isDefined) (builtins.attrNames parts));
    in
    mkOptionType {
      name = "${if lazy then "lazy " else ""}attribute set of ${item.description}";
      check = builtins.isAttrs;
      emptyValue.value = { };
      merge =
        path: definitions: builtins.mapAttrs (_: { value, ... }: value) (kept (merged path definitions));
      verify = path: definitions: lazy || verifyAll (builtins.attrValues (merged path definitions));
    };
  attrs = mkOptionType {
    name = "attribute set";
    check = builtins.isAttrs;
    emptyValue.value = { };
    merge = _: builtins.foldl' (result: { value, ... }: result // value) { };
  };

  nullOr =
    type:
    mkOptionType {
      name = "null or ${type.description}";
      check = value: value == null || type.check value;
      emptyValue.value = null;
      merge =
        path: definitions:
        let
          nulls = lists.count ({ value, ... }: value == null) definitions;
        in
        if nulls == builtins.length definitions then
          null
        else if nulls > 0 then
          mergeEqual path definitions
        else
          type.merge path definitions;
      verify =
        path: definitions:
        builtins.any ({ value, ... }: value == null) definitions || type.verify path definitions;
    };

  either =
    first: second:
    oneOf [
      first
      second
    ];
  # The first type that takes all definitions merges them.
  oneOf =
    types:
    let
      fitting =
        definitions:
        lists.findFirst ({ check, ... }: builtins.all ({ value, ... }: check value) definitions) raw types;
    in
    mkOptionType {
      name = builtins.concatStringsSep " or " (map ({ description, ... }: description) types);
      check = value: builtins.any ({ check, ... }: check value) types;
      merge = path: definitions: (fitting definitions).merge path definitions;
      verify = path: definitions: (fitting definitions).verify path definitions;
    };

  coercedTo =
    from: coerce: to:
    let
      coerced = map (
        definition:
        if from.check definition.value then
          definition // { value = coerce definition.value; }
        else
          definition
      );
    in
    mkOptionType {
      name = "${to.description} or ${from.description} convertible to it";
      check = value: (from.check value && to.check (coerce value)) || to.check value;
      inherit (to) emptyValue;
      merge = path: definitions: to.merge path (coerced definitions);
      verify = path: definitions: to.verify path (coerced definitions);
    };

  uniq = unique { message = ""; };
  unique =
    { ... }:
    type:
    type
    // {
      merge =
        path: definitions:
        type.merge path [
          {
            inherit (builtins.head definitions) file;
            value = mergeOne path definitions;
          }
        ];
    };
  addCheck = type: check: type // { check = value: type.check value && check value; };
  functionTo =
    type:
    mkOptionType {
      name = "function that evaluates to a(n) ${type.description}";
      check = builtins.isFunction;
      merge =
        path: definitions: argument:
        (mergeDefinitions path type (
          map (definition: definition // { value = definition.value argument; }) definitions
        )).value;
    };

  # Sets are joined at every depth, all else must be equal or alone.
  anything = mkOptionType {
    name = "anything";
    merge =
      path: definitions:
      let
        values = map ({ value, ... }: value) definitions;
      in
      if builtins.all (value: builtins.isAttrs value && !isDerivation value) values then
        (lazyAttrsOf anything).merge path definitions
      else if builtins.all builtins.isFunction values then
        argument:
        (mergeDefinitions path anything (
          map ({ file, value }: {
            inherit file;
            value = value argument;
          }) definitions
        )).value
      else
        mergeEqual path definitions;
  };
}
