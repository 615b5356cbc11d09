import { Effect, Struct } from "effect";
import type { GraphEntry, GraphSummary } from "../../contract/views/graphs.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { problemsIn } from "../../domain/graph/problems.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { flakeByDigest, flakeOf, graphAt, graphDigestOf } from "../look-ups/graphs.ts";
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

const problemsOf = (document: GraphDocument) => problemsIn(document).map((problem) => ({ ...problem }));

const summaryOf = (document: GraphEntry): GraphSummary => ({
  ...Struct.omit(document, ["nodes", "edges"]),
  nodeCount: document.nodes.length,
  edgeCount: document.edges.length,
});

/** The answers about graphs. */
export const graphAnswers = {
  get: Effect.fnUntraced(function* ({ id, version }, documents) {
    const { document, archived, owner, time, version: at, position } = yield* existingGraph(id, version);
    return {
      ...document,
      version: at,
      position,
      archived,
      owner,
      digest: yield* graphDigestOf(document),
      problems: problemsOf(document),
      ...defined({ createdAt: documents.get(id)?.createdAt }),
      updatedAt: time,
    };
  }),
  list: (input, documents, room) => Effect.succeed(pageOf(documents, input, summaryOf, room)),
  flake: Effect.fnUntraced(function* ({ id, version, digest: decided, files }) {
    const { document } = yield* existingGraph(id, version);
    if (decided !== undefined) {
      const stored = yield* flakeByDigest(decided, document);
      if (stored !== undefined) return files ? { digest: decided, files: stored.flake.files } : { digest: decided };
      return yield* new CommandError({
        code: "rejected",
        message: `graph \`${id}\`: flake ${decided} is not stored any more, and is not rendered the same: deploy again`,
        details: { reason: "flake-missing" },
      });
    }
    const problems = problemsOf(document).filter(({ severity }) => severity === "error");
    if (problems.length > 0)
      return yield* new CommandError({
        code: "rejected",
        message: `graph \`${id}\` cannot be rendered: ${problems[0]?.message}`,
        details: { reason: "invalid-graph", problems },
      });
    const { digest, flake: rendered } = yield* flakeOf(document);
    return files ? { digest, files: rendered.files } : { digest };
  }),
} satisfies AnswersOf<"graphs", Artifacts | Digests | EventStore | Snapshots>;
