# The options of NixOS, from `options.json`, corrected by `newer-options.json`.
{ lib, pkgs, ... }:
let
  listed = lib.importJSON ../../options.json;
  newer = lib.importJSON ../../newer-options.json;

  words = lib.splitString ".";

  without =
    tree: path:
    let
      first = lib.head path;
      below = without tree.${first} (lib.tail path);
    in
    if lib.length path == 1 || !lib.isAttrs (tree.${first} or null) then
      removeAttrs tree [ first ]
    else
      tree // { ${first} = below; };

  # A description at a path; options that are there already keep it as their own.
  with' =
    tree: path: description:
    let
      first = lib.head path;
      there = tree.${first} or { };
      below = if lib.isAttrs there then there else { "" = there; };
    in
    tree
    // {
      ${first} =
        if lib.length path > 1 then
          with' below (lib.tail path) description
        else if lib.isAttrs there && there != { } then
          there // { "" = description; }
        else
          description;
    };

  current = lib.foldlAttrs (tree: name: with' tree (words name)) (lib.foldl' without listed (
    # What is in `system.build` has to stay unread until it is asked for.
    map words (
      newer.removed
      ++ [
        "system.build.toplevel"
        "system.build.separateActivationScript"
      ]
    )
  )) newer.added;
in
{
  _file = "options.json";
  options =
    (import ../type-descriptions.nix {
      extensions = import ../extensions.nix { inherit lib pkgs; };
      defaults = import ../defaults.nix { inherit pkgs; };
    }).optionsOf
      ""
      current;
}
