import { Effect } from "effect";
import type { Revision } from "../../domain/deployment/contract.ts";
import { deploymentFlake } from "../../domain/deployment/flake.ts";
import { planDeployment } from "../../domain/deployment/plan.ts";
import type { Candidate } from "../../domain/deployment/request.ts";
import { canonicalGraph } from "../../domain/graph/canonical.ts";
import { documentOf, graph } from "../../domain/graph/decider.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { problemsIn } from "../../domain/graph/problems.ts";
import type { GraphState } from "../../domain/graph/state.ts";
import { type Flake, flakeText } from "../../domain/nix/mod.ts";
import { aggregateOf } from "../aggregate.ts";
import { load, loadAt, unavailableLog } from "../history.ts";
import { Digests, FlakeInputs } from "../ports/mod.ts";

/** Graphs as command handling and look-ups load them. */
export const graphAggregate = aggregateOf(graph);

/** A graph at a version. */
export interface GraphAt {
  readonly document: GraphDocument;
  readonly version: number;
  readonly position: number;
  readonly time: string;
  readonly archived: boolean;
}

/** A graph as it is, or as it was at a version; `newest` alone where it never had that version. */
export type FoundGraph = { readonly found: GraphAt } | { readonly newest: number } | undefined;

/** Reads a graph from the log; undefined where there is none. */
export const graphAt = Effect.fnUntraced(function* (id: string, version?: number) {
  const loaded =
    version === undefined ? yield* load(graphAggregate, id) : yield* loadAt(graphAggregate, id, { version });
  const state = loaded.state as GraphState;
  if (state === null) {
    const newest = version === undefined ? 0 : (yield* load(graphAggregate, id)).version;
    return newest === 0 ? undefined : ({ newest } as FoundGraph);
  }
  if (version !== undefined && loaded.version !== version) return { newest: loaded.version } as FoundGraph;
  const { version: at, position, lastTime: time } = loaded;
  const found: GraphAt = { document: documentOf(id, state), version: at, position, time, archived: state.archived };
  return { found } as FoundGraph;
}, unavailableLog);

/** The digest of a graph: of its canonical text. */
export const graphDigestOf = (document: GraphDocument) =>
  Effect.map(Digests, ({ sha256 }) => sha256(canonicalGraph(document)));

/** A flake with the text that is stored, and the digest it is stored under. */
export interface DigestedFlake {
  readonly flake: Flake;
  readonly text: string;
  readonly digest: string;
}

/** Renders the flake of a valid graph. */
export const flakeOf = Effect.fnUntraced(function* (document: GraphDocument) {
  const { sha256 } = yield* Digests;
  const flake = deploymentFlake(document, { sha256, pins: yield* FlakeInputs });
  const text = flakeText(flake);
  return { flake, text, digest: sha256(text) } satisfies DigestedFlake;
});

/** What a deployment of a graph at a version would be, or why there can be none. */
export const candidateOf = Effect.fnUntraced(function* (document: GraphDocument, version: number) {
  const problems = problemsIn(document).filter(({ severity }) => severity === "error");
  if (problems.length > 0) return { is: "invalid-graph", problems } satisfies Candidate;
  const flake = yield* flakeOf(document);
  const revision: Revision = {
    graphVersion: version,
    graphDigest: yield* graphDigestOf(document),
    flakeDigest: flake.digest,
    waves: planDeployment(document),
  };
  return { is: "revision", revision } satisfies Candidate;
});

/** What a deployment of the graph `id`, or of a version of it, would be. */
export const candidateFor = Effect.fnUntraced(function* (id: string, version?: number) {
  const graphs = yield* graphAt(id, version);
  if (graphs === undefined) return { is: "graph-not-found" } satisfies Candidate;
  if ("newest" in graphs) return { is: "version-not-found", newest: graphs.newest } satisfies Candidate;
  const { document, version: at, archived } = graphs.found;
  return archived ? ({ is: "archived" } satisfies Candidate) : yield* candidateOf(document, at);
});
