import { apply, type Expression, interpolation, reference, string } from "../language/expression.ts";

/**
 * `value`, unless the package of that name in nixpkgs is not of the version that the node asks for: then the evaluation
 * fails and says so, before any host is touched.
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

/** The package of that name in nixpkgs, which has one for each of some versions; the evaluation fails without it. */
export const packageOfVersion = (node: string, version: string, name: string): Expression =>
  apply(
    reference("lib", "throwIfNot"),
    apply(reference("builtins", "hasAttr"), string(name), reference("pkgs")),
    string(`node ${node}: version ${version} is asked for, but nixpkgs has no ${name}; change the version`),
    versionChecked(node, version, name, reference("pkgs", name)),
  );
