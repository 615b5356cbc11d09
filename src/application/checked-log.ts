import { Array as Arr, Context, Deferred, Effect, Layer, Metric, Schedule, type Scope, Stream } from "effect";
import type { LogProblem } from "../contract/views/audit.ts";
import type { Damage } from "../contract/views/view.ts";
import { atOnce } from "../domain/kernel/mod.ts";
import type { Aggregate } from "./aggregate.ts";
import { afterCommit, type Chain, chainProblems, emptyChain, misfit } from "./chain.ts";
import { aggregatesDamaged, foreignMessages, standingBy } from "./metrics.ts";
import { Pace } from "./pace.ts";
import {
  type Commit,
  Digests,
  EventStore,
  type Foreign,
  type LogItem,
  type LogMessage,
  positionOfItem,
  type StoreUnavailable,
} from "./ports/mod.ts";
import { forEachInSlices } from "./time-slices.ts";

/** An item of the log as readers get it: a sound commit, or a notice that something else was skipped. */
export type CheckedItem =
  | { readonly kind: "commit"; readonly commit: Commit }
  | { readonly kind: "passed"; readonly position: number }
  /** The first message that does not fit the history of an aggregate. */
  | ({ readonly kind: "damaged"; readonly position: number } & DamagedAggregate)
  | { readonly kind: "caught-up"; readonly position: number };

/** An aggregate whose history is unreadable from some point on. */
export interface DamagedAggregate {
  readonly aggregate: string;
  readonly id: string;
  readonly damage: Damage;
}

/** The results of checking the log. */
export interface LogCondition {
  /** The position up to which everything has been checked. */
  readonly checked: number;
  /** The number of messages that readers skip. */
  readonly passed: number;
  /** The first skipped messages, at most {@link toldProblems}. */
  readonly problems: ReadonlyArray<LogProblem>;
  /** The read-only aggregates. */
  readonly damaged: ReadonlyMap<string, DamagedAggregate>;
  /**
   * Why reading has stopped: the first commit that only a newer backend understands, or the notice that the log was
   * replaced.
   */
  readonly stop: LogProblem | undefined;
  /** Why the log is currently unreadable. */
  readonly unreadable: string | undefined;
}

/** The number of problems that are kept for reports. Further ones are only counted. */
const toldProblems = 1_000;

const keyOf = (aggregate: string, id: string): string => `${aggregate}.${id}`;

/** Returns what in a commit only a newer backend understands: its aggregate, an event type or a schema version. */
export const newerIn = (aggregate: Aggregate<unknown> | undefined, commit: Commit): string | undefined => {
  if (aggregate === undefined) return `this version has no aggregate \`${commit.aggregate}\``;
  for (const { type, schemaVersion } of commit.events) {
    const spec = aggregate.events[type];
    if (spec === undefined) return `${aggregate.name} has no event \`${type}\` in this version`;
    if (schemaVersion > spec.version)
      return `\`${aggregate.name}.${type}\` has version ${schemaVersion}, and this backend knows ${spec.version}`;
  }
  return undefined;
};

/** Checks the whole log, message by message. The results depend only on the log. */
class LogCheck implements LogCondition {
  readonly #aggregates: ReadonlyMap<string, Aggregate<unknown>>;
  readonly #digests: Digests["Service"];
  readonly #chains = new Map<string, Chain>();
  readonly damaged = new Map<string, DamagedAggregate>();
  readonly problems: Array<LogProblem> = [];
  passed = 0;
  checked = 0;
  stop: LogProblem | undefined;
  unreadable: string | undefined;

  constructor(aggregates: ReadonlyArray<Aggregate<unknown>>, digests: Digests["Service"]) {
    this.#aggregates = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
    this.#digests = digests;
  }

  /** Returns whether a checked commit may be folded. */
  isSound({ aggregate, id, position }: Commit): boolean {
    if (this.damaged.size === 0 && this.passed === 0) return true;
    const damaged = this.damaged.get(keyOf(aggregate, id));
    return this.#aggregates.has(aggregate) && (damaged === undefined || position < damaged.damage.position);
  }

  /** Takes the next message. Returns its problem if it is a new one. */
  take(message: LogMessage): LogProblem | undefined {
    const problem = message.kind === "foreign" ? this.#foreign(message.foreign) : this.#commit(message.commit);
    if (problem?.kind !== "newer") this.checked = positionOfItem(message);
    return problem;
  }

  #foreign({ position, of, problem }: Foreign): LogProblem | undefined {
    if (of === undefined || !this.#aggregates.has(of.aggregate))
      return this.#pass({ kind: "foreign", position, problem });
    return this.#damage(of.aggregate, of.id, position, problem, "foreign");
  }

  #commit(commit: Commit): LogProblem | undefined {
    const { aggregate: name, id, position } = commit;
    const key = keyOf(name, id);
    if (this.damaged.size > 0 && this.damaged.has(key)) {
      this.passed += 1;
      return undefined;
    }
    const aggregate = this.#aggregates.get(name);
    const chain = this.#chains.get(key) ?? emptyChain;
    const newer = newerIn(aggregate, commit);
    // A commit of a newer backend stops this one. So it must fit in every respect and have a seal, or any forged
    // message could stop the backend.
    const problem =
      newer === undefined
        ? misfit(commit, chain, this.#digests)
        : (atOnce(chainProblems(commit, chain, this.#digests))[0]?.problem ??
          (commit.seal === undefined ? newer : undefined));
    if (problem !== undefined) {
      if (aggregate !== undefined) return this.#damage(name, id, position, problem, "damaged");
      return this.#pass({ kind: "foreign", position, problem });
    }
    if (newer !== undefined) {
      this.stop = { kind: "newer", position, aggregate: name, id, problem: newer };
      return this.stop;
    }
    this.#chains.set(key, afterCommit(commit));
    return undefined;
  }

  #damage(aggregate: string, id: string, position: number, problem: string, kind: LogProblem["kind"]) {
    const key = keyOf(aggregate, id);
    if (this.damaged.has(key)) {
      this.passed += 1;
      return undefined;
    }
    this.damaged.set(key, { aggregate, id, damage: { position, problem } });
    this.#chains.delete(key);
    return this.#pass({ kind, position, aggregate, id, problem });
  }

  #pass(problem: LogProblem): LogProblem {
    this.passed += 1;
    if (this.problems.length < toldProblems) this.problems.push(problem);
    return problem;
  }
}

/** Returns why this backend takes no commands; undefined if it does. */
export const notReady = ({ stop, unreadable }: LogCondition): string | undefined => {
  if (stop !== undefined) return standByMessage(stop);
  return unreadable === undefined ? undefined : `the log cannot be read: ${unreadable}`;
};

/** Returns the message of a backend that stands by. */
export const standByMessage = ({ kind, position, problem }: LogProblem): string =>
  kind === "replaced"
    ? `the log is not the one that was read up to position ${position} (${problem}): this backend stands by; restore the log if it was lost, and start this backend again`
    : `the log has events of a newer version, first at position ${position} (${problem}): this backend stands by; update this backend`;

const lineOf = (problem: LogProblem): string => {
  const { kind, position, aggregate, id } = problem;
  if (kind === "newer" || kind === "replaced") return standByMessage(problem);
  const what = `position ${position} of the log: ${problem.problem}`;
  return aggregate === undefined || id === undefined
    ? `${what}: it is passed over`
    : `${what}: ${aggregate} ${id} can only be read from now on`;
};

/**
 * The log as all followers see it: only commits that fit.
 *
 * Other programs may write to the log, and nothing can be removed from it. So each backend checks the whole log once,
 * in one place and in order, before anyone else sees it. Messages that are not commits are skipped. If something does
 * not fit the history of an aggregate, that history ends there for all readers. Otherwise readers that check less would
 * continue with a forged event, and backends would disagree about the state. At the first commit that only a newer
 * backend understands, reading stops, because everything after it could be misread.
 */
export class CheckedLog extends Context.Service<
  CheckedLog,
  {
    /** Follows the log like `EventStore.follow`. */
    readonly follow: (
      after: number,
      wanted?: (commit: Commit) => boolean,
      pace?: Pace,
    ) => Stream.Stream<CheckedItem, StoreUnavailable>;
    readonly condition: LogCondition;
    /** Waits until the log has been checked up to its end at the time of the start. */
    readonly ready: Effect.Effect<void>;
    /** Waits until reading stops, and returns why. */
    readonly stopped: Effect.Effect<LogProblem>;
  }
>()("cim/application/CheckedLog") {
  /** Checks the log for these aggregates until the scope ends. */
  static readonly layer = (aggregates: ReadonlyArray<Aggregate<unknown>>) =>
    Layer.effect(CheckedLog, checkLog(aggregates));
}

/** Returns whether the items have no foreign message. If none was ever skipped, nothing else needs to be left out. */
const areCommits = (
  items: Arr.NonEmptyReadonlyArray<LogItem>,
): items is Arr.NonEmptyReadonlyArray<Exclude<LogItem, { readonly kind: "foreign" }>> =>
  items.every(({ kind }) => kind !== "foreign");

/** Milliseconds of the check's {@link Pace}. A follower that waits for the check ends the pause. */
const pause = 25;

/** A follower that waits until the log is checked up to a position. */
interface Waiter {
  readonly position: number;
  readonly wake: () => void;
}

const checkLog = Effect.fnUntraced(function* (
  aggregates: ReadonlyArray<Aggregate<unknown>>,
): Effect.fn.Return<CheckedLog["Service"], never, EventStore | Digests | Scope.Scope> {
  const store = yield* EventStore;
  const check = new LogCheck(aggregates, yield* Digests);
  const ready = yield* Deferred.make<void>();
  const stopped = yield* Deferred.make<LogProblem>();
  const waiters = new Set<Waiter>();
  const pace = new Pace(pause, () => waiters.size > 0);

  const takeAll = (items: ReadonlyArray<LogItem>): Effect.Effect<void> => {
    const found: Array<LogProblem> = [];
    check.unreadable = undefined;
    const taking = forEachInSlices(items, (item) => {
      if (check.stop !== undefined) return;
      if (item.kind === "caught-up") {
        check.checked = Math.max(check.checked, item.position);
        Deferred.doneUnsafe(ready, Effect.void);
        return;
      }
      const problem = check.take(item);
      if (problem !== undefined) found.push(problem);
    });
    const told = Effect.suspend(() => {
      for (const waiter of [...waiters]) if (waiter.position <= check.checked && waiters.delete(waiter)) waiter.wake();
      return found.length === 0 ? Effect.void : tell(found);
    });
    return Effect.andThen(taking, told);
  };

  const tell = Effect.fnUntraced(function* (found: ReadonlyArray<LogProblem>) {
    yield* Metric.update(foreignMessages, check.passed);
    yield* Metric.update(aggregatesDamaged, check.damaged.size);
    for (const problem of found) {
      yield* Effect.logError(lineOf(problem));
      if (problem !== check.stop) continue;
      yield* Metric.update(standingBy, 1);
      Deferred.doneUnsafe(stopped, Effect.succeed(problem));
      Deferred.doneUnsafe(ready, Effect.void);
    }
  });

  yield* Stream.suspend(() => store.follow(check.checked, undefined, pace)).pipe(
    Stream.runForEachArray(takeAll),
    Effect.tapError((error) => {
      check.unreadable = error.message;
      return Effect.logWarning(`the log cannot be checked: ${error.message}`);
    }),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.raceFirst(Deferred.await(stopped)),
    Effect.forkScoped,
  );
  yield* store.replaced.pipe(
    Effect.flatMap((problem) => {
      check.stop ??= { kind: "replaced", position: check.checked, problem };
      return tell([check.stop]);
    }),
    Effect.raceFirst(Deferred.await(stopped)),
    Effect.forkScoped,
  );

  const checkedUpTo = (position: number): Effect.Effect<void> =>
    check.checked >= position
      ? Effect.void
      : Effect.callback<void>((resume) => {
          if (check.checked >= position) return resume(Effect.void);
          const waiter: Waiter = { position, wake: () => resume(Effect.void) };
          waiters.add(waiter);
          pace.hurry();
          return Effect.sync(() => waiters.delete(waiter));
        });

  const checkedItems = (items: Arr.NonEmptyReadonlyArray<LogItem>): Arr.NonEmptyReadonlyArray<CheckedItem> =>
    check.passed === 0 && areCommits(items) ? items : Arr.map(items, checkedItem);

  const checkedItem = (item: LogItem): CheckedItem => {
    if (item.kind === "caught-up" || (item.kind === "commit" && check.isSound(item.commit))) return item;
    const position = positionOfItem(item);
    const of = item.kind === "commit" ? item.commit : item.foreign.of;
    const damaged = of === undefined ? undefined : check.damaged.get(keyOf(of.aggregate, of.id));
    return damaged?.damage.position === position
      ? { kind: "damaged", position, ...damaged }
      : { kind: "passed", position };
  };

  const follow: CheckedLog["Service"]["follow"] = (...how) =>
    Stream.mapArrayEffect(store.follow(...how), (items) =>
      Effect.map(checkedUpTo(positionOfItem(Arr.lastNonEmpty(items))), () => checkedItems(items)),
    );

  return CheckedLog.of({ follow, condition: check, ready: Deferred.await(ready), stopped: Deferred.await(stopped) });
});
