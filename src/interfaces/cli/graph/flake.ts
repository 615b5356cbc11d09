import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Result, Schema } from "effect";
import { deploymentFlake } from "../../../domain/deployment/flake.ts";
import { GraphDocument } from "../../../domain/graph/document.ts";
import type { Flake, Pins } from "../../../domain/nix/mod.ts";
import { digests } from "../../../infrastructure/digests.ts";
import { CliFailure, messageOf, systemCode } from "../errors.ts";
import type { Texts } from "./take-in.ts";

/** The flake of a graph that can be deployed. */
export const flakeOf = (document: GraphDocument, pins: Pins = {}, texts: Texts = new Map()): Flake =>
  deploymentFlake(document, { sha256: digests.sha256, pins, texts: Object.fromEntries(texts) });

type Files = Flake["files"];

/** What stands at a path, itself: a link is not followed. */
type Kind = "file" | "folder" | "link";

const kindOf = (entry: { readonly isSymbolicLink: () => boolean; readonly isDirectory: () => boolean }): Kind =>
  entry.isSymbolicLink() ? "link" : entry.isDirectory() ? "folder" : "file";

/** What is in a folder, by path; undefined if there is no such folder. Links are not followed. */
const entriesIn = async (folder: string): Promise<ReadonlyMap<string, Kind> | undefined> => {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return new Map(
      entries.map((entry) => [join(entry.parentPath, entry.name).slice(folder.length + 1), kindOf(entry)]),
    );
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
};

const readGraphFile = Schema.decodeUnknownResult(Schema.fromJsonString(GraphDocument));

/** The files of an earlier render: those of the flake of the `graph.json` in the folder. */
const renderedBefore = async (folder: string, present: ReadonlyMap<string, Kind>): Promise<ReadonlySet<string>> => {
  if (present.get("graph.json") !== "file") return new Set();
  const graph = readGraphFile(await readFile(join(folder, "graph.json"), "utf8").catch(() => ""));
  if (Result.isFailure(graph)) return new Set();
  return new Set(Object.keys(flakeOf(graph.success).files));
};

/** The folders that a path lies in, from the outermost: `a` and `a/b` for `a/b/c`. */
const foldersOf = (path: string): ReadonlyArray<string> =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join("/"));

/** Refuses what the files cannot be written into: a link, because it may lead anywhere, and a file or folder in the way. */
const checkPlaces = (out: string, files: Iterable<string>, present: ReadonlyMap<string, Kind>): void => {
  const check = (path: string, wanted: Kind) => {
    const kind = present.get(path);
    if (kind === undefined || kind === wanted) return;
    const place = join(out, path);
    throw new CliFailure(
      kind === "link"
        ? `${place} is a symbolic link, and a render does not write through one: remove the link, or choose another --out`
        : `${place} is a ${kind}, where the render has a ${wanted}: move it away, or choose another --out`,
    );
  };
  for (const path of files) {
    for (const folder of foldersOf(path)) check(folder, "folder");
    check(path, "file");
  }
};

/** Refuses a folder that is itself a link: the files would appear somewhere else than where they were asked for. */
const checkFolder = async (out: string, folder: string): Promise<void> => {
  const stats = await lstat(folder).catch(() => undefined);
  if (stats?.isSymbolicLink() !== true) return;
  const there = await realpath(folder).catch(() => undefined);
  const remedy = there === undefined ? "choose another --out" : `give --out ${there}, or choose another`;
  throw new CliFailure(`${out} is a symbolic link, and a render does not write through one: ${remedy}`);
};

/** Writes all files below the new folder `draft` before `use` moves them: a disk that is full is seen in time. */
const staged = async (draft: string, files: Files, use: (draft: string) => Promise<void>): Promise<void> => {
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(draft, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: "wx" });
    }
    await use(draft);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

/** Makes a new folder, which appears with all its files at once. */
const create = async (folder: string, draft: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
};

/**
 * Puts files that are written already in the place of those of the earlier render, and takes away those that are no
 * longer in it. Other files stay. If one cannot be moved, those that were moved go back, so that the folder holds one
 * render or the other and no mixture.
 */
const replace = async (folder: string, draft: string, paths: ReadonlyArray<string>, before: ReadonlySet<string>) => {
  const old = join(draft, "..old");
  const undo: Array<() => Promise<void>> = [];
  const move = async (from: string, to: string) => {
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
    undo.unshift(() => rename(to, from));
  };
  try {
    for (const path of new Set([...before, ...paths])) {
      const file = join(folder, path);
      const stays = await lstat(file).catch(() => undefined);
      if (stays !== undefined) await move(file, join(old, path));
      if (paths.includes(path)) await move(join(draft, path), file);
    }
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
};

/**
 * Writes a flake to a folder that is new, empty, or has an earlier render. Files of the earlier render are replaced; a
 * `flake.lock` stays. Refuses to overwrite other files unless `force`, and never writes through a symbolic link.
 */
export const writeFlake = async (out: string, { files }: Flake, force: boolean): Promise<void> => {
  const folder = resolve(out);
  try {
    await checkFolder(out, folder);
    const present = await entriesIn(folder);
    if (present === undefined || present.size === 0)
      return await staged(`${folder}.${process.pid}.draft`, files, (draft) => create(folder, draft));
    const before = await renderedBefore(folder, present);
    if (before.size === 0 && !force)
      throw new CliFailure(`${out} is not empty and holds no earlier render: choose another --out, or add --force`);
    checkPlaces(out, [...before, ...Object.keys(files)], present);
    const foreign = Object.keys(files).filter((path) => present.has(path) && !before.has(path));
    if (foreign.length > 0 && !force)
      throw new CliFailure(`${out}: ${foreign.join(", ")} would be overwritten: choose another --out, or add --force`);
    await staged(join(folder, `.${process.pid}.draft`), files, (draft) =>
      replace(folder, draft, Object.keys(files), before),
    );
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    const why = systemCode(error) === "ENOTDIR" ? "is not a folder" : `cannot be written (${messageOf(error)})`;
    throw new CliFailure(`${out} ${why}: choose another --out`, { cause: error });
  }
};
