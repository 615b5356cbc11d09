# From the definitions of an option, `{ file, value }` each, to its value.
let
  inherit (import ./properties.nix) defaultOverridePriority defaultOrderPriority discharge;
  inherit (import ./options.nix) showOption showDefinitions;

  isA = kind: value: value._type or null == kind;

  # Only those of the highest priority, which is the lowest number, without that property.
  winning =
    definitions:
    let
      priorityOf =
        { value, ... }: if isA "override" value then value.priority else defaultOverridePriority;
      lowest = builtins.foldl' (
        found: definition: if priorityOf definition < found then priorityOf definition else found
      ) 9999 definitions;
      plain =
        definition:
        if isA "override" definition.value then
          definition // { value = definition.value.content; }
        else
          definition;
    in
    map plain (builtins.filter (definition: priorityOf definition == lowest) definitions);

  inOrder =
    definitions:
    let
      orderOf = { value, ... }: if isA "order" value then value.priority else defaultOrderPriority;
      plain =
        definition:
        if isA "order" definition.value then
          definition // { value = definition.value.content; }
        else
          definition;
    in
    if builtins.any ({ value, ... }: isA "order" value) definitions then
      map plain (builtins.sort (a: b: orderOf a < orderOf b) definitions)
    else
      definitions;
in
{
  mergeDefinitions =
    path: type: definitions:
    let
      values = inOrder (
        winning (
          builtins.concatMap (
            { file, value }: map (value: { inherit file value; }) (discharge value)
          ) definitions
        )
      );
      wrong = builtins.filter ({ value, ... }: !type.check value) values;
      checked =
        if wrong == [ ] then
          values
        else
          throw "A definition for option `${showOption path}' is not of type `${type.description}'. Definition values:${showDefinitions wrong}";
    in
    {
      isDefined = values != [ ];
      definitions = values;
      value =
        if values == [ ] then
          type.emptyValue.value
            or (throw "The option `${showOption path}' was accessed but has no value defined. Try setting the option.")
        else
          type.merge path checked;
      # Evaluates all of the value, so that no mistake in it goes unnoticed because nobody reads it.
      verified = values == [ ] || type.verify path checked;
    };

  # Several definitions may stand beside each other if they say the same.
  mergeEqual =
    path: definitions:
    let
      first = (builtins.head definitions).value;
    in
    if builtins.all ({ value, ... }: value == first) definitions then
      first
    else
      throw "The option `${showOption path}' has conflicting definition values:${showDefinitions definitions}\nUse `lib.mkForce value' or `lib.mkDefault value' to change the priority on any of these definitions.";

  mergeOne =
    path: definitions:
    if builtins.length definitions == 1 then
      (builtins.head definitions).value
    else
      throw "The option `${showOption path}' is defined multiple times while it's expected to be unique.\nDefinition values:${showDefinitions definitions}\nUse `lib.mkForce value' or `lib.mkDefault value' to change the priority on any of these definitions.";
}
