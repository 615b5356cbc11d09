import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { describeWithNix, evaluate } from "./nix.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

const lib = `{
  last = list: builtins.elemAt list (builtins.length list - 1);
  splitString = separator: text: builtins.filter builtins.isString (builtins.split separator text);
}`;

type Packages = Readonly<Record<string, { readonly optional?: boolean; readonly resolved?: string }>>;

/** The packages of a lock file as the package of Nix gets them. */
const packagesOf = (lock: string): Packages =>
  evaluate(`((${read("nix/package-lock.nix")}) ${lib} (builtins.fromJSON ''${lock}'')).packages`) as Packages;

describeWithNix("the lock file for Nix", () => {
  test("has the address of each package, by its name and version", () => {
    const lock = {
      packages: {
        "": { name: "us", version: "1.0.0" },
        "node_modules/a": { version: "1.2.3", integrity: "sha512-x" },
        "node_modules/a/node_modules/@s/b": { version: "2.0.0", integrity: "sha512-y", dev: true },
        "node_modules/alias": { name: "@s/real", version: "3.0.0", integrity: "sha512-z" },
        "node_modules/linked": { link: true },
      },
    };
    expect(Object.entries(packagesOf(JSON.stringify(lock))).map(([path, { resolved }]) => [path, resolved])).toEqual([
      ["", undefined],
      ["node_modules/a", "https://registry.npmjs.org/a/-/a-1.2.3.tgz"],
      ["node_modules/a/node_modules/@s/b", "https://registry.npmjs.org/@s/b/-/b-2.0.0.tgz"],
      ["node_modules/alias", "https://registry.npmjs.org/@s/real/-/real-3.0.0.tgz"],
      ["node_modules/linked", undefined],
    ]);
  });

  // Some that are for other platforms only are in the lock file without a digest.
  test("leaves no package that we need without one", () => {
    const packages = Object.entries(packagesOf(read("package-lock.json")));
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([path, { resolved, optional }]) => path !== "" && !optional && !resolved)).toEqual([]);
  });
});
