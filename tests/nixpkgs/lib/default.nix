# The library, as nixpkgs' `lib`: every function at the top, and some of them in their groups as well.
let
  trivial = import ./trivial.nix;
  lists = import ./lists.nix;
  attributes = import ./attributes.nix;
  strings = import ./strings.nix;
  generators = import ./generators.nix;
  properties = import ./properties.nix;
  types = import ./types.nix;
  options = import ./options.nix;
  modules = import ./modules.nix;
in
trivial
// lists
// attributes
// strings
// properties
// options
// {
  inherit
    trivial
    lists
    strings
    generators
    types
    ;
  inherit (modules) evalModules;
  attrsets = attributes;
  modules = properties // modules;
  options = options;
}
