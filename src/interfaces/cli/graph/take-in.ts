import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { importedFile, plainPath } from "../../../domain/graph/host-files.ts";
import { type Fields, isFields } from "../../../domain/graph/survey.ts";
import { bounds } from "../../../domain/kernel/mod.ts";
import { digests } from "../../../infrastructure/digests.ts";
import { CliFailure, messageOf, systemCode } from "../errors.ts";
import { nameOf } from "../read-input.ts";

/** Texts by their digests. */
export type Texts = ReadonlyMap<string, string>;

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const isDigests = (value: unknown): value is Readonly<Record<string, string>> =>
  isFields(value) && Object.values(value).every((one) => typeof one === "string");

/** Paths that a Nix file names relative to itself. What stands in a string or goes on a longer path is none. */
const namedPaths = /(?<![\w.~$}/"'-])\.{1,2}\/[\w.+/-]*/g;

/** The files in a folder and below it, without what is hidden; of very many only the first, which are too many. */
const filesBelow = async (folder: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = [];
  const open = [folder];
  for (let next = open.pop(); next !== undefined && found.length <= bounds.list; next = open.pop()) {
    const entries = await readdir(next, { withFileTypes: true });
    for (const entry of entries.filter(({ name }) => !name.startsWith("."))) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found;
};

/**
 * Where a path leads by symbolic links, if that is outside of the folder of the graph; undefined otherwise. A path that
 * leads up stands in the graph or in a module, where reviewers read it, and ends at the top of the git repository. A link would bring any file of this machine into
 * the log without a word about it.
 */
const linkedOutside = async (folder: string, path: string): Promise<string | undefined> => {
  const root = await realpath(folder);
  const real = await realpath(path);
  return real === resolve(root, relative(folder, path)) || real.startsWith(`${root}${sep}`) ? undefined : real;
};

const kindOf = async (path: string): Promise<"file" | "folder" | undefined> => {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? "folder" : found?.isFile() === true ? "file" : undefined;
};

const failureAt = (graph: string, host: string, path: string, why: string, cause?: unknown) =>
  new CliFailure(`${nameOf(graph)}: host \`${host}\`: ${path}: ${why}`, { cause });

const readModule = async (graph: string, host: string, path: string): Promise<string> => {
  const failure = (why: string, cause?: unknown) => failureAt(graph, host, path, why, cause);
  try {
    const { size } = await stat(path);
    if (size > bounds.graphText)
      throw failure(`it has ${size} bytes, and a file of a host may have ${bounds.graphText}: take it out`);
    const outside = await linkedOutside(dirname(graph === "-" ? "./-" : graph), path);
    if (outside !== undefined)
      throw failure(`it is a symbolic link to ${outside}, outside of the graph's folder: put a copy in its place`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    const isText = systemCode(error) !== "ERR_ENCODING_INVALID_ENCODED_DATA";
    throw failure(isText ? messageOf(error) : "it is not UTF-8 text: name only files that are", error);
  }
};

/**
 * Returns the folder that files are taken from: the top of the git repository that the graph's file is in. Without a
 * repository, the graph's own folder. A graph from somewhere else could otherwise bring any file of this machine into the log.
 */
const sharedFolder = async (own: string): Promise<string> => {
  for (let above = own; ; above = dirname(above)) {
    if ((await stat(join(above, ".git")).catch(() => undefined)) !== undefined) return above;
    if (above === dirname(above)) return own;
  }
};

/** Returns why a path may not be taken in; undefined if it may. Above the graph's folder, hidden files stay hidden. */
const obstacleOf = async (folder: string, path: string): Promise<string | undefined> => {
  const own = await realpath(folder);
  const target = resolve(own, relative(folder, path));
  const isBelow = (top: string) => target === top || target.startsWith(top === sep ? sep : `${top}${sep}`);
  if (isBelow(own)) return undefined;
  const shared = await sharedFolder(own);
  if (!isBelow(shared))
    return `it is outside of ${shared}, and only files of the graph's folder or of its git repository are taken in: put a copy below ${shared}`;
  const isHidden = relative(shared, target)
    .split(sep)
    .some((part) => part.startsWith("."));
  return isHidden ? "it is hidden, and above the graph's folder: put a copy into the graph's folder" : undefined;
};

/** A host's modules, and all that they name by relative paths, as far as it is there: text by path. */
const gather = async (graph: string, host: string, imports: ReadonlyArray<string>) => {
  const folder = dirname(graph === "-" ? "./-" : graph);
  const texts = new Map<string, string>();
  const open = imports.map((path) => join(folder, path));
  const seen = new Set<string>();
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const plain = path.replace(/\/+$/, "");
    if (seen.has(plain)) continue;
    seen.add(plain);
    const kind = await kindOf(plain);
    const obstacle = kind === undefined ? undefined : await obstacleOf(folder, plain);
    if (obstacle !== undefined) throw failureAt(graph, host, plain, obstacle);
    if (kind === "folder") open.push(...(await filesBelow(plain)));
    if (kind !== "file") continue;
    if (texts.size === bounds.list)
      throw failureAt(
        graph,
        host,
        plain,
        `it is one more than the ${bounds.list} files that a host may have: name fewer`,
      );
    const text = await readModule(graph, host, plain);
    texts.set(plainPath(relative(folder, plain)), text);
    if (plain.endsWith(".nix")) for (const [named] of text.matchAll(namedPaths)) open.push(join(dirname(plain), named));
  }
  return texts;
};

/**
 * Takes in the modules of a host: `files` becomes what is on the disk now. A graph that was exported somewhere else has its
 * files in the installation, and none beside it: then `files` stays.
 */
const takeInHost = async (graph: string, node: Fields, all: Map<string, string>): Promise<Fields> => {
  const { id, imports, files = {} } = node;
  if (typeof id !== "string" || !isTexts(imports) || !isDigests(files)) return node;
  const relatives = imports.filter((path) => !path.startsWith("/"));
  const texts = await gather(graph, id, relatives);
  const taken = Object.fromEntries([...texts].map(([path, text]) => [path, digests.sha256(text)]));
  const isGone = (path: string): boolean => importedFile(taken, path) === undefined;
  if (relatives.some((path) => isGone(path) && importedFile(files, path) !== undefined)) return node;
  const missing = relatives.find(isGone);
  if (missing !== undefined)
    throw new CliFailure(
      `${nameOf(graph)}: host \`${id}\`: \`imports\` names \`${missing}\`, and there is no such file beside the graph's file, nor a folder with a default.nix: correct the path`,
    );
  for (const [path, digest] of Object.entries(taken)) all.set(digest, texts.get(path) ?? "");
  return relatives.length === 0 ? node : { ...node, files: taken };
};

/** Takes the modules that hosts name in `imports` into a document that was read from a file, whatever else is wrong in it. */
export const takeIn = async (
  file: string,
  input: unknown,
): Promise<{ readonly input: unknown; readonly texts: Texts }> => {
  const texts = new Map<string, string>();
  if (!isFields(input) || !Array.isArray(input.nodes)) return { input, texts };
  const nodes: Array<unknown> = [];
  for (const node of input.nodes)
    nodes.push(isFields(node) && node.type === "host" ? await takeInHost(file, node, texts) : node);
  return { input: { ...input, nodes }, texts };
};
