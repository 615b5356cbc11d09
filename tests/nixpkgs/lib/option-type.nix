# What a type of options is: what a definition may be (`check`), how several of them become one value (`merge`), and whether all
# of that value, which is lazy, is what it should be (`verify`: true, or an error).
let
  inherit (import ./definitions.nix) mergeOne;
in
{
  mkOptionType =
    {
      name,
      description ? name,
      check ? (_: true),
      merge ? mergeOne,
      emptyValue ? { },
      verify ? (path: definitions: builtins.seq (merge path definitions) true),
      ...
    }@type:
    type
    // {
      _type = "option-type";
      inherit
        description
        check
        merge
        emptyValue
        verify
        ;
    };
}
