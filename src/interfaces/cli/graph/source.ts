import { access } from "node:fs/promises";
import { Result, Schema, Struct } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import type { Allowance } from "../../../domain/graph/allowances.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { fromGraphology, isGraphology } from "../../../domain/graph/graphology.ts";
import { filesOfNode } from "../../../domain/graph/node-files.ts";
import type { Problem } from "../../../domain/graph/problem.ts";
import { decodeGraphDocument, hasErrors, problemsAtDoor, problemsIn } from "../../../domain/graph/problems.ts";
import { isFields } from "../../../domain/graph/survey.ts";
import { defined, Name } from "../../../domain/kernel/mod.ts";
import { withClient } from "../connection.ts";
import { CliFailure } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { nameOf, readDocument } from "../read-input.ts";
import { problemLines } from "./problem-lines.ts";
import { type Texts, takeIn } from "./take-in.ts";

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

/** The same for an argument that may also be the id of a stored graph alone: its newest version, unless there is a file. */
export const graphSourceOrId = async (argument: string): Promise<GraphSource> =>
  isName(argument) && !(await exists(argument)) ? { id: argument } : graphSource(argument);

/** The name of a source in messages and reports: as it was given. */
export const nameOfSource = (source: GraphSource): string =>
  "file" in source ? nameOf(source.file) : `${source.id}@${source.version ?? "latest"}`;

/** What a source holds, and its fields that look like secrets and were allowed: those of an installation. */
interface Contents {
  readonly input: unknown;
  readonly secretLike: ReadonlyArray<Allowance>;
  /** The texts of files that its hosts name: those beside a file. An installation has its own. */
  readonly texts: Texts;
}

const storedContents = async (client: Client, stored: StoredGraph, signal: AbortSignal) => {
  const { data } = await client.query("graphs", "get", stored, { signal });
  const { id, description, pins, nodes, edges, secretLike } = data;
  const input: GraphDocument = defined({ id, description, pins, nodes, edges });
  return { input, secretLike, texts: new Map<string, string>() };
};

/** The texts of files that the hosts of a stored graph name, by their digests. */
const storedTexts = async (
  client: Client,
  { id, version }: StoredGraph,
  document: GraphDocument,
  signal: AbortSignal,
) => {
  const texts = new Map<string, string>();
  for (const node of document.nodes)
    for (const [path, digest] of Object.entries(filesOfNode(node))) {
      if (texts.has(digest)) continue;
      const { data } = await client.query(
        "graphs",
        "file",
        { id, host: node.id, path, ...defined({ version }) },
        { signal },
      );
      texts.set(digest, data.text);
    }
  return texts;
};

/** The document of a stored graph. */
export const storedDocument = async (
  client: Client,
  stored: StoredGraph,
  signal: AbortSignal,
): Promise<GraphDocument> => (await storedContents(client, stored, signal)).input;

const readStored = async (cli: Invocation, stored: StoredGraph): Promise<Contents> => {
  try {
    return await withClient(cli, async (client) => {
      const contents = await storedContents(client, stored, cli.signal);
      return { ...contents, texts: await storedTexts(client, stored, contents.input, cli.signal) };
    });
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    const { exitCode, document, below, cause } = error;
    throw new CliFailure(`${nameOfSource(stored)}: ${error.message}`, { exitCode, document, below, cause });
  }
};

/** A document without the name of its schema, which is for editors. */
const withoutSchema = (input: Schema.Json): Schema.Json =>
  isFields(input) && typeof input.$schema === "string" ? Struct.omit(input, ["$schema"]) : input;

/** The document of a source, also if the source is a graphology serialization. The problems if that has faults. */
export const readSource = async (
  cli: Invocation,
  source: GraphSource,
): Promise<Result.Result<Contents, ReadonlyArray<Problem>>> => {
  if (!("file" in source)) return Result.succeed(await readStored(cli, source));
  const input = withoutSchema(await readDocument(cli.host, source.file));
  const document = isGraphology(input) ? fromGraphology(input) : Result.succeed(input);
  if (Result.isFailure(document)) return Result.fail(document.failure);
  return Result.succeed({ ...(await takeIn(source.file, document.success)), secretLike: [] });
};

/** The fields that may look like secrets: those that an installation has allowed, and those that the user names. */
export const allowedIn = ({ secretLike }: Pick<Contents, "secretLike">, named: ReadonlyArray<string>) => [
  ...secretLike.map(({ field }) => field),
  ...named,
];

const failure = (source: GraphSource, why: string, problems: ReadonlyArray<Problem>): CliFailure =>
  new CliFailure(`${nameOfSource(source)} ${why}:`, {
    document: { files: [{ file: "file" in source ? source.file : nameOfSource(source), ok: false, problems }] },
    below: problemLines(problems).map((line) => `  ${line}`),
  });

/** A graph of a source, with what was allowed in it. */
export interface SourceGraph extends Pick<Contents, "secretLike" | "texts"> {
  readonly document: GraphDocument;
}

/** Reads a graph whose form is right, with what was read besides. */
export const readGraphWithTexts = async (cli: Invocation, source: GraphSource): Promise<SourceGraph> => {
  const graph = Result.flatMap(await readSource(cli, source), ({ input, ...rest }) =>
    Result.map(decodeGraphDocument(input), (document) => ({ document, ...rest })),
  );
  if (Result.isFailure(graph)) throw failure(source, "is not a deployment graph", graph.failure);
  return graph.success;
};

/** The payload of an import of a graph: its document, and the texts that its hosts name. */
export const importPayload = (
  { document, texts }: Pick<SourceGraph, "document" | "texts">,
  allowSecretLike?: ReadonlyArray<string>,
) => ({ ...document, ...defined({ texts: texts.size === 0 ? undefined : [...texts.values()], allowSecretLike }) });

/** Reads a graph whose form is right. It may have other errors. */
export const readGraph = async (cli: Invocation, source: GraphSource): Promise<GraphDocument> =>
  (await readGraphWithTexts(cli, source)).document;

/**
 * Reads a graph that can be deployed, and prints its warnings. What looks like a secret is an error too unless it was
 * allowed or `allowed` names the field: what is made of the graph can be read by everyone. Without `allowed`, that is left
 * to the installation.
 */
export const deployableGraph = async (
  cli: Invocation,
  source: GraphSource,
  allowed?: ReadonlyArray<string>,
): Promise<SourceGraph> => {
  const graph = await readGraphWithTexts(cli, source);
  const { document } = graph;
  const problems =
    allowed === undefined ? problemsIn(document) : problemsAtDoor(document, allowedIn(graph, allowed), graph.texts);
  if (hasErrors(problems)) {
    const errors = problems.filter(({ severity }) => severity === "error");
    throw failure(source, "has errors; see also `cim graph validate`", errors);
  }
  cli.output.note(problemLines(problems, cli.output.noteStyle));
  return graph;
};
