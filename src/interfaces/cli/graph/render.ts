import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Result, Schema } from "effect";
import { GraphDocument } from "../../../domain/graph/document.ts";
import type { Flake, Pins } from "../../../domain/nix/mod.ts";
import { CliFailure, exitCode, messageOf, systemCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { deployableGraph, flakeOf, graphSource } from "./source.ts";

/** What is in a folder: all its files, by path; undefined where there is no such folder. */
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

/** The files of an earlier render: those of the flake of the graph that is beside it. */
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

/** A folder that is not there yet appears with all its files at once. */
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

/** Each file is replaced at once; files of the earlier render that are no more go away, all others stay. */
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
 * Writes a flake to a folder: a new or empty one, or one with an earlier render, whose files it replaces (a `flake.lock`
 * stays). Refuses to overwrite anything else unless `force`.
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

/** The flake of a graph, into a folder. Same graph, same bytes. */
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
