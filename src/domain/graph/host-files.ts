import { Schema } from "effect";
import { bounds, List, maxKeys } from "../kernel/mod.ts";
import { described, NonEmptyText, optional } from "./values.ts";

/** `sha256-` and the hex SHA-256 of a text. */
const TextDigest = Schema.String.check(
  Schema.isPattern(/^sha256-[0-9a-f]{64}$/u, { expected: "the digest of a text, such as sha256-…" }),
);

/** A path that goes up only at its beginning, so that it can be laid out in a folder of a flake. */
const FilePath = NonEmptyText.check(
  Schema.isPattern(/^(?:\.\.\/)*(?:(?!\.{1,2}\/)[^/\n\r]+\/)*(?!\.{1,2}$)[^/\n\r]+$/u, {
    expected: 'a path relative to the graph\'s file, such as "hardware/web-1.nix"',
  }),
);

/** The digest of each file by its path. */
export const HostFiles = Schema.Record(FilePath, TextDigest).check(maxKeys(bounds.list));

const FlakeReference = NonEmptyText.check(
  Schema.isPattern(/^[^\s]+$/u, { expected: 'a flake reference such as "github:owner/name"' }),
);

/** A flake that an operator's modules need. */
export const FlakeInput = Schema.Struct({
  url: described(FlakeReference, "Where the flake is, such as `github:nix-community/disko`."),
  follows: optional(List(NonEmptyText).check(Schema.isUnique()), "Its inputs that are those of the graph's flake too."),
});

/** The name of an operator's input. Nix uses it as a variable. */
const InputName = Schema.String.check(
  Schema.isPattern(/^(?!(?:self|nixpkgs|if|then|else|let|in|rec|with|inherit|assert|or)$)[A-Za-z_][\w-]{0,62}$/u, {
    expected: "a name of at most 63 letters, digits, _ and -, other than self and nixpkgs",
  }),
);

/** The sources of inputs, by their names. */
export const GraphPins = Schema.Record(
  Schema.String.check(Schema.isPattern(/^[A-Za-z_][\w-]{0,62}$/u, { expected: "the name of an input of the flake" })),
  FlakeReference,
).check(maxKeys(bounds.list));

export const HostInputs = Schema.Record(InputName, FlakeInput).check(maxKeys(bounds.list));

/** Returns a path without redundant dots, with all upward steps at the beginning: `./a/../b.nix` becomes `b.nix`. */
export const plainPath = (path: string): string => {
  const parts: Array<string> = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
};

type HostFilesOf = Readonly<Record<string, string>>;

/**
 * Returns the file that NixOS reads for an import: the path itself, or `default.nix` in that folder. Undefined if
 * neither exists.
 */
export const importedFile = (files: HostFilesOf, path: string): string | undefined => {
  const plain = plainPath(path);
  const inFolder = plain === "" ? "default.nix" : `${plain}/default.nix`;
  return [plain, inFolder].find((candidate) => Object.hasOwn(files, candidate));
};

const levelsUp = (path: string): number => path.split("/").filter((part) => part === "..").length;

/**
 * Returns the place of each of a host's files in its folder of a flake. If some files are above the graph's file, the
 * others are moved as many folders deeper. So relative paths in the files stay valid.
 */
export const laidOut = ({ files = {} }: { readonly files?: HostFilesOf }): ReadonlyMap<string, string> => {
  const paths = Object.keys(files).sort();
  const highest = Math.max(0, ...paths.map(levelsUp));
  return new Map(
    paths.map((path) => {
      const up = levelsUp(path);
      const below = Array.from({ length: highest - up }, () => "graph");
      return [path, [...below, ...path.split("/").slice(up)].join("/")];
    }),
  );
};

/** An input of the flake of a graph. */
export const GraphInput = Schema.Struct({
  name: Schema.String,
  /** Its source. */
  reference: Schema.String,
  /** Who pinned it. Without a pin the reference is a branch, which may name another commit tomorrow. */
  pinnedBy: Schema.optionalKey(Schema.Literals(["graph", "installation"])),
}).annotate({ identifier: "GraphInput" });
export type GraphInput = typeof GraphInput.Type;
