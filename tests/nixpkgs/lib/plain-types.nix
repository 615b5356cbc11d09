# Types of values that have no parts.
let
  inherit (import ./attributes.nix) isDerivation;
  inherit (import ./definitions.nix) mergeEqual;
  inherit (import ./option-type.nix) mkOptionType;
  inherit (import ./strings.nix) isStringLike isStorePath hasPrefix;

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
in
rec {
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

  bool = plain "boolean" builtins.isBool;
  boolByOr = mkOptionType {
    name = "boolean (merged using or)";
    check = builtins.isBool;
    merge = _: builtins.any ({ value, ... }: value);
  };
  int = plain "signed integer" builtins.isInt;
  float = plain "floating point number" builtins.isFloat;
  number = plain "number" (value: builtins.isInt value || builtins.isFloat value);
  numbers.between =
    lowest: highest:
    between (value: builtins.isInt value || builtins.isFloat value)
      "integer or floating point number between ${toString lowest} and ${toString highest} (both inclusive)"
      lowest
      highest;
  ints = {
    between =
      lowest: highest:
      between builtins.isInt "integer between ${toString lowest} and ${toString highest} (both inclusive)"
        lowest
        highest;
    unsigned = plain "unsigned integer, meaning >=0" (value: builtins.isInt value && value >= 0);
    positive = plain "positive integer, meaning >0" (value: builtins.isInt value && value > 0);
    u8 = between builtins.isInt "8 bit unsigned integer; between 0 and 255 (both inclusive)" 0 255;
    u16 =
      between builtins.isInt "16 bit unsigned integer; between 0 and 65535 (both inclusive)" 0
        65535;
    u32 =
      between builtins.isInt "32 bit unsigned integer; between 0 and 4294967295 (both inclusive)" 0
        4294967295;
    s8 = between builtins.isInt "8 bit signed integer; between -128 and 127 (both inclusive)" (
      -128
    ) 127;
    s16 = between builtins.isInt "16 bit signed integer; between -32768 and 32767 (both inclusive)" (
      -32768
    ) 32767;
    s32 =
      between builtins.isInt "32 bit signed integer; between -2147483648 and 2147483647 (both inclusive)"
        (-2147483648)
        2147483647;
  };
  port = ints.u16;

  str = plain "string" builtins.isString;
  string = str;
  nonEmptyStr = plain "non-empty string" (
    value: builtins.isString value && builtins.match "[[:space:]]*" value == null
  );
  singleLineStr = mkOptionType {
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
      merge =
        _: definitions: builtins.concatStringsSep separator (map ({ value, ... }: value) definitions);
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
    plain "one of ${builtins.concatStringsSep ", " (map builtins.toJSON values)}" (
      value: builtins.elem value values
    );
}
