# Text of data, in the formats of configuration files.
let
  inherit (import ./attributes.nix) mapAttrsToList isDerivation;
  inherit (import ./strings.nix) concatLines concatMapStrings escape;
  inherit (import ./trivial.nix) boolToString;
in
rec {
  toJSON = _: builtins.toJSON;
  # Every JSON document is a YAML document as well.
  toYAML = _: builtins.toJSON;

  mkValueStringDefault =
    _: value:
    if builtins.isBool value then
      boolToString value
    else if value == null then
      "null"
    else if builtins.isFloat value then
      builtins.toJSON value
    else if builtins.isList value || (builtins.isAttrs value && !isDerivation value) then
      throw "generators.mkValueStringDefault: lists and sets have no one text: ${builtins.toJSON value}"
    else
      toString value;
  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    separator: key: value:
    "${escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    set:
    let
      line = key: value: "${indent}${mkKeyValue key value}";
      lines =
        key: value:
        map (line key) (if listsAsDuplicateKeys && builtins.isList value then value else [ value ]);
    in
    concatLines (builtins.concatLists (mapAttrsToList lines set));

  toINI =
    {
      mkSectionName ? (name: escape [ "[" "]" ] name),
      ...
    }@arguments:
    sections:
    builtins.concatStringsSep "\n" (
      mapAttrsToList (
        name: section:
        "[${mkSectionName name}]\n" + toKeyValue (removeAttrs arguments [ "mkSectionName" ]) section
      ) sections
    );
  toINIWithGlobalSection =
    arguments:
    {
      globalSection,
      sections ? { },
    }:
    (
      if globalSection == { } then
        ""
      else
        toKeyValue (removeAttrs arguments [ "mkSectionName" ]) globalSection + "\n"
    )
    + toINI arguments sections;

  toPretty = _: describe;

  # A value as it may stand in a message: whole, but without what cannot be written or never ends.
  describe =
    value:
    if builtins.isFunction value then
      "<function>"
    else if isDerivation value then
      "<derivation ${value.name or "?"}>"
    else if builtins.isList value then
      "[ ${concatMapStrings (item: "${describe item} ") value}]"
    else if builtins.isAttrs value then
      "{ ${
        concatMapStrings (text: "${text} ") (
          mapAttrsToList (name: item: "${name} = ${describe item};") value
        )
      }}"
    else if builtins.isPath value then
      toString value
    else
      builtins.toJSON value;
}
