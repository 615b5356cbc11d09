import { Effect, Option, Result } from "effect";
import { damagedReason } from "../contract/envelope.ts";
import { atOnce, type Steps } from "../domain/kernel/mod.ts";
import type { Aggregate } from "./aggregate.ts";
import { type Chain, chainProblems } from "./chain.ts";
import { newerIn } from "./checked-log.ts";
import { CommandError } from "./command-error.ts";
import { commandKey } from "./command-request.ts";
import {
  type Commit,
  Digests,
  EventStore,
  type EventStoreShape,
  LogDamaged,
  type ReadFailure,
  type Snapshot,
  Snapshots,
  StoreUnavailable,
  timeInChain,
} from "./ports/mod.ts";
import { inSlices } from "./time-slices.ts";

/** An aggregate after its history. */
export interface Loaded {
  readonly state: unknown;
  /** Number of events. */
  readonly version: number;
  /** Position of its last commit; 0 if it does not exist. */
  readonly position: number;
  readonly lastCid: string | undefined;
  /** Time of its last commit. Later commits never have an earlier time. */
  readonly lastTime: string;
  /** Whether its last commit has a seal; undefined if unknown. */
  readonly sealed?: boolean;
  /** The commit's position for each handled command, by `commandKey`. A repeated command is answered from there. */
  readonly handled: Map<string, number>;
  /** The version of the newest snapshot; 0 if there is none. */
  readonly snapshotVersion: number;
}

/** An aggregate that does not exist. */
export const empty = (aggregate: Aggregate<unknown>): Loaded => ({
  state: aggregate.initial,
  version: 0,
  position: 0,
  lastCid: undefined,
  lastTime: "",
  handled: new Map(),
  snapshotVersion: 0,
});

/** Returns the aggregate after one more commit. The map of handled commands is shared and grows. */
export const advance = (aggregate: Aggregate<unknown>, loaded: Loaded, commit: Commit): Loaded =>
  atOnce(advancing(aggregate, loaded, commit));

/** Returns the same, with a pause after each event. */
export function* advancing(aggregate: Aggregate<unknown>, loaded: Loaded, commit: Commit): Steps<Loaded> {
  let { state, version, lastCid } = loaded;
  for (const stored of commit.events) {
    version += 1;
    state = aggregate.evolve(state, aggregate.upcast(stored), {
      aggregateId: commit.id,
      version,
      actor: commit.actor,
      time: commit.time,
    });
    lastCid = stored.cid;
    yield;
  }
  loaded.handled.set(commandKey(commit.actor, commit.commandId), commit.position);
  return {
    ...loaded,
    state,
    version,
    position: commit.position,
    lastCid,
    lastTime: timeInChain(commit),
    sealed: commit.seal !== undefined,
  };
}

/** Returns the aggregate in a snapshot. If the snapshot is unusable, returns the aggregate as if it did not exist. */
function* fromSnapshot(aggregate: Aggregate<unknown>, snapshot: Snapshot): Steps<Loaded> {
  if (snapshot.stateVersion !== aggregate.stateVersion) return empty(aggregate);
  const state = yield* aggregate.decodeState(snapshot.state);
  if (Option.isNone(state)) return empty(aggregate);
  return {
    state: state.value,
    version: snapshot.version,
    position: snapshot.position,
    lastCid: snapshot.lastCid,
    lastTime: snapshot.lastTime,
    handled: new Map(Object.entries(snapshot.handled)),
    snapshotVersion: snapshot.version,
  };
}

/** Returns the commit at a position of the log; undefined if there is none, or if the message is not a commit. */
export const commitIn = (
  { commitAt }: EventStoreShape,
  position: number,
): Effect.Effect<Commit | undefined, StoreUnavailable> =>
  commitAt(position).pipe(
    Effect.map(Option.getOrUndefined),
    Effect.catchTag("LogDamaged", () => Effect.undefined),
  );

/**
 * Returns the newest snapshot, if the log has the commit at its end. A log that was restored from an older backup may
 * lack it.
 */
const newestSnapshot = Effect.fnUntraced(function* (aggregate: Aggregate<unknown>, id: string) {
  const snapshot = yield* (yield* Snapshots).load(aggregate.name, id);
  if (Option.isNone(snapshot)) return snapshot;
  const { position, lastCid } = snapshot.value;
  const last = yield* commitIn(yield* EventStore, position);
  const fits = last?.aggregate === aggregate.name && last.id === id && last.events.at(-1)?.cid === lastCid;
  return fits ? snapshot : Option.none<Snapshot>();
});

/** Returns an aggregate, loaded from its newest snapshot and the commits after it. */
export const load = Effect.fnUntraced(function* (
  aggregate: Aggregate<unknown>,
  id: string,
  options: { readonly mayLag?: boolean } = {},
) {
  const snapshot = yield* newestSnapshot(aggregate, id);
  const start = Option.isNone(snapshot)
    ? empty(aggregate)
    : yield* inSlices(() => fromSnapshot(aggregate, snapshot.value));
  return yield* catchUp(aggregate, id, start, options);
});

/**
 * Returns an aggregate after the commits that were appended since. Fails if one does not fit, because no decision may
 * rest on a commit that the backend cannot have written.
 */
export const catchUp = Effect.fnUntraced(function* (
  aggregate: Aggregate<unknown>,
  id: string,
  from: Loaded,
  options: { readonly mayLag?: boolean } = {},
) {
  const commits = yield* (yield* EventStore).read(aggregate.name, id, { after: from.position, ...options });
  return yield* goOn(aggregate, from, commits);
});

/** Takes up what others have appended since, as far as it has come to this backend. Asks nobody. */
export const takeUp = Effect.fnUntraced(function* (aggregate: Aggregate<unknown>, id: string, from: Loaded) {
  const commits = (yield* EventStore).heard(aggregate.name, id, from.position);
  return commits.length === 0 ? from : yield* goOn(aggregate, from, commits);
});

const goOn = Effect.fnUntraced(function* (aggregate: Aggregate<unknown>, from: Loaded, commits: ReadonlyArray<Commit>) {
  const digests = yield* Digests;
  return yield* Effect.flatMap(
    inSlices(() => checked(aggregate, from, commits, digests)),
    Effect.fromResult,
  );
});

/** Returns the aggregate after these commits, or the problem of the first one that does not fit. */
function* checked(
  aggregate: Aggregate<unknown>,
  from: Loaded,
  commits: ReadonlyArray<Commit>,
  digests: Digests["Service"],
): Steps<Result.Result<Loaded, ReadFailure>> {
  let loaded = from;
  for (const commit of commits) {
    const problem = yield* problemAfter(aggregate, loaded, commit, digests);
    if (problem !== undefined) return Result.fail(problem);
    loaded = yield* advancing(aggregate, loaded, commit);
  }
  return Result.succeed(loaded);
}

/** Returns why an aggregate cannot be read past this commit; undefined if it can. */
function* problemAfter(
  aggregate: Aggregate<unknown>,
  { version, lastCid: cid, lastTime: time, sealed = false }: Loaded,
  commit: Commit,
  digests: Digests["Service"],
): Steps<ReadFailure | undefined> {
  const chain: Chain = { version, cid, time, sealed };
  const [first] = yield* chainProblems(commit, chain, digests);
  if (first !== undefined) {
    const { position, id } = commit;
    const { problem } = first;
    const message = `the message at position ${position} of the log does not fit: ${problem}`;
    return new LogDamaged({ position, aggregate: aggregate.name, id, problem, message, before: [] });
  }
  const newer = newerIn(aggregate, commit);
  if (newer === undefined) return undefined;
  return new StoreUnavailable({
    message: `${aggregate.name} \`${commit.id}\` has events of a newer version, at position ${commit.position} (${newer}): update this backend`,
  });
}

/**
 * An aggregate at an earlier moment. If the moment lies inside a commit, `within` has the versions before and after
 * that commit.
 */
export interface LoadedAt extends Loaded {
  readonly within?: { readonly before: number; readonly after: number };
}

/** A moment in the history of an aggregate. */
interface Moment {
  readonly version?: number;
  readonly position?: number;
  readonly time?: string;
}

/**
 * Returns the state of an aggregate at an earlier event number, position or time. Damage after that moment does not
 * matter.
 */
export const loadAt = Effect.fnUntraced(function* (aggregate: Aggregate<unknown>, id: string, until: Moment) {
  const digests = yield* Digests;
  const { commits, damaged } = yield* (yield* EventStore).read(aggregate.name, id).pipe(
    Effect.map((commits) => ({ commits, damaged: undefined })),
    Effect.catchTag("LogDamaged", (damaged) => Effect.succeed({ commits: damaged.before, damaged })),
  );
  const { loaded, isPassed } = yield* Effect.flatMap(
    inSlices(() => checkedUntil(aggregate, until, commits, digests)),
    Effect.fromResult,
  );
  const isAfter = until.position !== undefined && damaged !== undefined && damaged.position > until.position;
  if (damaged !== undefined && !isPassed && !isAfter) return yield* damaged;
  return loaded;
});

/** The aggregate at a moment, and whether these commits continue after it. */
interface Reached {
  readonly loaded: LoadedAt;
  readonly isPassed: boolean;
}

/** Returns the aggregate after the commits up to the moment, or the problem of one that does not fit. */
function* checkedUntil(
  aggregate: Aggregate<unknown>,
  until: Moment,
  commits: ReadonlyArray<Commit>,
  digests: Digests["Service"],
): Steps<Result.Result<Reached, ReadFailure>> {
  let loaded = empty(aggregate);
  const reached = (at: LoadedAt) => Result.succeed({ loaded: at, isPassed: true });
  for (const commit of commits) {
    if (until.position !== undefined && commit.position > until.position) return reached(loaded);
    if (until.time !== undefined && commit.time > until.time) return reached(loaded);
    const problem = yield* problemAfter(aggregate, loaded, commit, digests);
    if (problem !== undefined) return Result.fail(problem);
    const last = commit.firstVersion + commit.events.length - 1;
    if (until.version === undefined || last <= until.version) {
      loaded = yield* advancing(aggregate, loaded, commit);
      if (last === until.version) return reached(loaded);
      continue;
    }
    // The version lies inside this commit.
    const wanted = until.version - commit.firstVersion + 1;
    const [first, ...rest] = commit.events.slice(0, Math.max(0, wanted));
    if (first === undefined) return reached(loaded);
    const within = { before: commit.firstVersion - 1, after: last };
    return reached({ ...(yield* advancing(aggregate, loaded, { ...commit, events: [first, ...rest] })), within });
  }
  return Result.succeed({ loaded, isPassed: false });
}

/**
 * A snapshot is taken after this many events, and again when a history has grown by a quarter. So the total cost stays
 * linear.
 */
const snapshotEvery = 500;

/** Returns the work of a due snapshot; undefined if the newest one is recent enough. */
export const dueSnapshot = (aggregate: Aggregate<unknown>, loaded: Loaded): (() => Steps<Snapshot>) | undefined => {
  const { version, position, lastCid, lastTime, snapshotVersion, state } = loaded;
  if (lastCid === undefined || version - snapshotVersion < Math.max(snapshotEvery, snapshotVersion / 4))
    return undefined;
  const { stateVersion } = aggregate;
  // Copied now, because later commits extend the map during the pauses.
  const handled = Object.fromEntries(loaded.handled);
  return function* () {
    const encoded = yield* aggregate.encodeState(state);
    return { stateVersion, version, position, lastCid, lastTime, handled, state: encoded };
  };
};

/** Returns the error of a read-only aggregate. */
export const damagedError = ({ aggregate, id, position, problem }: DamagedAt): CommandError =>
  new CommandError({
    code: "unavailable",
    message: `${aggregate} \`${id}\` can only be read, because position ${position} of the log does not fit in its history (${problem}): restore the log from a backup, or continue under another id; \`cim audit verify ${aggregate} ${id}\` shows all of it`,
    details: { reason: damagedReason, aggregate, id, position, problem },
  });

type DamagedAt = Pick<LogDamaged, "aggregate" | "id" | "position" | "problem">;

/** Converts the failures of reading the log to command errors. */
export const unavailableLog = <A, R>(effect: Effect.Effect<A, ReadFailure, R>): Effect.Effect<A, CommandError, R> =>
  Effect.mapError(effect, (error) =>
    error._tag === "LogDamaged"
      ? damagedError(error)
      : new CommandError({ code: "unavailable", message: error.message }),
  );
