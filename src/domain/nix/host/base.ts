import { importedFile, laidOut, plainPath } from "../../graph/host-files.ts";
import type { HostNode } from "../../graph/node.ts";
import { apply, reference, string } from "../language/expression.ts";
import { printFile } from "../language/print.ts";

/** The base of a host: the modules of its operator, and the files beside them. */
export interface HostBase {
  /** The paths in the flake that the host imports. */
  readonly imports: ReadonlyArray<string>;
  /** The digest of each file by its path in the flake. */
  readonly files: Readonly<Record<string, string>>;
  /** The digest of each file by the path that the graph has, for people. */
  readonly digests: Readonly<Record<string, string>>;
  readonly inputs: NonNullable<HostNode["inputs"]>;
}

/** Returns the folder of a host's base in the flake. */
const folderOf = (host: string): string => `base/${host}`;

/** Returns the base of a host of a valid graph. */
export const baseOf = (host: HostNode): HostBase => {
  const { id, files = {}, imports = [], inputs = {} } = host;
  const places = laidOut(host);
  return {
    imports: imports.flatMap((path) => {
      const place = places.get(importedFile(files, path) ?? "");
      if (place === undefined) return [];
      // A folder is imported as a folder, so that messages of Nix show its name.
      const isFolder = plainPath(path) !== importedFile(files, path);
      return [`${folderOf(id)}/${isFolder ? place.replace(/\/?default\.nix$/, "") : place}`.replace(/\/$/, "")];
    }),
    files: Object.fromEntries([...places].map(([path, place]) => [`${folderOf(id)}/${place}`, files[path] ?? ""])),
    digests: files,
    inputs,
  };
};

/**
 * Returns the replacement for a file whose text is not stored. A flake with it fails to evaluate, and the error says
 * why.
 */
export const missingText = (file: string): string =>
  printFile(
    apply(reference("throw"), string(`the text of ${file} is not stored: import the graph from its file with cim`)),
  );
