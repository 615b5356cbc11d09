# The backend and the command line as a package: `nix build`.
{
  lib,
  buildNpmPackage,
  importNpmLock,
  makeWrapper,
  nodejs_24,
  nats-server,
}:
let
  root = ../.;
in
buildNpmPackage {
  pname = "cim-leaf";
  version = (lib.importJSON (root + "/package.json")).version;
  src = lib.cleanSource root;
  nodejs = nodejs_24;
  # From the lock file's own digests: no hash of all dependencies to keep up to date.
  npmDeps = importNpmLock {
    npmRoot = root;
    packageLock = import ./package-lock.nix lib (lib.importJSON (root + "/package-lock.json"));
  };
  npmConfigHook = importNpmLock.npmConfigHook;
  # The page of the console. What it is built with is left out of the package again.
  npmBuildScript = "build:console";
  env.CIM_NODE = "${nodejs_24}/bin/node";
  nativeBuildInputs = [ makeWrapper ];
  # TypeScript is run as it is; node and nats-server are the system's own.
  postFixup = ''
    wrapProgram $out/bin/cim \
      --set CIM_NODE ${nodejs_24}/bin/node \
      --set-default NATS_SERVER ${nats-server}/bin/nats-server
  '';
  meta = {
    description = "Event-sourced control plane for NixOS leaves on NATS JetStream";
    license = lib.licenses.mit;
    mainProgram = "cim";
  };
}
