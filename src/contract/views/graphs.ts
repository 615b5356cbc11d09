import { Effect, Schema, Struct } from "effect";
import { GraphDocument } from "../../domain/graph/document.ts";
import { Problem } from "../../domain/graph/problem.ts";
import { Instant, Name } from "../../domain/kernel/mod.ts";
import { Asked, documentFields, documentOperations, type PublishedView, Version } from "./view.ts";

/** A graph in its normal form: nodes by id, edges by identity. */
export const GraphEntry = Schema.Struct({
  ...documentFields,
  ...GraphDocument.fields,
  archived: Schema.Boolean,
  createdAt: Instant,
  updatedAt: Instant,
}).annotate({ identifier: "GraphEntry" });
export type GraphEntry = typeof GraphEntry.Type;

/** A graph in a list: without its nodes and edges, which may be thousands. */
export const GraphSummary = Schema.Struct({
  ...Struct.omit(GraphEntry.fields, ["nodes", "edges"]),
  nodeCount: Schema.Int,
  edgeCount: Schema.Int,
}).annotate({ identifier: "GraphSummary" });
export type GraphSummary = typeof GraphSummary.Type;

const graphAtVersion = {
  id: Name,
  /** The graph as it was at this version; without it, the newest. */
  version: Schema.optionalKey(Version),
};

export const graphs = {
  description: "The deployment graphs that are designed.",
  document: GraphEntry,
  operations: {
    ...documentOperations("graphs", GraphEntry, GraphSummary),
    get: {
      description: "A graph, now or at a version, with its digest and everything that is wrong with it",
      input: Schema.Struct(graphAtVersion),
      answer: Schema.Struct({
        ...GraphEntry.fields,
        createdAt: Schema.optionalKey(Instant),
        digest: Schema.String,
        problems: Schema.Array(Problem),
      }),
    },
    flake: {
      description: "The flake that a graph, now or at a version, renders to: its digest, and its files by path",
      input: Schema.Struct({
        ...graphAtVersion,
        /** The flake that was stored under this digest when a deployment was requested, instead of a new one. */
        digest: Schema.optionalKey(Asked),
        /** False: only the digest. */
        files: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
      }),
      answer: Schema.Struct({
        digest: Schema.String,
        files: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
      }),
    },
  },
} satisfies PublishedView;
