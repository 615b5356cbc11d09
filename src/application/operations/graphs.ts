import { Effect, Schema } from "effect";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { problemsIn } from "../../domain/graph/problems.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { flakeByDigest, flakeOf, graphAt, graphDigestOf } from "../look-ups/graphs.ts";
import { operation } from "../queries.ts";

const GraphInput = Schema.Struct({
  id: Name,
  /** The graph as it was then; its newest version where there is none. */
  version: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
});

/** A graph at a version, or the refusal where there is none. */
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

const createdAtOf = (entry: Schema.Json | undefined): Schema.Json | undefined =>
  typeof entry === "object" && entry !== null && "createdAt" in entry ? entry.createdAt : undefined;

const problemsOf = (document: GraphDocument) => problemsIn(document).map((problem) => ({ ...problem }));

const get = operation({
  input: GraphInput,
  description: "A graph, now or at a version, with its digest and everything that is wrong with it",
  answer: Effect.fnUntraced(function* ({ id, version }: typeof GraphInput.Type, documents) {
    const { document, archived, time, version: at, position } = yield* existingGraph(id, version);
    const createdAt = createdAtOf(documents.get(id));
    return {
      ...document,
      ...{ version: at, position, archived },
      digest: yield* graphDigestOf(document),
      problems: problemsOf(document),
      ...(createdAt === undefined ? {} : { createdAt }),
      updatedAt: time,
    };
  }),
});

const FlakeInput = Schema.Struct({
  ...GraphInput.fields,
  /** The flake that was stored under this digest when a deployment was requested, instead of a new one. */
  digest: Schema.optionalKey(Schema.String),
  /** False: only the digest. */
  files: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
});

const flake = operation({
  input: FlakeInput,
  description: "The flake that a graph, now or at a version, renders to: its digest, and its files by path",
  answer: Effect.fnUntraced(function* ({ id, version, digest: decided, files }: typeof FlakeInput.Type) {
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
});

/** What can be asked about graphs besides the documents of the view. */
export const graphOperations = { get, flake };
