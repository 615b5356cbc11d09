# Functions on lists.
rec {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    groupBy
    head
    length
    map
    partition
    sort
    tail
    ;
  singleton = value: [ value ];
  toList = value: if builtins.isList value then value else [ value ];
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
  imap1 = f: imap0 (n: f (n + 1));
  forEach = list: f: map f list;
  last = list: elemAt list (length list - 1);
  init = list: take (length list - 1) list;
  take = count: list: genList (elemAt list) (if count < length list then count else length list);
  drop =
    count: list:
    let
      rest = length list - count;
    in
    if rest <= 0 then [ ] else genList (n: elemAt list (n + count)) rest;
  sublist =
    start: count: list:
    take count (drop start list);
  reverseList =
    list:
    let
      end = length list - 1;
    in
    genList (n: elemAt list (end - n)) (length list);
  foldr =
    f: initial: list:
    foldl' (result: item: f item result) initial (reverseList list);
  fold = foldr;
  flatten = value: if builtins.isList value then concatMap flatten value else [ value ];
  unique = foldl' (found: item: if elem item found then found else found ++ [ item ]) [ ];
  subtractLists = without: filter (item: !elem item without);
  intersectLists = these: filter (item: elem item these);
  remove = value: filter (item: item != value);
  count = predicate: list: length (filter predicate list);
  findFirst =
    predicate: default: list:
    let
      found = filter predicate list;
    in
    if found == [ ] then default else head found;
  zipListsWith =
    f: a: b:
    genList (n: f (elemAt a n) (elemAt b n)) (if length a < length b then length a else length b);
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  cartesianProduct =
    sets:
    foldl' (rows: name: concatMap (row: map (value: row // { ${name} = value; }) sets.${name}) rows) [
      { }
    ] (builtins.attrNames sets);
  sortOn = f: sort (a: b: f a < f b);
  allUnique = list: length (unique list) == length list;
  mutuallyExclusive = a: b: intersectLists a b == [ ];
}
