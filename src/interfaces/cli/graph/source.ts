import { access } from "node:fs/promises";
import { Result, Schema } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { fromGraphology, isGraphology } from "../../../domain/graph/graphology.ts";
import type { Problem } from "../../../domain/graph/problem.ts";
import { decodeGraphDocument, hasErrors, problemsAtDoor, problemsIn } from "../../../domain/graph/problems.ts";
import { defined, Name } from "../../../domain/kernel/mod.ts";
import { withClient } from "../connection.ts";
import { CliFailure } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { nameOf, readJson } from "../read-input.ts";

/** A graph of an installation; without a version its newest. */
export interface StoredGraph {
  readonly id: string;
  readonly version?: number;
}

/** The place of a graph: a file (`-` is standard input), or an installation. */
export type GraphSource = { readonly file: string } | StoredGraph;

const isName = Schema.is(Name);

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The place that an argument names. `ID@VERSION` and `ID@latest` are stored graphs, unless a file has that name. */
export const graphSource = async (argument: string): Promise<GraphSource> => {
  const { id, version } = /^(?<id>[^@]+)@(?<version>latest|[1-9]\d{0,14})$/.exec(argument)?.groups ?? {};
  if (!argument.includes("@") || (await exists(argument))) return { file: argument };
  if (id === undefined || !isName(id))
    throw new CliFailure(`${argument}: there is no such file, and a stored graph is named ID@VERSION or ID@latest`);
  return version === "latest" ? { id } : { id, version: Number(version) };
};

/** The name of a source in messages and reports: as it was given. */
export const nameOfSource = (source: GraphSource): string =>
  "file" in source ? nameOf(source.file) : `${source.id}@${source.version ?? "latest"}`;

/** The document of a stored graph. */
export const storedDocument = async (
  client: Client,
  stored: StoredGraph,
  signal: AbortSignal,
): Promise<GraphDocument> => {
  const { data } = await client.query("graphs", "get", stored, { signal });
  const { id, description, nodes, edges } = data;
  return defined({ id, description, nodes, edges });
};

const readStored = async (cli: Invocation, stored: StoredGraph): Promise<unknown> => {
  try {
    return await withClient(cli, (client) => storedDocument(client, stored, cli.signal));
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    const { exitCode, document, below, cause } = error;
    throw new CliFailure(`${nameOfSource(stored)}: ${error.message}`, { exitCode, document, below, cause });
  }
};

/** The document of a source, also if the source is a graphology serialization. The problems if that has faults. */
export const readSource = async (
  cli: Invocation,
  source: GraphSource,
): Promise<Result.Result<unknown, ReadonlyArray<Problem>>> => {
  const input = "file" in source ? await readJson(cli.host, source.file) : await readStored(cli, source);
  return isGraphology(input) ? fromGraphology(input) : Result.succeed(input);
};

/** A problem on one line: severity, code, and what to do. */
export const problemText = ({ severity, code, message }: Problem): string => `${severity} ${code}: ${message}`;

const failure = (source: GraphSource, why: string, problems: ReadonlyArray<Problem>): CliFailure =>
  new CliFailure(`${nameOfSource(source)} ${why}:`, {
    document: { files: [{ file: "file" in source ? source.file : nameOfSource(source), ok: false, problems }] },
    below: problems.map((problem) => `  ${problemText(problem)}`),
  });

/** Reads a graph whose form is right. It may have other errors. */
export const readGraph = async (cli: Invocation, source: GraphSource): Promise<GraphDocument> => {
  const document = Result.flatMap(await readSource(cli, source), decodeGraphDocument);
  if (Result.isFailure(document)) throw failure(source, "is not a deployment graph", document.failure);
  return document.success;
};

/**
 * Reads a graph that can be deployed, and prints its warnings. With `allowed`, what looks like a secret in a file is an
 * error too unless it names the field: the file is not in the log yet, and what is made of it can be read by everyone.
 */
export const deployableGraph = async (
  cli: Invocation,
  source: GraphSource,
  allowed?: ReadonlyArray<string>,
): Promise<GraphDocument> => {
  const document = await readGraph(cli, source);
  const problems = "file" in source && allowed !== undefined ? problemsAtDoor(document, allowed) : problemsIn(document);
  if (hasErrors(problems)) {
    const errors = problems.filter(({ severity }) => severity === "error");
    throw failure(source, "has errors; see also `cim graph validate`", errors);
  }
  for (const problem of problems) cli.output.note(problemText(problem));
  return document;
};
