# Formats of configuration files: the type of their data, and how a file of it is made.
{ lib, pkgs }:
let
  atom =
    with lib.types;
    nullOr (oneOf [
      bool
      int
      float
      str
    ]);
  section =
    value:
    lib.types.attrsOf value
    // {
      description = "section of an INI file (attrs of INI atom (null, bool, int, float or string))";
    };
  atoms =
    {
      listsAsDuplicateKeys ? false,
      ...
    }:
    if listsAsDuplicateKeys then lib.types.either atom (lib.types.listOf atom) else atom;

  # TOML with its tables written inline.
  tomlKey = name: if lib.match "[A-Za-z0-9_-]+" name == null then builtins.toJSON name else name;
  toml =
    value:
    if lib.isAttrs value && !lib.isDerivation value then
      "{ ${
        lib.concatStringsSep ", " (lib.mapAttrsToList (name: item: "${tomlKey name} = ${toml item}") value)
      } }"
    else if lib.isList value then
      "[ ${lib.concatMapStringsSep ", " toml value} ]"
    else
      builtins.toJSON value;
in
{
  json = _: {
    type = lib.types.json;
    generate = name: value: pkgs.writeText name (builtins.toJSON value);
  };
  # Every JSON document is a YAML document as well.
  yaml = _: {
    type = lib.types.json // {
      description = "YAML value";
    };
    generate = name: value: pkgs.writeText name (builtins.toJSON value);
  };
  ini = arguments: {
    type = lib.types.attrsOf (section (atoms arguments));
    generate = name: value: pkgs.writeText name (lib.generators.toINI arguments value);
  };
  keyValue = arguments: {
    type = lib.types.attrsOf (atoms arguments);
    generate = name: value: pkgs.writeText name (lib.generators.toKeyValue arguments value);
  };
  toml = _: {
    type = lib.types.json // {
      description = "TOML value";
    };
    generate =
      name: value:
      pkgs.writeText name (
        lib.concatStrings (
          lib.mapAttrsToList (
            key: item: lib.optionalString (item != null) "${tomlKey key} = ${toml item}\n"
          ) value
        )
      );
  };
}
