# Definitions that no option takes, where a type takes them instead.
let
  inherit (import ./attributes.nix) recursiveUpdate setAttrByPath;
  inherit (import ./levels.nix) evaluateLevel definedValuesOf;
  inherit (import ./lists.nix) drop;

  # As definitions of the type, from paths below `prefix`.
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
in
{
  inherit freeformValue freeformVerified;

  # A type of which some attributes are options with types of their own.
  withOptions =
    type: options:
    let
      levelOf =
        path:
        evaluateLevel path [
          {
            file = "options.json";
            inherit options;
          }
        ];
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
}
