# Types of options: what a definition may be (`check`), how several of them become one value (`merge`), and whether all of
# that value, which is lazy, is what it should be (`verify`: true, or an error).
let
  inherit (import ./definitions.nix) mergeDefinitions mergeEqual mergeOne;
  inherit (import ./attributes.nix) isDerivation;
  inherit (import ./strings.nix) isStringLike isStorePath hasPrefix;
  lists = import ./lists.nix;

  mkOptionType =
    {
      name,
      description ? name,
      check ? (_: true),
      merge ? mergeOne,
      emptyValue ? { },
      verify ? (path: definitions: builtins.seq (merge path definitions) true),
      ...
    }@type:
    type
    // {
      _type = "option-type";
      inherit
        description
        check
        merge
        emptyValue
        verify
        ;
    };

  # The same of parts that are merged by themselves.
  verifyAll = builtins.all ({ verified, ... }: verified);

  # A type whose definitions must all say the same.
  plain =
    name: check:
    mkOptionType {
      inherit name check;
      merge = mergeEqual;
    };

  between =
    check: name: lowest: highest:
    plain name (value: check value && value >= lowest && value <= highest);

  # The parts of a list or a set that are defined, each merged by its own type.
  present = builtins.filter ({ isDefined, ... }: isDefined);
in
rec {
  inherit mkOptionType;
  isType = kind: value: value._type or null == kind;

  unspecified = mkOptionType {
    name = "unspecified value";
    verify = _: _: true;
    merge =
      path: definitions:
      let
        values = map ({ value, ... }: value) definitions;
      in
      if builtins.all builtins.isList values then
        builtins.concatLists values
      else if builtins.all builtins.isAttrs values then
        builtins.foldl' (left: right: left // right) { } values
      else
        mergeEqual path definitions;
  };
  raw = mkOptionType {
    name = "raw value";
    verify = _: _: true;
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
        (mergeDefinitions path anything (map ({ file, value }: { inherit file; value = value argument; }) definitions)).value
      else
        mergeEqual path definitions;
  };

  bool = plain "boolean" builtins.isBool;
  boolByOr = mkOptionType {
    name = "boolean (merged using or)";
    check = builtins.isBool;
    merge = _: builtins.any ({ value, ... }: value);
  };
  int = plain "signed integer" builtins.isInt;
  float = plain "floating point number" builtins.isFloat;
  number = either int float;
  numbers.between = lowest: highest: between (value: builtins.isInt value || builtins.isFloat value) "integer or floating point number between ${toString lowest} and ${toString highest} (both inclusive)" lowest highest;
  ints = {
    between =
      lowest: highest:
      between builtins.isInt "integer between ${toString lowest} and ${toString highest} (both inclusive)" lowest highest;
    unsigned = plain "unsigned integer, meaning >=0" (value: builtins.isInt value && value >= 0);
    positive = plain "positive integer, meaning >0" (value: builtins.isInt value && value > 0);
    u8 = between builtins.isInt "8 bit unsigned integer; between 0 and 255 (both inclusive)" 0 255;
    u16 = between builtins.isInt "16 bit unsigned integer; between 0 and 65535 (both inclusive)" 0 65535;
    u32 = between builtins.isInt "32 bit unsigned integer; between 0 and 4294967295 (both inclusive)" 0 4294967295;
    s8 = between builtins.isInt "8 bit signed integer; between -128 and 127 (both inclusive)" (-128) 127;
    s16 = between builtins.isInt "16 bit signed integer; between -32768 and 32767 (both inclusive)" (-32768) 32767;
    s32 = between builtins.isInt "32 bit signed integer; between -2147483648 and 2147483647 (both inclusive)" (
      -2147483648
    ) 2147483647;
  };
  port = ints.u16;

  str = plain "string" builtins.isString;
  string = str;
  nonEmptyStr = plain "non-empty string" (
    value: builtins.isString value && builtins.match "[[:space:]]*" value == null
  );
  singleLineStr =
    mkOptionType {
      name = "(optionally newline-terminated) single-line string";
      check = value: builtins.isString value && builtins.match "[^\n\r]*\n?" value != null;
      merge = path: definitions: builtins.replaceStrings [ "\n" ] [ "" ] (mergeEqual path definitions);
    };
  strMatching =
    pattern:
    plain "string matching the pattern ${pattern}" (
      value: builtins.isString value && builtins.match pattern value != null
    );
  separatedString =
    separator:
    mkOptionType {
      name = "strings concatenated with ${builtins.toJSON separator}";
      check = builtins.isString;
      merge = _: definitions: builtins.concatStringsSep separator (map ({ value, ... }: value) definitions);
    };
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";
  path = plain "absolute path" (value: isStringLike value && hasPrefix "/" (toString value));
  pathInStore = plain "path in the Nix store" isStorePath;
  package = plain "package" (value: isDerivation value || isStorePath value);
  shellPackage = package;
  enum =
    values:
    plain "one of ${builtins.concatStringsSep ", " (map builtins.toJSON values)}" (value: builtins.elem value values);

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
              mergeDefinitions (path ++ [ "[definition ${toString n}-entry ${toString m}]" ]) item [ { inherit file value; } ]
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
    item: addCheck (listOf item) (list: list != [ ]) // { description = "non-empty (${(listOf item).description})"; };

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
      merge = path: definitions: builtins.mapAttrs (_: { value, ... }: value) (kept (merged path definitions));
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
      verify = path: definitions: builtins.any ({ value, ... }: value == null) definitions || type.verify path definitions;
    };

  either = first: second: oneOf [ first second ];
  # The first type that takes all definitions merges them.
  oneOf =
    types:
    let
      fitting =
        definitions: lists.findFirst ({ check, ... }: builtins.all ({ value, ... }: check value) definitions) raw types;
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
        definition: if from.check definition.value then definition // { value = coerce definition.value; } else definition
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
    { ... }: type:
    type
    // {
      merge = path: definitions: type.merge path [ { inherit (builtins.head definitions) file; value = mergeOne path definitions; } ];
    };
  addCheck = type: check: type // { check = value: type.check value && check value; };
  functionTo =
    type:
    mkOptionType {
      name = "function that evaluates to a(n) ${type.description}";
      check = builtins.isFunction;
      merge =
        path: definitions: argument:
        (mergeDefinitions path type (map (definition: definition // { value = definition.value argument; }) definitions)).value;
    };

  # What JSON can say.
  json =
    let
      value = nullOr (oneOf [
        bool
        int
        float
        str
        path
        (attrsOf value)
        (listOf value)
      ])
      // {
        description = "JSON value";
      };
    in
    value;

  submodule =
    module:
    submoduleWith {
      modules = lists.toList module;
      shorthandOnlyDefinesConfig = true;
    };
  # Options of their own inside an option. Definitions are modules, by default written without `config`.
  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? "submodule",
      ...
    }:
    let
      evaluated =
        path: definitions:
        (import ./modules.nix).evalModules {
          inherit specialArgs;
          prefix = path;
          modules =
            [ { _module.args.name = lists.last path; } ]
            ++ modules
            ++ map (
              { file, value }:
              if builtins.isAttrs value && shorthandOnlyDefinesConfig then
                {
                  _file = file;
                  config = value;
                }
              else
                {
                  _file = file;
                  imports = [ value ];
                }
            ) definitions;
        };
    in
    mkOptionType {
      name = description;
      check = value: builtins.isAttrs value || builtins.isFunction value || builtins.isPath value;
      emptyValue.value = { };
      merge = path: definitions: (evaluated path definitions).config;
      verify = path: definitions: (evaluated path definitions).verified;
    };
  deferredModule = mkOptionType {
    name = "module";
    verify = _: _: true;
    merge = _: definitions: { imports = map ({ file, value }: { _file = file; imports = [ value ]; }) definitions; };
  };
}
