import { realpath, rename, rm, writeFile } from "node:fs/promises";
import { Result } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import { canonicalGraph } from "../../../domain/graph/canonical.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { decodeGraphDocument } from "../../../domain/graph/problems.ts";
import { exists } from "../../../infrastructure/make-directory.ts";
import { withClient } from "../connection.ts";
import { CliFailure, exitCode, messageOf } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { documentOf, readText } from "../read-input.ts";
import { diffLines } from "./diff-lines.ts";
import { hasComments, textForFile } from "./graph-file.ts";
import { storedDocument } from "./source.ts";

/** The newest versions that a file is compared with. */
const comparedVersions = 20;

/** Writes a file at once: a reader sees the old text or the new one. */
const writeWhole = async (file: string, text: string): Promise<void> => {
  const place = await realpath(file).catch(() => file);
  const draft = `${place}.${process.pid}.draft`;
  try {
    await writeFile(draft, text, { flag: "wx" });
    await rename(draft, place);
  } catch (error) {
    throw new CliFailure(`${file} cannot be written (${messageOf(error)}): choose another file`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
};

/** The graph in the text of a file; undefined if it holds something else. */
const documentIn = (text: string, file: string): GraphDocument | undefined => {
  try {
    return Result.getOrUndefined(decodeGraphDocument(documentOf(text, file)));
  } catch {
    return undefined;
  }
};

const isSame = (left: GraphDocument, right: GraphDocument): boolean => canonicalGraph(left) === canonicalGraph(right);

/** Whether one of the newest versions of the graph is what the file says, so that the file holds nothing of its own. */
const isKnown = async (client: Client, document: GraphDocument, signal: AbortSignal): Promise<boolean> => {
  const { id } = document;
  const { data } = await client.query("graphs", "versions", { id, limit: comparedVersions }, { signal });
  for (const { version } of data.items)
    if (isSame(await storedDocument(client, { id, version }, signal), document)) return true;
  return false;
};

/** How a file was brought up to date. */
export interface Pulled {
  readonly graph: string;
  readonly version: number;
  readonly file: string;
  /** What changed in the file, in lines for people; empty if it said the same already. */
  readonly lines: ReadonlyArray<string>;
}

/**
 * Writes the newest document of a graph into a file, in canonical form. Refuses to overwrite a file that says what no
 * version of the graph says, unless `force`: somebody's work would be lost.
 */
export const pulled = async (
  cli: Invocation,
  client: Client,
  { id, file, force }: { readonly id: string; readonly file: string; readonly force: boolean },
): Promise<Pulled> => {
  const { signal, output } = cli;
  const { data } = await client.query("graphs", "versions", { id, limit: 1 }, { signal });
  const version = data.items[0]?.version ?? 0;
  const newest = await storedDocument(client, { id, version }, signal);
  const done = { graph: id, version, file };
  if (!(await exists(file))) {
    await writeWhole(file, textForFile(file, newest));
    return { ...done, lines: [] };
  }
  const text = await readText(cli.host, file);
  const before = documentIn(text, file);
  if (before?.id !== id && !force)
    throw new CliFailure(
      `${file} holds ${before === undefined ? "no graph" : `graph \`${before.id}\``}, not \`${id}\`: choose another file, or add --force`,
    );
  if (before !== undefined && isSame(before, newest)) return { ...done, lines: [] };
  if (before !== undefined && before.id === id && !force && !(await isKnown(client, before, signal)))
    throw new CliFailure(
      `${file} has changes that none of the newest ${comparedVersions} versions of graph \`${id}\` has: import it first, write to another file, or add --force to lose them`,
      { below: diffLines(newest, before, output).map((line) => `  ${line}`) },
    );
  if (!force && hasComments(file, text))
    throw new CliFailure(
      `${file} has comments, which would be lost: write to another file, or add --force to lose them`,
      { below: before === undefined ? [] : diffLines(before, newest, output).map((line) => `  ${line}`) },
    );
  await writeWhole(file, textForFile(file, newest));
  return { ...done, lines: before === undefined ? [] : diffLines(before, newest, output) };
};

/** What was written, for people. */
export const pulledLines = ({ graph, version, file, lines }: Pulled): ReadonlyArray<string> => [
  `${file} is graph ${graph} version ${version}${lines.length === 0 ? "" : "; changed in it:"}`,
  ...lines.map((line) => `  ${line}`),
];

/** `cim graph pull`: takes over into a file what became of its graph. */
export const pull = (id: string, file: string, force: boolean) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const result = await pulled(cli, client, { id, file, force });
    if (cli.output.json) cli.output.document(result);
    cli.output.result(pulledLines(result));
    return exitCode.done;
  });
