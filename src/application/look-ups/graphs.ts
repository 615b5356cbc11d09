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

/** The aggregate of graphs, for command handling and look-ups. */
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
  /** The ends of the commit around a version that lies inside it. Older logs have deployments of such versions. */
  readonly within?: CommitEnds;
}

/** A graph, now or at a version. If it never had that version, only `newest`. */
export type FoundGraph = { readonly found: GraphAt } | { readonly newest: number } | undefined;

/** Recently used graphs, by log. Loading a large graph takes long. */
const recent = new WeakMap<EventStoreShape, Map<string, LoadedAt>>();
/** The number of graphs that are kept. */
const keptGraphs = 16;
/** The documents of states that are still in use. */
const documents = new WeakMap<NonNullable<GraphState>, GraphDocument>();
/** The examinations of documents that are still in use. */
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

/** Returns a version of a graph. A known version never changes, so the log is not read for it. */
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
  // Another caller may have finished during a pause. Examinations are kept with the first document.
  const document = documents.get(state) ?? made;
  documents.set(state, document);
  return document;
});

/**
 * Returns a graph from the log; undefined if it does not exist. {@link namedGraph} reads a version that a user names.
 */
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
 * Returns a graph at a version that a user names. Only the end of a commit can be named, see {@link missingVersion}.
 * Undefined if the graph does not exist.
 */
export const namedGraph = Effect.fnUntraced(function* (id: string, version?: number) {
  const graphs = yield* graphAt(id, version);
  if (graphs === undefined) return undefined;
  if ("newest" in graphs) return { missing: { is: "version-not-found", newest: graphs.newest } as MissingVersion };
  const { within: ends } = graphs.found;
  if (ends === undefined) return { found: graphs.found };
  return { missing: { is: "version-inside-commit", ends } as MissingVersion };
});

/** Returns the problems of a graph, and the digest of its canonical text. */
export const examinedGraph = Effect.fnUntraced(function* (document: GraphDocument) {
  const known = examinations.get(document);
  if (known !== undefined) return known;
  const { sha256 } = yield* Digests;
  const examined = yield* (yield* GraphWork).examine(document, sha256);
  examinations.set(document, examined);
  return examined;
});

/** Renders the flake of a valid graph with the texts of its files. */
const rendering = Effect.fnUntraced(function* (document: GraphDocument, texts: Readonly<Record<string, string>>) {
  const { sha256 } = yield* Digests;
  const rendered = yield* (yield* GraphWork).render(document, { sha256, pins: yield* FlakeInputs, texts });
  yield* Metric.update(flakesRendered, 1);
  keepFlake(rendered);
  return rendered;
});

/** Renders the flake of a valid graph, and its hosts in waves. */
export const flakeOf = Effect.fnUntraced(function* (document: GraphDocument) {
  return yield* rendering(document, (yield* storedTexts(digestsIn(document.nodes))).texts);
});

/** Descriptions of recently used flakes by digest. They never change. */
const flakes = new Map<string, DigestedFlake>();
/** The number of flakes that are kept. */
const keptFlakes = 1_000;

const keepFlake = ({ digest, bytes, files }: DigestedFlake): DigestedFlake => {
  const flake = { digest, bytes, files };
  flakes.delete(digest);
  flakes.set(digest, flake);
  const [oldest] = flakes.keys();
  if (oldest !== undefined && flakes.size > keptFlakes) flakes.delete(oldest);
  return flake;
};

/** Reads what is stored under the digest of a flake; returns `absent` if it is missing or unreadable. */
const stored = <A>(
  digest: string,
  absent: A,
  reading: (artifacts: Artifacts["Service"]) => Effect.Effect<A, StoreUnavailable>,
) =>
  Effect.flatMap(Artifacts, reading).pipe(
    Effect.tapError((error) => Effect.logWarning(`stored flake ${digest}: ${error.message}`)),
    Effect.orElseSucceed(() => absent),
  );

/** Returns the text of a stored flake; undefined if it is missing or unreadable. */
export const flakeTextOf = (digest: string) =>
  Effect.map(
    stored(digest, Option.none<string>(), (artifacts) => artifacts.get(digest)),
    Option.getOrUndefined,
  );

/** Returns the flake stored under a digest; undefined if it is missing, unreadable, or has another digest. */
const storedFlake = Effect.fnUntraced(function* (digest: string) {
  const known = flakes.get(digest);
  // The description is known. This only checks that the text is still stored unaltered.
  if (known !== undefined)
    return (yield* stored(digest, false, (artifacts) => artifacts.has(digest))) ? known : undefined;
  const text = yield* flakeTextOf(digest);
  if (text === undefined) return undefined;
  const { sha256 } = yield* Digests;
  const flake = yield* (yield* GraphWork).read(text, sha256);
  return flake?.digest === digest ? keepFlake(flake) : undefined;
});

/**
 * Returns the flake of a graph by its approved digest. It is rendered and stored once, when its deployment is requested
 * or amended. After that it is only read, so that an upgrade of the backend does not change what was voted on.
 *
 * If a stored flake is lost or altered, it is rendered again, and stored if the digest is the same. If the digest
 * differs, the result is undefined: the approved flake no longer exists, and no other flake may be deployed in its
 * place.
 */
export const flakeByDigest = Effect.fnUntraced(function* (digest: string, document: GraphDocument) {
  const stored = yield* storedFlake(digest);
  if (stored !== undefined || hasErrors((yield* examinedGraph(document)).problems)) return stored;
  const rendered = yield* flakeOf(document);
  if (rendered.digest !== digest) return undefined;
  yield* unavailableLog((yield* Artifacts).put(digest, rendered.content));
  return rendered;
});

/** A graph to deploy, and its fields that may look like secrets. */
interface Wanted {
  readonly document: GraphDocument;
  readonly version: number;
  readonly allowed: ReadonlyArray<string>;
}

/** Returns the fields of a graph that look like secrets and were allowed. */
export const allowedFields = ({ secretLike }: Pick<GraphAt, "secretLike">): ReadonlyArray<string> =>
  secretLike.map(({ field }) => field);

/** Returns the flake of a graph to deploy, or why it cannot be deployed. */
const assess = Effect.fnUntraced(function* ({ document, version, allowed }: Wanted) {
  const examined = yield* examinedGraph(document);
  const { texts, missing } = yield* storedTexts(digestsIn(document.nodes));
  const problems = [
    ...examined.problems.filter(({ severity }) => severity === "error"),
    ...missingTexts(document.nodes, { missing }),
  ];
  if (problems.length > 0) return { candidate: { is: "invalid-graph", problems } satisfies Candidate };
  const flake = yield* rendering(document, texts);
  // Only older logs have graphs with secrets that were never allowed.
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

/** Returns the revision that a deployment of a graph would have, or why there is none. Stores nothing. */
export const candidateOf = Effect.fnUntraced(function* (wanted: Wanted) {
  return (yield* assess(wanted)).candidate;
});

/** Returns the same for a new or amended deployment, with the effect that stores its flake. */
export const storableCandidateOf = Effect.fnUntraced(function* (wanted: Wanted) {
  const { candidate, flake } = yield* assess(wanted);
  const artifacts = yield* Artifacts;
  const store = flake === undefined ? Effect.void : unavailableLog(artifacts.put(flake.digest, flake.content));
  return { candidate, store };
});

/** The approved revision. */
export interface DecidedRevision {
  readonly graph: string;
  readonly graphVersion?: number;
  readonly graphDigest: string;
  /** True if the deployment is bound to this version, even if newer ones exist. */
  readonly pinnedVersion?: boolean;
}

/** Returns the approved graph if it is unchanged, or `changed`, the reason why the approval is void. */
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
 * Returns the graph to which changes apply, if something in the changes looks like a secret. Text that the graph
 * already has is not new in the log. Undefined if nothing looks like a secret, which is the usual case.
 */
export const graphBefore = Effect.fnUntraced(function* (
  { graph, graphVersion }: Pick<DecidedRevision, "graph" | "graphVersion">,
  changes: ReadonlyArray<GraphChange>,
) {
  if (secretLikeFields(textsOf(changes)).length === 0) return undefined;
  const graphs = yield* graphAt(graph, graphVersion);
  return graphs !== undefined && "found" in graphs ? graphs.found.document : undefined;
});

/** Returns the approved flake if its graph is unchanged, or `changed`, the reason why the approval is void. */
export const decidedFlake = Effect.fnUntraced(function* (revision: DecidedRevision & { readonly flakeDigest: string }) {
  const graph = yield* decidedGraph(revision);
  if (graph.changed !== undefined) return { changed: graph.changed };
  const flake = yield* flakeByDigest(revision.flakeDigest, graph.document);
  return flake === undefined
    ? {
        changed: `flake ${revision.flakeDigest} was decided on; it is no longer stored, and the graph now renders differently`,
      }
    : { flake };
});

/** Returns the revision that a deployment of the graph `id`, or of a version of it, will have. Stores its flake. */
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
