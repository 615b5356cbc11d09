import { Effect, Struct } from "effect";
import type { GraphEntry, GraphSummary } from "../../contract/views/graphs.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { type DigestedFlake, examinedGraph, filesOf, flakeByDigest, flakeOf, graphAt } from "../look-ups/graphs.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { pageOf } from "./documents.ts";

/** Returns a graph at a version, or the refusal if there is none. */
const existingGraph = Effect.fnUntraced(function* (id: string, version?: number) {
  const graphs = yield* graphAt(id, version);
  if (graphs === undefined) return yield* notFound("graph", id);
  if ("found" in graphs) return graphs.found;
  return yield* new CommandError({
    code: "rejected",
    message: `graph \`${id}\` has no version ${version}; its newest is ${graphs.newest}`,
    details: { reason: "version-not-found", newest: graphs.newest },
  });
});

const summaryOf = (document: GraphEntry): GraphSummary => ({
  ...Struct.omit(document, ["nodes", "edges"]),
  nodeCount: document.nodes.length,
  edgeCount: document.edges.length,
});

/** A flake with its files, if they fit the answer. */
const withFiles = Effect.fnUntraced(function* (flake: DigestedFlake, room: number) {
  if (flake.text.length > room)
    return yield* new CommandError({
      code: "rejected",
      message: `the flake has ${flake.text.length} characters, more than the ${room} bytes of an answer: ask without \`files\``,
      details: { reason: "too-large" },
    });
  return { digest: flake.digest, files: filesOf(flake) ?? {} };
});

/** The answers about graphs. */
export const graphAnswers = {
  get: Effect.fnUntraced(function* ({ id, version }, documents) {
    const { document, archived, time, version: at, position } = yield* existingGraph(id, version);
    const { digest, problems } = yield* examinedGraph(document);
    return {
      ...document,
      version: at,
      position,
      archived,
      digest,
      problems: problems.map((problem) => ({ ...problem })),
      ...defined({ createdAt: documents.get(id)?.createdAt }),
      updatedAt: time,
    };
  }),
  list: (input, documents, room) => Effect.succeed(pageOf(documents, input, summaryOf, room)),
  flake: Effect.fnUntraced(function* ({ id, version, digest: decided, files }, _, room) {
    const { document } = yield* existingGraph(id, version);
    if (decided !== undefined) {
      const stored = yield* flakeByDigest(decided, document);
      if (stored !== undefined) return files ? yield* withFiles(stored, room) : { digest: decided };
      return yield* new CommandError({
        code: "rejected",
        message: `graph \`${id}\`: flake ${decided} is not stored any more, and is not rendered the same: deploy again`,
        details: { reason: "flake-missing" },
      });
    }
    const problems = (yield* examinedGraph(document)).problems.filter(({ severity }) => severity === "error");
    if (problems.length > 0)
      return yield* new CommandError({
        code: "rejected",
        message: `graph \`${id}\` cannot be rendered: ${problems[0]?.message}`,
        details: { reason: "invalid-graph", problems: problems.map((problem) => ({ ...problem })) },
      });
    const rendered = yield* flakeOf(document);
    return files ? yield* withFiles(rendered, room) : { digest: rendered.digest };
  }),
} satisfies AnswersOf<"graphs", Artifacts | Digests | EventStore | Snapshots>;
