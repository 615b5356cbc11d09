# The lock file with the addresses of its packages, which it leaves out: they are those of the public registry, and what
# comes from there is checked against the digests of the lock file.
lib: lock:
let
  # The last part of `node_modules/a/node_modules/@scope/b`, or the name that an alias stands for.
  nameOf = path: package: package.name or (lib.last (lib.splitString "node_modules/" path));
  addressOf =
    path: package:
    let
      name = nameOf path package;
    in
    "https://registry.npmjs.org/${name}/-/${baseNameOf name}-${package.version}.tgz";
  isFromRegistry = path: package: path != "" && !(package.link or false) && package ? integrity;
in
lock
// {
  packages = builtins.mapAttrs (
    path: package:
    if isFromRegistry path package then { resolved = addressOf path package; } // package else package
  ) lock.packages;
}
