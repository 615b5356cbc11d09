# From the description of a type, as NixOS' manual gives it ("null or list of string"), to the type.
#
# A description is alternatives joined by "or", each a composite ("list of …", "attribute set of …") or a noun; what is
# composed again is in parentheses. `place` is where the option is, and the tree of what it has below it: `<name>` for each
# attribute, `*` for each element, else options of a submodule or of a free form.
{
  # By the path of an option: its default.
  defaults ? { },
  # By the path of a submodule: modules that belong to it.
  extensions ? { },
}:
let
  lib = import ../lib;
  inherit (lib) hasPrefix removePrefix types;

  inherit (import ./type-nouns.nix) isNoun nounOf;
  inherit (import ./description-items.nix)
    alternativesOf
    itemsOf
    textOf
    trimmed
    ;

  parse =
    place: items:
    let
      all = alternativesOf items;
      others = builtins.filter (alternative: alternative != [ { word = "null"; } ]) all;
      isCoerced =
        alternative:
        lib.last alternative ? word && lib.hasSuffix "convertible to it" (lib.last alternative).word;
      final = builtins.filter (alternative: !isCoerced alternative) others;
      coerced = map withoutEnd (builtins.filter isCoerced others);
      type =
        if coerced != [ ] then
          converted (map (operand place) final) (map (operand place) coerced)
        else if builtins.length final == 1 then
          operand place (builtins.head final)
        else
          types.oneOf (map (operand place) final);
    in
    if builtins.length others < builtins.length all then types.nullOr type else type;

  withoutEnd =
    alternative:
    trimmed (
      lib.init alternative
      ++ [ { word = lib.removeSuffix "convertible to it" (lib.last alternative).word; } ]
    );

  # How a value is converted is not in a description, but where it is obvious: to the one element of a list.
  converted =
    final: coerced:
    let
      type = types.oneOf (final ++ coerced);
      isList = lib.hasPrefix "list of" (builtins.head final).description;
    in
    if builtins.length final == 1 && isList then
      builtins.foldl' (to: from: types.coercedTo from lib.singleton to) (builtins.head final) (
        builtins.filter (
          from: !(lib.hasPrefix "list of" from.description || lib.hasPrefix "attribute set" from.description)
        ) coerced
      )
    else
      type;

  operand =
    place: items:
    let
      first = builtins.head items;
      start = first.word or "";
      after = prefix: trimmed ([ { word = removePrefix prefix start; } ] ++ builtins.tail items);
      text = lib.concatMapStrings textOf items;
      below = name: {
        path = "${place.path}.${name}";
        tree = place.tree.${name} or { };
      };
      attributes = withNamed place;
    in
    if builtins.length items == 1 && first ? group then
      parse place first.group
    else if first ? pattern then
      types.strMatching first.pattern
    else if hasPrefix "list of " start then
      types.listOf (operand (below "*") (after "list of "))
    else if hasPrefix "non-empty " start && !isNoun text then
      types.addCheck (operand place (after "non-empty ")) (list: list != [ ])
    else if hasPrefix "attribute set of " start then
      attributes (types.attrsOf (operand (below "<name>") (after "attribute set of ")))
    else if hasPrefix "lazy attribute set of " start then
      attributes (types.lazyAttrsOf (operand (below "<name>") (after "lazy attribute set of ")))
    else if hasPrefix "function that evaluates to a " start then
      types.functionTo (operand place (after "function that evaluates to a "))
    else if hasPrefix "one of " start then
      types.enum (valuesOf (after "one of "))
    else if hasPrefix "value " start then
      types.enum [ (builtins.fromJSON (builtins.elemAt items 1).quoted) ]
    else if hasPrefix "strings concatenated with " start then
      types.separatedString (builtins.fromJSON (builtins.elemAt items 1).quoted)
    else if text == "submodule" then
      types.submodule (
        [
          {
            _file = "options.json";
            options = optionsOf place.path place.tree;
          }
        ]
        ++ extensions.${place.path} or [ ]
      )
    else
      attributes (nounOf text);

  # A set of which some attributes are options.
  withNamed =
    { path, tree }:
    type:
    let
      named = removeAttrs tree [
        "<name>"
        "*"
      ];
    in
    if named == { } then type else lib.modules.withOptions type (optionsOf path named);

  # `"a", "b"` and `1, 2, <null>`
  valuesOf =
    items:
    builtins.concatMap (
      item:
      if item ? quoted then
        [ (builtins.fromJSON item.quoted) ]
      else
        map (word: if word == "<null>" then null else builtins.fromJSON word) (
          builtins.filter (word: builtins.isString word && word != "") (
            builtins.split ", *" (item.word or (textOf item))
          )
        )
    ) items;

  typeOf = place: description: parse place (itemsOf description) // { inherit description; };

  # A tree of descriptions as options: `""` holds the description of what has options below it.
  optionsOf =
    path:
    builtins.mapAttrs (
      name: node:
      let
        here = if path == "" then name else "${path}.${name}";
        option =
          description: tree:
          lib.mkOption (
            {
              type = typeOf {
                inherit tree;
                path = here;
              } description;
            }
            // defaultOf here description
          );
      in
      if builtins.isString node then
        option node { }
      else if node ? "" then
        option node."" (removeAttrs node [ "" ])
      else
        optionsOf here node
    );

  # The list of options has no defaults; these hold almost everywhere.
  defaultOf =
    path: description:
    if defaults ? ${path} then
      { default = defaults.${path}; }
    else if description == "boolean" && lib.hasSuffix "enable" path then
      { default = false; }
    else if hasPrefix "strings concatenated with" description then
      { default = ""; }
    else
      { };
in
{
  inherit typeOf optionsOf;
}
