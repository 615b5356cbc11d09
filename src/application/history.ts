import { Effect, Option, Result } from "effect";
import { damagedReason } from "../contract/envelope.ts";
import { atOnce, defined, type RecordedEvent, type Steps } from "../domain/kernel/mod.ts";
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

/** An aggregate as its history leaves it. */
export interface Loaded {
  readonly state: unknown;
  /** Number of events. */
  readonly version: number;
  /** Position of its last commit; 0 if it does not exist. */
  readonly position: number;
  readonly lastCid: string | undefined;
  /** Time of its last commit: later commits never carry an earlier one. */
  readonly lastTime: string;
  /** Whether its last commit has a seal; undefined if that is not known. */
  readonly sealed?: boolean;
  /** Position of the commit of each command it has handled, by `commandKey`: a repetition is answered from there. */
  readonly handled: Map<string, number>;
  /** Version at the newest snapshot, 0 without one. */
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

/** The aggregate after one more commit. The map of handled commands is shared and grows. */
export const advance = (aggregate: Aggregate<unknown>, loaded: Loaded, commit: Commit): Loaded =>
  atOnce(advancing(aggregate, loaded, commit));

/** The same with a pause after each event. */
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

/** The aggregate as a snapshot has it; as if it did not exist if the snapshot is of no use. */
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

/** The commit at a position of the log; undefined if there is none, or something that is not a commit. */
export const commitIn = (
  { commitAt }: EventStoreShape,
  position: number,
): Effect.Effect<Commit | undefined, StoreUnavailable> =>
  commitAt(position).pipe(
    Effect.map(Option.getOrUndefined),
    Effect.catchTag("LogDamaged", () => Effect.undefined),
  );

/** The newest snapshot, if the log has the commit that it ends with: an older log, restored from a backup, has not. */
const newestSnapshot = Effect.fnUntraced(function* (aggregate: Aggregate<unknown>, id: string) {
  const snapshot = yield* (yield* Snapshots).load(aggregate.name, id);
  if (Option.isNone(snapshot)) return snapshot;
  const { position, lastCid } = snapshot.value;
  const last = yield* commitIn(yield* EventStore, position);
  const fits = last?.aggregate === aggregate.name && last.id === id && last.events.at(-1)?.cid === lastCid;
  return fits ? snapshot : Option.none<Snapshot>();
});

/** Loads an aggregate from its newest snapshot and the commits after it. */
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

/** Reads what was appended since. Fails if it does not fit: nothing is decided on what nobody can have written. */
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

/** The aggregate after these commits, up to the first that does not fit: then why. */
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

/** Returns why an aggregate cannot be read further than to this commit; undefined if it can. */
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
    message: `${aggregate.name} \`${commit.id}\` has events of a newer version at position ${commit.position} (${newer}): update this backend`,
  });
}

/** An aggregate at an earlier moment. `within` has the versions around it if the moment lies inside a commit. */
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
 * The state of an aggregate at an earlier moment: as of an event number, a position or a time, whichever is given. Damage
 * that comes later does not matter.
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

/** The aggregate at a moment, and whether these commits go on after it. */
interface Reached {
  readonly loaded: LoadedAt;
  readonly isPassed: boolean;
}

/** The aggregate after those of the commits that are not after the moment; why, if one of them does not fit. */
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

/** What was made of a commit: all who follow the log get the same events of it. */
interface Made {
  readonly by: Aggregate<unknown> | undefined;
  readonly events: ReadonlyArray<RecordedEvent>;
}

/**
 * Where that is kept: in the commit, unseen by what copies, compares or writes it. In a `WeakMap`, which every commit of
 * the log goes through, it takes longer to be found, and more of the garbage collector's time.
 */
const made = Symbol("recorded events");

/** The events of a commit as everyone but the store sees them: upcast, each with its place. */
export const recordedEvents = (
  by: Aggregate<unknown> | undefined,
  commit: Commit & { readonly [made]?: Made },
): ReadonlyArray<RecordedEvent> => {
  const known = commit[made];
  if (known !== undefined && known.by === by) return known.events;
  const events = record(by, commit);
  Object.defineProperty(commit, made, { value: { by, events }, configurable: true });
  return events;
};

const record = (aggregate: Aggregate<unknown> | undefined, commit: Commit): ReadonlyArray<RecordedEvent> => {
  let previous = commit.previousCid;
  return commit.events.map((stored, index): RecordedEvent => {
    const { type, schemaVersion, data } = aggregate === undefined ? stored : aggregate.upcast(stored);
    const version = commit.firstVersion + index;
    // No `defined` here: this is done for every event that is read.
    const event: RecordedEvent = {
      eventId: `${commit.aggregate}.${commit.id}.${version}`,
      aggregate: commit.aggregate,
      id: commit.id,
      type,
      schemaVersion,
      version,
      position: commit.position,
      lastOfCommit: index === commit.events.length - 1,
      time: commit.time,
      actor: commit.actor,
      commandId: commit.commandId,
      correlationId: commit.correlationId,
      cid: stored.cid,
      ...defined({ causationId: commit.causationId, traceparent: commit.traceparent, previousCid: previous }),
      data,
    };
    previous = stored.cid;
    return event;
  });
};

/** A snapshot is taken after so many events, and again when a history has grown by a quarter: cost stays linear. */
const snapshotEvery = 500;

/** The work of a snapshot to take of an aggregate now; undefined if the newest one is young enough. */
export const dueSnapshot = (aggregate: Aggregate<unknown>, loaded: Loaded): (() => Steps<Snapshot>) | undefined => {
  const { version, position, lastCid, lastTime, snapshotVersion, state } = loaded;
  if (lastCid === undefined || version - snapshotVersion < Math.max(snapshotEvery, snapshotVersion / 4))
    return undefined;
  const { stateVersion } = aggregate;
  // Later commits add to the map while the work pauses.
  const handled = Object.fromEntries(loaded.handled);
  return function* () {
    const encoded = yield* aggregate.encodeState(state);
    return { stateVersion, version, position, lastCid, lastTime, handled, state: encoded };
  };
};

/** An aggregate that can only be read, as callers are told of it. */
export const damagedError = ({ aggregate, id, position, problem }: DamagedAt): CommandError =>
  new CommandError({
    code: "unavailable",
    message: `${aggregate} \`${id}\` can only be read, because position ${position} of the log does not fit in its history (${problem}): restore the log from a backup, or go on under another id; \`cim audit verify ${aggregate} ${id}\` shows all of it`,
    details: { reason: damagedReason, aggregate, id, position, problem },
  });

type DamagedAt = Pick<LogDamaged, "aggregate" | "id" | "position" | "problem">;

/** A log that cannot be read, as callers are told of it. */
export const unavailableLog = <A, R>(effect: Effect.Effect<A, ReadFailure, R>): Effect.Effect<A, CommandError, R> =>
  Effect.mapError(effect, (error) =>
    error._tag === "LogDamaged"
      ? damagedError(error)
      : new CommandError({ code: "unavailable", message: error.message }),
  );
