# The types that are one noun in a description.
let
  inherit (import ../lib) hasPrefix types;
  inherit (types)
    addCheck
    attrsOf
    either
    listOf
    nullOr
    oneOf
    str
    ;

  atom = nullOr (oneOf [
    types.bool
    types.int
    types.float
    str
  ]);
  atoms = "(null, bool, int, float or string)";
  text = check: addCheck str (value: builtins.match check value != null);

  # Lists are joined, all else must be equal or alone.
  systemdOption = types.mkOptionType {
    name = "systemd option";
    check =
      value:
      builtins.isList value
      || value == null
      || builtins.isString value
      || builtins.isInt value
      || builtins.isFloat value
      || builtins.isBool value
      || types.path.check value;
    merge =
      path: definitions:
      if builtins.any ({ value, ... }: builtins.isList value) definitions then
        builtins.concatMap ({ value, ... }: if builtins.isList value then value else [ value ]) definitions
      else
        types.str.merge path definitions;
  };

  nouns = {
    "boolean" = types.bool;
    "signed integer" = types.int;
    "integer of at least 16 bits" = types.int;
    "unsigned integer, meaning >=0" = types.ints.unsigned;
    "positive integer, meaning >0" = types.ints.positive;
    "floating point number" = types.float;
    "number" = types.number;
    "nonnegative number, meaning >=0" = addCheck types.number (value: value >= 0);
    "positive number, meaning >0" = addCheck types.number (value: value > 0);

    "string" = str;
    "non-empty string" = types.nonEmptyStr;
    "string (with check: non-empty)" = types.nonEmptyStr;
    "string (with check: non-empty without trailing slash)" = addCheck (text "(.|\n)*[^/]|/") (value: builtins.match "[[:space:]]*" value == null);
    "single-line string" = text "[^\n\r]*";
    "(optionally newline-terminated) single-line string" = types.singleLineStr;
    "string, not containing newlines and colons" = text "[^\n:]*";
    "string without spaces" = text "[^[:space:]]*";
    "string, with spaces inside double quotes" = text "([^ \"]|(\"[^\"]*\"))+";
    "printable string without spaces, # and /" = text "[^[:space:]#/]*";
    "Go duration (https://golang.org/pkg/time/#ParseDuration)" =
      text "-?([0-9]+([.][0-9]+)?(h|m|s|ms|us|ns))+|0";
    "file mode string" = text "[0-7]{3,4}";
    "absolute path" = types.path;
    "absolute path, not containing newlines and colons" = addCheck types.path (
      value: builtins.match "[^\n:]*" "${value}" != null
    );
    "path in the Nix store" = types.pathInStore;
    "package" = types.package;

    "attribute set" = types.attrs;
    "anything" = types.anything;
    "unspecified value" = types.unspecified;
    "raw value" = types.raw;
    "lambda" = addCheck types.raw builtins.isFunction;
    "nixpkgs overlay" = addCheck types.raw builtins.isFunction;
    "nixpkgs config" = types.anything;

    "JSON value" = types.json;
    "Json value" = types.json;
    "YAML value" = types.json;
    "TOML value" = types.json;
    "HOCON value" = types.json;
    "section of an INI file (attrs of INI atom ${atoms})" = attrsOf atom;
    "section of an INI file (attrs of INI atom ${atoms} or a list of them for duplicate keys)" =
      attrsOf (either atom (listOf atom));
    "section of an INI file (attrs of INI atom ${atoms} or a non-empty list of them)" = attrsOf (
      either atom (listOf atom)
    );
    "INI atom ${atoms}" = atom;
    "atom ${atoms}" = atom;
    "atom ${atoms} or a list of them for duplicate keys" = either atom (listOf atom);
    "a list of them for duplicate keys" = listOf atom;
    "a non-empty list of them" = listOf atom;
    "Nix config atom (null, bool, int, float, str, path or package)" = either atom types.package;

    "systemd option" = systemdOption;
    "sysctl option value" = nullOr (oneOf [
      types.bool
      types.int
      str
    ]);
  };

  nounOf =
    text:
    let
      number = "-?[0-9]+([.][0-9]+)?";
      range = builtins.match "(.*)between (${number}) and (${number}) \\(both inclusive\\)" text;
      kinds = builtins.filter ({ prefix, ... }: hasPrefix prefix (builtins.head range)) [
        {
          prefix = "number";
          type = types.number;
        }
        {
          prefix = "floating point number";
          type = types.float;
        }
        {
          prefix = "integer";
          type = types.int;
        }
        {
          prefix = "16 bit unsigned integer;";
          type = types.int;
        }
        {
          prefix = "8 bit unsigned integer;";
          type = types.int;
        }
      ];
      lowest = builtins.fromJSON (builtins.elemAt range 1);
      highest = builtins.fromJSON (builtins.elemAt range 3);
    in
    if nouns ? ${text} then
      nouns.${text} // { description = text; }
    else if range != null && kinds != [ ] then
      types.addCheck (builtins.head kinds).type (value: lowest <= value && value <= highest)
      // {
        description = text;
      }
    else
      unknown text;

  # Nobody can say whether a value is of it, so that setting such an option is an error.
  unknown =
    text:
    types.mkOptionType {
      name = text;
      check =
        _:
        throw "tests/nixpkgs knows no type that is described as \"${text}\"; add it to nixos/type-nouns.nix";
    };
in
{
  inherit nounOf;
  isNoun = text: nouns ? ${text};
}
