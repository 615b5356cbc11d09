# Functions on attribute sets.
rec {
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    hasAttr
    intersectAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    zipAttrsWith
    ;
  getAttr = builtins.getAttr;
  nameValuePair = name: value: { inherit name value; };
  optionalAttrs = condition: set: if condition then set else { };
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  mapAttrsToList = f: set: attrValues (mapAttrs f set);
  attrsToList = mapAttrsToList nameValuePair;
  concatMapAttrs = f: set: builtins.foldl' (result: part: result // part) { } (mapAttrsToList f set);
  mergeAttrsList = builtins.foldl' (result: part: result // part) { };
  filterAttrs =
    keep: set: removeAttrs set (builtins.filter (name: !keep name set.${name}) (attrNames set));
  filterAttrsRecursive =
    keep: set:
    mapAttrs (_: value: if builtins.isAttrs value then filterAttrsRecursive keep value else value) (
      filterAttrs keep set
    );
  genAttrs' = values: f: listToAttrs (map f values);
  zipAttrs = zipAttrsWith (_: values: values);
  isDerivation = value: value.type or null == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };

  attrByPath =
    path: default: value:
    if path == [ ] then
      value
    else if value ? ${builtins.head path} then
      attrByPath (builtins.tail path) default value.${builtins.head path}
    else
      default;
  hasAttrByPath =
    path: value:
    path == [ ]
    || (
      value ? ${builtins.head path} && hasAttrByPath (builtins.tail path) value.${builtins.head path}
    );
  getAttrFromPath =
    path: attrByPath path (throw "cannot find attribute `${builtins.concatStringsSep "." path}'");
  setAttrByPath =
    path: value:
    if path == [ ] then
      value
    else
      { ${builtins.head path} = setAttrByPath (builtins.tail path) value; };

  # The second set in the first, as deep as both are sets; `stop` ends it earlier.
  recursiveUpdateUntil =
    stop: left: right:
    let
      go =
        path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
            new = builtins.head values;
            old = builtins.elemAt values 1;
          in
          if builtins.length values == 1 || stop here old new then new else go here values
        );
    in
    go [ ] [ right left ];
  recursiveUpdate = recursiveUpdateUntil (
    _: old: new:
    !(builtins.isAttrs old && builtins.isAttrs new)
  );
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond =
    descend: f:
    let
      go =
        path:
        mapAttrs (
          name: value:
          if builtins.isAttrs value && descend value then
            go (path ++ [ name ]) value
          else
            f (path ++ [ name ]) value
        );
    in
    go [ ];
  collect =
    predicate: value:
    if predicate value then
      [ value ]
    else if builtins.isAttrs value then
      builtins.concatMap (collect predicate) (attrValues value)
    else
      [ ];
  foldlAttrs =
    f: initial: set:
    builtins.foldl' (result: name: f result name set.${name}) initial (attrNames set);

  getOutput = output: package: package.${output} or package.out or package;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
}
