import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Result, Schema } from "effect";
import { deploymentFlake } from "../../../domain/deployment/flake.ts";
import { GraphDocument } from "../../../domain/graph/document.ts";
import type { Flake, Pins } from "../../../domain/nix/mod.ts";
import { digests } from "../../../infrastructure/digests.ts";
import { CliFailure, exitCode, messageOf, systemCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { deployableGraph, graphSource } from "./source.ts";

/** The flake of a graph that can be deployed. */
export const flakeOf = (document: GraphDocument, pins: Pins = {}): Flake =>
  deploymentFlake(document, { sha256: digests.sha256, pins });

/** The paths of all files in a folder; undefined if there is no such folder. */
const filesIn = async (folder: string): Promise<ReadonlySet<string> | undefined> => {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return new Set(
      entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
    );
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
};

const readGraphFile = Schema.decodeUnknownResult(Schema.fromJsonString(GraphDocument));

/** The files of an earlier render: those of the flake of the `graph.json` in the folder. */
const renderedBefore = async (folder: string): Promise<ReadonlySet<string>> => {
  const graph = readGraphFile(await readFile(join(folder, "graph.json"), "utf8").catch(() => ""));
  if (Result.isFailure(graph)) return new Set();
  return new Set(Object.keys(flakeOf(graph.success).files));
};

const writeAll = async (folder: string, files: Flake["files"]): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
};

/** Makes a new folder, which appears with all its files at once. */
const create = async (folder: string, files: Flake["files"]): Promise<void> => {
  await mkdir(dirname(folder), { recursive: true });
  const draft = `${folder}.${process.pid}.draft`;
  try {
    await writeAll(draft, files);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

/** Replaces each file at once and removes files of the earlier render that are no longer in it. Other files stay. */
const replace = async (folder: string, files: Flake["files"], before: ReadonlySet<string>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    const draft = `${file}.${process.pid}.draft`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, file);
  }
  for (const path of before) if (!(path in files)) await rm(join(folder, path), { force: true });
};

/**
 * Writes a flake to a folder that is new, empty, or has an earlier render. Files of the earlier render are replaced; a
 * `flake.lock` stays. Refuses to overwrite other files unless `force`.
 */
export const writeFlake = async (out: string, { files }: Flake, force: boolean): Promise<void> => {
  const folder = resolve(out);
  try {
    const present = await filesIn(folder);
    if (present === undefined || present.size === 0) return await create(folder, files);
    const before = await renderedBefore(folder);
    if (before.size === 0 && !force)
      throw new CliFailure(`${out} is not empty and holds no earlier render: choose another --out, or add --force`);
    const foreign = Object.keys(files).filter((path) => present.has(path) && !before.has(path));
    if (foreign.length > 0 && !force)
      throw new CliFailure(`${out}: ${foreign.join(", ")} would be overwritten: choose another --out, or add --force`);
    await replace(folder, files, before);
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    const why = systemCode(error) === "ENOTDIR" ? "is not a folder" : `cannot be written (${messageOf(error)})`;
    throw new CliFailure(`${out} ${why}: choose another --out`, { cause: error });
  }
};

interface RenderOptions {
  readonly out: string;
  readonly force?: boolean;
  /** Flake references by the name of the input. */
  readonly pins?: Pins;
}

/** Writes the flake of a graph to a folder. The same graph gives the same bytes. */
export const render =
  (file: string, { out, force = false, pins = {} }: RenderOptions) =>
  async (cli: Invocation): Promise<number> => {
    const flake = flakeOf(await deployableGraph(cli, await graphSource(file)), pins);
    await writeFlake(out, flake, force);
    const files = Object.keys(flake.files).sort();
    if (cli.output.json) cli.output.document({ out, files });
    cli.output.result(`${out}: ${files.join(", ")}`);
    return exitCode.done;
  };
