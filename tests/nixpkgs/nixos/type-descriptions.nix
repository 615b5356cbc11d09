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

  nouns = import ./type-nouns.nix;

  # Words that are no alternatives although they say "or".
  plainer =
    builtins.replaceStrings
      [ "newlines or colons" "integer or floating point number" "bool, or integer" "a(n) " ]
      [ "newlines and colons" "number" "bool and integer" "a " ];

  # { word } or { quoted } or { group = items }, of text up to a pattern, which may contain anything.
  itemsOf =
    text:
    let
      withPattern = builtins.match "(.*)string matching the pattern (.*)" text;
      prefix = if withPattern == null then text else builtins.head withPattern;
      tokens = builtins.concatMap (token: if builtins.isList token then [ (builtins.head token) ] else [ token ]) (
        builtins.split "(\"([^\"\\\\]|\\\\.)*\"|[()])" prefix
      );
      read =
        stack: token:
        let
          open = builtins.head stack;
          outer = builtins.tail stack;
        in
        if token == "" then
          stack
        else if token == "(" then
          [ [ ] ] ++ stack
        else if token == ")" then
          close stack
        else
          [ (open ++ [ (if hasPrefix "\"" token then { quoted = token; } else { word = token; }) ]) ] ++ outer;
      close =
        stack:
        let
          outer = builtins.tail stack;
        in
        [ (builtins.head outer ++ [ { group = builtins.head stack; } ]) ] ++ builtins.tail outer;
      closeAll = stack: if builtins.length stack == 1 then builtins.head stack else closeAll (close stack);
      stack = builtins.foldl' read [ [ ] ] tokens;
      depth = builtins.length stack - 1;
      rest = builtins.elemAt withPattern 1;
      pattern = builtins.substring 0 (builtins.stringLength rest - depth) rest;
    in
    closeAll (
      if withPattern == null then
        stack
      else
        [ (builtins.head stack ++ [ { inherit pattern; } ]) ] ++ builtins.tail stack
    );

  textOf =
    item:
    item.word or item.quoted
      or (if item ? group then "(${lib.concatMapStrings textOf item.group})" else "string matching the pattern ${item.pattern}");

  # The items between the words "or".
  alternativesOf =
    items:
    let
      parts =
        item:
        if !(item ? word) then
          [ item ]
        else
          lib.intersperse "or" (map (word: { inherit word; }) (builtins.filter builtins.isString (builtins.split ",? or " item.word)));
      read =
        found: part:
        if part == "or" then found ++ [ [ ] ] else lib.init found ++ [ (lib.last found ++ [ part ]) ];
    in
    map trimmed (builtins.foldl' read [ [ ] ] (builtins.concatMap parts items));

  trimmed =
    items:
    let
      edge =
        n: item:
        if !(item ? word) then
          item
        else
          let
            left = if n == 1 then lib.removePrefix " " item.word else item.word;
          in
          { word = if n == builtins.length items then lib.removeSuffix " " left else left; };
    in
    builtins.filter (item: item != { word = ""; }) (lib.imap1 edge items);

  parse =
    place: items:
    let
      all = alternativesOf items;
      others = builtins.filter (alternative: alternative != [ { word = "null"; } ]) all;
      isCoerced = alternative: lib.last alternative ? word && lib.hasSuffix "convertible to it" (lib.last alternative).word;
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
    trimmed (lib.init alternative ++ [ { word = lib.removeSuffix "convertible to it" (lib.last alternative).word; } ]);

  # How a value is converted is not in a description, but where it is obvious: to the one element of a list.
  converted =
    final: coerced:
    let
      type = types.oneOf (final ++ coerced);
      isList = lib.hasPrefix "list of" (builtins.head final).description;
    in
    if builtins.length final == 1 && isList then
      builtins.foldl' (to: from: types.coercedTo from lib.singleton to) (builtins.head final) (
        builtins.filter (from: !(lib.hasPrefix "list of" from.description || lib.hasPrefix "attribute set" from.description)) coerced
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
    else if hasPrefix "non-empty " start && !(nouns ? ${text}) then
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
      types.submodule ([ { _file = "options.json"; options = optionsOf place.path place.tree; } ] ++ extensions.${place.path} or [ ])
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
          builtins.filter (word: builtins.isString word && word != "") (builtins.split ", *" (item.word or (textOf item)))
        )
    ) items;

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
      types.addCheck (builtins.head kinds).type (value: lowest <= value && value <= highest) // { description = text; }
    else
      unknown text;

  # Nobody can say whether a value is of it, so that setting such an option is an error.
  unknown =
    text:
    types.mkOptionType {
      name = text;
      check = _: throw "tests/nixpkgs knows no type that is described as \"${text}\"; add it to nixos/type-nouns.nix";
    };

  typeOf =
    place: description:
    parse place (itemsOf (plainer description)) // { inherit description; };

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
