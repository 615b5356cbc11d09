import { readFileSync } from "node:fs";

/** The options of NixOS by the words of their names; a leaf is the description of a type, `""` that of what has more below it. */
interface Tree {
  readonly [word: string]: Tree | string;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../nixpkgs/${name}.json`, import.meta.url), "utf8"));

const listed: Tree = read("options");
const newer: { readonly added: Readonly<Record<string, string>>; readonly removed: ReadonlyArray<string> } =
  read("newer-options");

const added = Object.keys(newer.added).map((name) => name.split("."));

/** A set whose attributes are options, so that it is none by itself. */
const hasOptionsOnly = (description: string): boolean =>
  /^(?:null or )?\(?(?:attribute set of )*\(?submodule\)*$/.test(description);

const isListed = (path: ReadonlyArray<string>): boolean => {
  let node: Tree | string | undefined = listed;
  for (const word of path) {
    if (typeof node !== "object") return false;
    node = node[word] ?? node["<name>"];
  }
  const description = typeof node === "object" ? node[""] : node;
  return typeof description === "string" && !hasOptionsOnly(description);
};

const isAdded = (path: ReadonlyArray<string>): boolean =>
  added.some(
    (words) => words.length === path.length && words.every((word, index) => word === "<name>" || word === path[index]),
  );

const isRemoved = (path: ReadonlyArray<string>): boolean =>
  path.some((_, index) => newer.removed.includes(path.slice(0, index + 1).join(".")));

/** Whether NixOS has an option of this name: one that takes a value, rather than options below it. */
export const isOption = (path: ReadonlyArray<string>): boolean => isAdded(path) || (isListed(path) && !isRemoved(path));
