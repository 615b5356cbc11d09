import { Effect, Metric, Option } from "effect";
import type { Revision } from "../../domain/deployment/contract.ts";
import type { Candidate } from "../../domain/deployment/request.ts";
import type { Allowance } from "../../domain/graph/allowances.ts";
import { missingTexts } from "../../domain/graph/consequences.ts";
import type { GraphChange } from "../../domain/graph/contract.ts";
import { graph } from "../../domain/graph/decider.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { digestsIn } from "../../domain/graph/node-files.ts";
import { hasErrors } from "../../domain/graph/problems.ts";
import { secretLikeFields, textsOf, unallowedFields } from "../../domain/graph/secret-check.ts";
import type { GraphState } from "../../domain/graph/state.ts";
import { documentOfInSteps } from "../../domain/graph/state.ts";
import type { CommitEnds, MissingVersion } from "../../domain/graph/versions.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { aggregateOf } from "../aggregate.ts";
import { type DigestedFlake, type ExaminedGraph, GraphWork } from "../graph-work.ts";
import { catchUp, type LoadedAt, load, loadAt, unavailableLog } from "../history.ts";
import { flakesRendered } from "../metrics.ts";
import {
  Artifacts,
  Digests,
  EventStore,
  type EventStoreShape,
  FlakeInputs,
  type StoreUnavailable,
} from "../ports/mod.ts";
import { inSlices } from "../time-slices.ts";
import { lookUpForGraph, storedTexts } from "./graph-files.ts";

/** Graphs as command handling and look-ups load them. */
export const graphAggregate = aggregateOf(graph, lookUpForGraph);

/** A graph at a version. */
export interface GraphAt {
  readonly document: GraphDocument;
  readonly version: number;
  readonly position: number;
  readonly time: string;
  readonly archived: boolean;
  readonly owner: string;
  readonly editors: ReadonlyArray<string>;
  readonly secretLike: ReadonlyArray<Allowance>;
  /** The ends of the commit that the version lies within. Logs of earlier versions have deployments of such graphs. */
  readonly within?: CommitEnds;
}

/** A graph as it is, or as it was at a version; `newest` alone if it never had that version. */
export type FoundGraph = { readonly found: GraphAt } | { readonly newest: number } | undefined;

/** Graphs that were asked for last, as they were then: a large one takes long to load. By the log that they are in. */
const recent = new WeakMap<EventStoreShape, Map<string, LoadedAt>>();
/** How many of them are kept. */
const keptGraphs = 16;
/** The documents of states that are still held. */
const documents = new WeakMap<NonNullable<GraphState>, GraphDocument>();
/** What was found out about documents that are still held. */
const examinations = new WeakMap<GraphDocument, ExaminedGraph>();

const keptIn = (store: EventStoreShape): Map<string, LoadedAt> => {
  const kept = recent.get(store) ?? new Map<string, LoadedAt>();
  recent.set(store, kept);
  return kept;
};

const keep = (kept: Map<string, LoadedAt>, key: string, loaded: LoadedAt): void => {
  kept.delete(key);
  if (loaded.version > 0) kept.set(key, loaded);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size > keptGraphs) kept.delete(oldest);
};

const loadNewest = Effect.fnUntraced(function* (id: string) {
  const kept = keptIn(yield* EventStore);
  const known = kept.get(id);
  const loaded = known === undefined ? yield* load(graphAggregate, id) : yield* catchUp(graphAggregate, id, known);
  keep(kept, id, loaded);
  return loaded;
});

/** A version that is known does not change any more: the log is not asked. */
const loadVersion = Effect.fnUntraced(function* (id: string, version: number) {
  const kept = keptIn(yield* EventStore);
  const newest = kept.get(id);
  if (newest?.version === version) return newest;
  const key = `${id}@${version}`;
  const loaded = kept.get(key) ?? (yield* loadAt(graphAggregate, id, { version }));
  if (loaded.version === version) keep(kept, key, loaded);
  return loaded;
});

const documentIn = Effect.fnUntraced(function* (id: string, state: NonNullable<GraphState>) {
  const known = documents.get(state);
  if (known !== undefined) return known;
  const made = yield* inSlices(() => documentOfInSteps(id, state));
  // Another caller may have made it during a pause. What is found out about a document is kept with that one.
  const document = documents.get(state) ?? made;
  documents.set(state, document);
  return document;
});

/** Reads a graph from the log; undefined if there is none. A version that a user names is read by {@link namedGraph}. */
export const graphAt = Effect.fnUntraced(function* (id: string, version?: number) {
  const loaded = version === undefined ? yield* loadNewest(id) : yield* loadVersion(id, version);
  const state = loaded.state as GraphState;
  if (state === null) {
    const newest = version === undefined ? 0 : (yield* loadNewest(id)).version;
    return newest === 0 ? undefined : ({ newest } as FoundGraph);
  }
  if (version !== undefined && loaded.version !== version) return { newest: loaded.version } as FoundGraph;
  const { version: at, position, lastTime: time } = loaded;
  const document = yield* documentIn(id, state);
  const found: GraphAt = defined({
    document,
    version: at,
    position,
    time,
    archived: state.archived,
    owner: state.owner,
    editors: state.editors,
    secretLike: state.secretLike,
    within: endsOf(loaded),
  });
  return { found } as FoundGraph;
}, unavailableLog);

const endsOf = ({ within }: LoadedAt): CommitEnds | undefined =>
  within && defined({ before: within.before === 0 ? undefined : within.before, after: within.after });

/**
 * Reads a graph at a version that somebody named. Only the end of a commit can be named, see {@link missingVersion};
 * undefined if there is no such graph.
 */
export const namedGraph = Effect.fnUntraced(function* (id: string, version?: number) {
  const graphs = yield* graphAt(id, version);
  if (graphs === undefined) return undefined;
  if ("newest" in graphs) return { missing: { is: "version-not-found", newest: graphs.newest } as MissingVersion };
  const { within: ends } = graphs.found;
  if (ends === undefined) return { found: graphs.found };
  return { missing: { is: "version-inside-commit", ends } as MissingVersion };
});

/** What is wrong with a graph, and its digest: that of its canonical text. */
export const examinedGraph = Effect.fnUntraced(function* (document: GraphDocument) {
  const known = examinations.get(document);
  if (known !== undefined) return known;
  const { sha256 } = yield* Digests;
  const examined = yield* (yield* GraphWork).examine(document, sha256);
  examinations.set(document, examined);
  return examined;
});

/** Renders the flake of a valid graph with the texts of its files by their digests. */
const rendering = Effect.fnUntraced(function* (document: GraphDocument, texts: Readonly<Record<string, string>>) {
  const { sha256 } = yield* Digests;
  const rendered = yield* (yield* GraphWork).render(document, { sha256, pins: yield* FlakeInputs, texts });
  yield* Metric.update(flakesRendered, 1);
  keepFlake(rendered);
  return rendered;
});

/** Renders the flake of a valid graph, with its hosts in waves. */
export const flakeOf = Effect.fnUntraced(function* (document: GraphDocument) {
  return yield* rendering(document, (yield* storedTexts(digestsIn(document.nodes))).texts);
});

/** What is known of flakes by their digests, which nothing changes; those that were asked for last. */
const flakes = new Map<string, DigestedFlake>();
/** How many of them are kept. */
const keptFlakes = 1_000;

const keepFlake = ({ digest, bytes, files }: DigestedFlake): DigestedFlake => {
  const flake = { digest, bytes, files };
  flakes.delete(digest);
  flakes.set(digest, flake);
  const [oldest] = flakes.keys();
  if (oldest !== undefined && flakes.size > keptFlakes) flakes.delete(oldest);
  return flake;
};

/** What is stored under the digest of a flake, read by `reading`; `absent` if it is missing or cannot be read. */
const stored = <A>(
  digest: string,
  absent: A,
  reading: (artifacts: Artifacts["Service"]) => Effect.Effect<A, StoreUnavailable>,
) =>
  Effect.flatMap(Artifacts, reading).pipe(
    Effect.tapError((error) => Effect.logWarning(`stored flake ${digest}: ${error.message}`)),
    Effect.orElseSucceed(() => absent),
  );

/** The text of a flake that is stored; undefined if it is missing or cannot be read. */
export const flakeTextOf = (digest: string) =>
  Effect.map(
    stored(digest, Option.none<string>(), (artifacts) => artifacts.get(digest)),
    Option.getOrUndefined,
  );

/** The flake that is stored under a digest; undefined if it is missing, cannot be read, or has another digest. */
const storedFlake = Effect.fnUntraced(function* (digest: string) {
  const known = flakes.get(digest);
  // It need not be read again to know what it is, but to know that it is still there as it was.
  if (known !== undefined)
    return (yield* stored(digest, false, (artifacts) => artifacts.has(digest))) ? known : undefined;
  const text = yield* flakeTextOf(digest);
  if (text === undefined) return undefined;
  const { sha256 } = yield* Digests;
  const flake = yield* (yield* GraphWork).read(text, sha256);
  return flake?.digest === digest ? keepFlake(flake) : undefined;
});

/**
 * Returns the flake of a graph by the digest that was decided on. It is rendered and stored once, when its deployment is
 * requested or amended, and read here from then on, so that an upgrade of the backend does not change what was voted on.
 *
 * A stored flake that was lost or altered is rendered again, and stored again if it is the same. If it is not, the result
 * is undefined: what was decided on is gone, and nothing else may be deployed in its place.
 */
export const flakeByDigest = Effect.fnUntraced(function* (digest: string, document: GraphDocument) {
  const stored = yield* storedFlake(digest);
  if (stored !== undefined || hasErrors((yield* examinedGraph(document)).problems)) return stored;
  const rendered = yield* flakeOf(document);
  if (rendered.digest !== digest) return undefined;
  yield* unavailableLog((yield* Artifacts).put(digest, rendered.content));
  return rendered;
});

/** A graph that is to be deployed, and the fields of it that may look like secrets. */
interface Wanted {
  readonly document: GraphDocument;
  readonly version: number;
  readonly allowed: ReadonlyArray<string>;
}

/** The fields of a graph that were allowed although they look like secrets. */
export const allowedFields = ({ secretLike }: Pick<GraphAt, "secretLike">): ReadonlyArray<string> =>
  secretLike.map(({ field }) => field);

/** A graph that is to be deployed: its flake if it can be, or why it cannot be. */
const assess = Effect.fnUntraced(function* ({ document, version, allowed }: Wanted) {
  const examined = yield* examinedGraph(document);
  const { texts, missing } = yield* storedTexts(digestsIn(document.nodes));
  const problems = [
    ...examined.problems.filter(({ severity }) => severity === "error"),
    ...missingTexts(document.nodes, { missing }),
  ];
  if (problems.length > 0) return { candidate: { is: "invalid-graph", problems } satisfies Candidate };
  const flake = yield* rendering(document, texts);
  // Only logs of earlier versions have graphs with what nobody allowed.
  const secrets = unallowedFields(flake.secretLike, allowed);
  if (secrets.length > 0) return { candidate: { is: "invalid-graph", problems: secrets } satisfies Candidate };
  const revision: Revision = {
    graphVersion: version,
    graphDigest: examined.digest,
    flakeDigest: flake.digest,
    waves: flake.waves,
  };
  return { candidate: { is: "revision", revision } satisfies Candidate, flake };
});

/** What a deployment of a graph at a version would be, or why there can be none. Stores nothing. */
export const candidateOf = Effect.fnUntraced(function* (wanted: Wanted) {
  return (yield* assess(wanted)).candidate;
});

/** The same for a deployment that begins or is amended, and what stores its flake under its digest. */
export const storableCandidateOf = Effect.fnUntraced(function* (wanted: Wanted) {
  const { candidate, flake } = yield* assess(wanted);
  const artifacts = yield* Artifacts;
  const store = flake === undefined ? Effect.void : unavailableLog(artifacts.put(flake.digest, flake.content));
  return { candidate, store };
});

/** What was decided on. */
export interface DecidedRevision {
  readonly graph: string;
  readonly graphVersion?: number;
  readonly graphDigest: string;
  /** True if this version is meant, whatever came after it. */
  readonly pinnedVersion?: boolean;
}

/** Returns the graph that was decided on if it is still the same, or `changed`: why the decision does not hold. */
export const decidedGraph = Effect.fnUntraced(function* (revision: DecidedRevision) {
  const { graph, graphVersion, graphDigest, pinnedVersion } = revision;
  const graphs = yield* graphAt(graph, pinnedVersion === true ? graphVersion : undefined);
  if (graphs === undefined || !("found" in graphs)) return { changed: `graph ${graph} is gone` };
  const { document, archived } = graphs.found;
  const decidedOn = graphVersion === undefined ? "this" : `version ${graphVersion}`;
  if (archived) return { changed: `graph ${graph} was archived after ${decidedOn} was decided on` };
  if ((yield* examinedGraph(document)).digest !== graphDigest)
    return { changed: `graph ${graph} has changed since ${decidedOn} was decided on` };
  return { document, allowed: allowedFields(graphs.found) };
});

/**
 * The texts of the graph that changes are for, if something in the changes looks like a secret: what the graph has is
 * nothing new in its log. Undefined otherwise, which is nearly always.
 */
export const graphBefore = Effect.fnUntraced(function* (
  { graph, graphVersion }: Pick<DecidedRevision, "graph" | "graphVersion">,
  changes: ReadonlyArray<GraphChange>,
) {
  if (secretLikeFields(textsOf(changes)).length === 0) return undefined;
  const graphs = yield* graphAt(graph, graphVersion);
  return graphs !== undefined && "found" in graphs ? graphs.found.document : undefined;
});

/** Returns the flake that was decided on if its graph is still the same, or `changed`: why the decision does not hold. */
export const decidedFlake = Effect.fnUntraced(function* (revision: DecidedRevision & { readonly flakeDigest: string }) {
  const graph = yield* decidedGraph(revision);
  if (graph.changed !== undefined) return { changed: graph.changed };
  const flake = yield* flakeByDigest(revision.flakeDigest, graph.document);
  return flake === undefined
    ? {
        changed: `flake ${revision.flakeDigest} was decided on; it is not stored any more, and is not rendered the same`,
      }
    : { flake };
});

/** What a deployment of the graph `id`, or of a version of it, will be; its flake is stored under its digest. */
export const candidateFor = Effect.fnUntraced(function* (id: string, version?: number) {
  const graphs = yield* namedGraph(id, version);
  if (graphs === undefined) return { is: "graph-not-found" } satisfies Candidate;
  if ("missing" in graphs) return graphs.missing;
  const { found } = graphs;
  if (found.archived) return { is: "archived" } satisfies Candidate;
  const { candidate, store } = yield* storableCandidateOf({ ...found, allowed: allowedFields(found) });
  yield* store;
  return candidate;
});
