# What a module may wrap a definition in: conditions, priorities, orders, and several definitions in one.
let
  wrapped = _type: more: more // { inherit _type; };
in
rec {
  mkIf = condition: content: wrapped "if" { inherit condition content; };
  mkMerge = contents: wrapped "merge" { inherit contents; };

  # The definitions of the lowest number win.
  mkOverride = priority: content: wrapped "override" { inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  defaultOverridePriority = 100;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  # Lists and lines are joined from the lowest number to the highest.
  mkOrder = priority: content: wrapped "order" { inherit priority content; };
  mkBefore = mkOrder 500;
  defaultOrderPriority = 1000;
  mkAfter = mkOrder 1500;

  mkAssert =
    condition: message: content:
    if condition then content else throw "\nFailed assertion: ${message}";

  # The values that a definition has once its conditions are known.
  discharge =
    value:
    if !(value ? _type) then
      [ value ]
    else if value._type == "merge" then
      builtins.concatMap discharge value.contents
    else if value._type == "if" then
      if !builtins.isBool value.condition then
        throw "mkIf called with a non-Boolean condition"
      else if value.condition then
        discharge value.content
      else
        [ ]
    else
      [ value ];

  # The same, of a set that holds options: the properties are handed to its attributes.
  pushDown =
    value:
    if !(value ? _type) then
      [ value ]
    else if value._type == "merge" then
      builtins.concatMap pushDown value.contents
    else if value._type == "if" then
      map (builtins.mapAttrs (_: mkIf value.condition)) (pushDown value.content)
    else if value._type == "override" then
      map (builtins.mapAttrs (_: mkOverride value.priority)) (pushDown value.content)
    else if value._type == "order" then
      map (builtins.mapAttrs (_: mkOrder value.priority)) (pushDown value.content)
    else
      [ value ];
}
