# Packages by name, from `programs.json`: their programs are links to those of the machine, which need not be there.
#
# An entry has the `version`, the programs in `bin` (all in one folder of Debian, `/usr/bin` unless `folder` says otherwise),
# `main` if it is not the only one, and `unfree` with the name of the licence where nixpkgs refuses it unless it is allowed.
{
  lib,
  builders,
  config,
}:
let
  entries = lib.importJSON ./programs.json;

  isAllowed =
    package: config.allowUnfree or false || lib.elem (lib.getName package) (config.allowUnfreePackages or [ ]) || (config.allowUnfreePredicate or (_: false)) package;

  package =
    name:
    {
      version,
      bin ? [ ],
      folder ? "/usr/bin",
      main ? null,
      pname ? name,
      unfree ? null,
      passthru ? { },
    }:
    let
      mainProgram =
        if main != null then
          { mainProgram = main; }
        else
          lib.optionalAttrs (builtins.length bin == 1) { mainProgram = builtins.head bin; };
      built =
        builders.runCommand "${pname}-${version}"
          {
            passthru = passthru // {
              override = _: built;
            };
            meta = mainProgram // {
              license = lib.optionalAttrs (unfree != null) {
                free = false;
                shortName = unfree;
              };
            };
          }
          ''
            mkdir -p $out/bin
            for program in ${lib.escapeShellArgs bin}; do
              ln -s ${folder}/$program $out/bin/$program
            done
          ''
        // {
          inherit pname version;
        };
    in
    if unfree == null || isAllowed built then
      built
    else
      throw "Package ‘${pname}-${version}’ has an unfree license (‘${unfree}’), refusing to evaluate. Allow it with nixpkgs.config.allowUnfreePredicate.";

  packages = builtins.mapAttrs package (removeAttrs entries [ "sets" ]);
in
packages // builtins.mapAttrs (_: builtins.mapAttrs package) entries.sets
