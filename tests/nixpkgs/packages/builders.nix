# Derivations without nixpkgs: built by the shell and the tools of the machine, which is Debian.
{ lib, system }:
rec {
  runCommand =
    name: attributes: buildCommand:
    let
      passthru = attributes.passthru or { };
      meta = attributes.meta or { };
    in
    builtins.derivation (
      removeAttrs attributes [
        "passthru"
        "meta"
        "nativeBuildInputs"
        "buildInputs"
      ]
      // {
        inherit name system buildCommand;
        builder = "/bin/sh";
        args = [
          "-euc"
          ''exec bash -euo pipefail "$buildCommandPath"''
        ];
        PATH = lib.concatStringsSep ":" (
          lib.optional (attributes ? nativeBuildInputs) (lib.makeBinPath attributes.nativeBuildInputs)
          ++ [ "/usr/sbin:/usr/bin:/sbin:/bin" ]
        );
        passAsFile = attributes.passAsFile or [ ] ++ [ "buildCommand" ];
      }
    )
    // passthru
    // {
      inherit meta passthru;
      pname = lib.getName name;
      version = lib.getVersion name;
      overrideAttrs = change: runCommand name (attributes // change attributes) buildCommand;
    };

  # Sources, then the phases that are given.
  mkDerivation =
    {
      pname ? lib.getName name,
      version ? "",
      name ? "${pname}-${version}",
      src ? null,
      buildPhase ? "",
      installPhase ? "",
      ...
    }@attributes:
    runCommand name
      (removeAttrs attributes [
        "pname"
        "version"
        "name"
        "buildPhase"
        "installPhase"
      ])
      ''
        ${lib.optionalString (src != null) "cp -r --no-preserve=mode ${src} source; cd source"}
        ${buildPhase}
        ${installPhase}
      ''
    // {
      inherit pname version;
    };
}
