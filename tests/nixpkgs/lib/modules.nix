# The module system: modules in, the values of all options out.
let
  inherit (import ./attributes.nix) recursiveUpdate;
  inherit (import ./freeform.nix) freeformValue freeformVerified withOptions;
  inherit (import ./levels.nix) evaluateLevel optionsOf valuesOf;
  inherit (import ./lists.nix) reverseList;
  inherit (import ./loading.nix) load;
  inherit (import ./options.nix) mkOption showDefinitions showOption;
  types = import ./types.nix;

  unknownOption =
    { path, definitions }:
    throw "The option `${showOption path}' does not exist. Definition values:${showDefinitions definitions}";
in
rec {
  inherit withOptions;

  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
      ...
    }@call:
    let
      internal = {
        _file = "lib/modules.nix";
        options._module = {
          args = mkOption { type = types.lazyAttrsOf types.raw; };
          check = mkOption {
            type = types.bool;
            default = true;
          };
          freeformType = mkOption {
            type = types.nullOr types.raw;
            default = builtins.foldl' (
              found: module: if found == null then module.freeformType else found
            ) null loaded;
          };
        };
      };
      loaded = load (
        {
          lib = import ./.;
          inherit config;
          options = optionsOf level.nodes;
          inherit specialArgs verified;
        }
        // specialArgs
      ) ([ internal ] ++ modules);
      backwards = reverseList loaded;
      level = evaluateLevel prefix (map ({ file, options, ... }: { inherit file options; }) backwards) (
        builtins.concatMap ({ file, config, ... }: map (value: { inherit file value; }) config) backwards
      );
      inherit (level) unmatched;
      values = valuesOf level.nodes;
      freeform = values._module.freeformType;
      config =
        if freeform == null then
          values
        else
          recursiveUpdate (freeformValue freeform prefix unmatched) values;
      checked =
        if freeform == null && unmatched != [ ] && values._module.check then
          unknownOption (builtins.head unmatched)
        else
          config;
      # Whether all that modules define is right: true, or an error.
      verified = builtins.seq checked (
        level.verified && (freeform == null || freeformVerified freeform prefix unmatched)
      );
    in
    {
      inherit verified;
      config = removeAttrs checked [ "_module" ];
      options = optionsOf level.nodes;
      inherit (values) _module;
      extendModules =
        {
          modules ? [ ],
          specialArgs ? { },
          ...
        }:
        evalModules (
          call
          // {
            modules = call.modules ++ modules;
            specialArgs = call.specialArgs or { } // specialArgs;
          }
        );
    };
}
