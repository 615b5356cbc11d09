# Functions about nothing in particular.
rec {
  id = value: value;
  const = value: _: value;
  flip =
    f: a: b:
    f b a;
  pipe = builtins.foldl' (value: f: f value);
  fix =
    f:
    let
      x = f x;
    in
    x;
  isFunction =
    value: builtins.isFunction value || (value ? __functor && isFunction (value.__functor value));
  functionArgs = value: value.__functionArgs or (builtins.functionArgs value);
  toFunction = value: if isFunction value then value else _: value;
  mapNullable = f: value: if value == null then null else f value;
  defaultTo = default: value: if value == null then default else value;
  boolToString = value: if value then "true" else "false";
  boolToYesNo = value: if value then "yes" else "no";
  max = a: b: if a > b then a else b;
  min = a: b: if a < b then a else b;
  inherit (builtins)
    add
    bitAnd
    ceil
    compareVersions
    deepSeq
    floor
    fromJSON
    fromTOML
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isPath
    isString
    lessThan
    pathExists
    readFile
    seq
    sub
    toJSON
    trace
    typeOf
    ;

  throwIf = condition: message: if condition then throw message else value: value;
  throwIfNot = condition: throwIf (!condition);
  assertMsg = condition: message: if condition then true else throw message;
  assertOneOf =
    name: value: values:
    assertMsg (builtins.elem value values) "${name} must be one of ${builtins.toJSON values}, but is: ${builtins.toJSON value}";
  warn = message: builtins.trace "warning: ${message}";
  warnIf = condition: message: if condition then warn message else value: value;
  warnIfNot = condition: warnIf (!condition);

  importJSON = file: builtins.fromJSON (builtins.readFile file);
  importTOML = file: builtins.fromTOML (builtins.readFile file);

  # The release that this stands for.
  version = "${release}.stand-in";
  release = "26.05";
}
