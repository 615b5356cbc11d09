# Types of options.
let
  plain = import ./plain-types.nix;
  composed = import ./composed-types.nix;
  inherit (composed)
    attrsOf
    listOf
    nullOr
    oneOf
    ;
in
import ./option-type.nix
// plain
// composed
// import ./submodules.nix
// {
  # What JSON can say.
  json =
    let
      value =
        nullOr (oneOf [
          plain.bool
          plain.int
          plain.float
          plain.str
          plain.path
          (attrsOf value)
          (listOf value)
        ])
        // {
          description = "JSON value";
        };
    in
    value;
}
