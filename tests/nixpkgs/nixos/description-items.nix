# The description of a type as a tree: words, quoted strings, and what is in parentheses.
let
  lib = import ../lib;
  inherit (lib) hasPrefix;

  # Words that are no alternatives although they say "or".
  plainer =
    builtins.replaceStrings
      [ "newlines or colons" "integer or floating point number" "bool, or integer" "a(n) " ]
      [ "newlines and colons" "number" "bool and integer" "a " ];

  # { word } or { quoted } or { group = items }, of text up to a pattern, which may contain anything.
  itemsOf =
    description:
    let
      text = plainer description;
      withPattern = builtins.match "(.*)string matching the pattern (.*)" text;
      prefix = if withPattern == null then text else builtins.head withPattern;
      tokens = builtins.concatMap (
        token: if builtins.isList token then [ (builtins.head token) ] else [ token ]
      ) (builtins.split "(\"([^\"\\\\]|\\\\.)*\"|[()])" prefix);
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
          [ (open ++ [ (if hasPrefix "\"" token then { quoted = token; } else { word = token; }) ]) ]
          ++ outer;
      close =
        stack:
        let
          outer = builtins.tail stack;
        in
        [ (builtins.head outer ++ [ { group = builtins.head stack; } ]) ] ++ builtins.tail outer;
      closeAll =
        stack: if builtins.length stack == 1 then builtins.head stack else closeAll (close stack);
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
    item.word or item.quoted or (
      if item ? group then
        "(${lib.concatMapStrings textOf item.group})"
      else
        "string matching the pattern ${item.pattern}"
    );

  # The items between the words "or".
  alternativesOf =
    items:
    let
      parts =
        item:
        if !(item ? word) then
          [ item ]
        else
          lib.intersperse "or" (
            map (word: { inherit word; }) (
              builtins.filter builtins.isString (builtins.split ",? or " item.word)
            )
          );
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
          {
            word = if n == builtins.length items then lib.removeSuffix " " left else left;
          };
    in
    builtins.filter (item: item != { word = ""; }) (lib.imap1 edge items);
in
{
  inherit
    alternativesOf
    itemsOf
    textOf
    trimmed
    ;
}
