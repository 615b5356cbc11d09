import { apply, type Expression, interpolation, reference, string } from "../language/expression.ts";

/**
 * Returns `value` if the package of that name in nixpkgs has the version that the node asks for. Otherwise the
 * evaluation fails with a message that says so, before any host is touched.
 */
export const versionChecked = (node: string, version: string, name: string, value: Expression): Expression => {
  const actual = reference("pkgs", name, "version");
  return apply(
    reference("lib", "throwIfNot"),
    apply(reference("lib", "hasPrefix"), string(`${version}.`), interpolation(actual, ".")),
    interpolation(`node ${node}: version ${version} is asked for, but nixpkgs has `, actual, "; change one of them"),
    value,
  );
};

/** Returns a package whose name in nixpkgs includes the version. If there is no such package, the evaluation fails. */
export const packageOfVersion = (node: string, version: string, name: string): Expression =>
  apply(
    reference("lib", "throwIfNot"),
    apply(reference("builtins", "hasAttr"), string(name), reference("pkgs")),
    string(`node ${node}: version ${version} is asked for, but nixpkgs has no ${name}; change the version`),
    versionChecked(node, version, name, reference("pkgs", name)),
  );
