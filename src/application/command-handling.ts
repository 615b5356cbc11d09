import { Clock, Context, Data, Effect, Layer, Option, Result, Schedule, type Schema } from "effect";
import { headerNames } from "../contract/names.ts";
import {
  canonicalJsonInSteps,
  defined,
  internalCommandId,
  internalCommandName,
  isInternalCommandId,
  isOwnPrincipal,
  isPublicId,
} from "../domain/kernel/mod.ts";
import type { Aggregate, DecodedCommand } from "./aggregate.ts";
import { Authority, changesAuthority, checkAuthority } from "./authority.ts";
import { CheckedLog, standByMessage } from "./checked-log.ts";
import { CommandError, invalidPayload, notFound, unknownCommand } from "./command-error.ts";
import {
  accepted,
  type CommandAccepted,
  type CommandRequest,
  commandKey,
  type IdentifiedRequest,
  isCommitOf,
} from "./command-request.ts";
import { advancing, catchUp, damagedError, dueSnapshot, type Loaded, load, takeUp } from "./history.ts";
import { commandsHandled } from "./metrics.ts";
import { newCommit } from "./new-commit.ts";
import { type Commit, Digests, EventStore, LogClock, Snapshots, type StoreUnavailable } from "./ports/mod.ts";
import { CommandRate, rateLimited, rateOf, TokenBuckets } from "./rates.ts";
import { secretAtDoor } from "./secrets-at-door.ts";
import { type CacheEntry, StateCache } from "./state-cache.ts";
import { timeLimit } from "./time-limit.ts";
import { inSlices, restAfter } from "./time-slices.ts";
import { commandSpan, traceparentOf } from "./trace-context.ts";

/** The number of attempts to decide a command if other commands interfere. */
const maxConflicts = 16;
/** The time limit of a command, in seconds. */
const handlingTimeout = 10;
/** The number of aggregates kept in memory. */
const cacheCapacity = 30_000;

/** Decides commands and appends their events. */
export class CommandHandling extends Context.Service<
  CommandHandling,
  { readonly handle: (request: CommandRequest) => Effect.Effect<CommandAccepted, CommandError> }
>()("cim/application/CommandHandling") {
  /** Returns the handling for these aggregates. It takes the services of their look-ups from the context once. */
  static readonly layer = <R>(aggregates: ReadonlyArray<Aggregate<R>>) =>
    Layer.effect(CommandHandling, makeHandling(aggregates));
}

/** A command in progress, with its turn at the aggregate. */
interface Asked<R> {
  readonly aggregate: Aggregate<R>;
  readonly request: IdentifiedRequest;
  readonly command: DecodedCommand;
  readonly entry: CacheEntry;
}

/** The store did not answer an append. The next read of the log shows by the command id whether it was written. */
class AppendUnanswered extends Data.TaggedError("AppendUnanswered")<{ readonly message: string }> {}

/** A store that is known to accept nothing is not asked again. The caller gets the error at once. */
const unanswered = (error: StoreUnavailable): Effect.Effect<never, AppendUnanswered | CommandError> =>
  error.refused === true ? unavailable(error.message) : Effect.fail(new AppendUnanswered({ message: error.message }));

type Failure = { readonly _tag: string };

/** Returns whether the log must be read again before there is an answer. */
const isOpen = ({ _tag }: Failure): boolean => _tag === "AppendConflict" || _tag === "AppendUnanswered";

/** Returns whether a decision on a possibly stale state is final: something was appended, or never can be. */
const isSettled = (outcome: Result.Result<CommandAccepted, Failure>): boolean =>
  Result.isSuccess(outcome)
    ? outcome.success.events.length > 0 || outcome.success.duplicate
    : !isOpen(outcome.failure) && outcome.failure._tag !== "CommandError";

/** Retries at once after a conflict, and after a pause if the store did not answer. */
const decideAgain = Schedule.recurs(maxConflicts - 1).pipe(
  Schedule.setInputType<Failure>(),
  Schedule.modifyDelay(({ input }) => Effect.succeed(input._tag === "AppendConflict" ? "0 millis" : "200 millis")),
);

const makeHandling = Effect.fnUntraced(function* <R>(aggregates: ReadonlyArray<Aggregate<R>>) {
  const context = yield* Effect.context<R | Authority | Digests | EventStore | Snapshots>();
  const authority = yield* Authority;
  const store = yield* EventStore;
  const snapshots = yield* Snapshots;
  const digests = yield* Digests;
  const log = yield* CheckedLog;
  const clock = yield* LogClock;
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const cache = new StateCache(cacheCapacity);
  const commandsASecond = yield* CommandRate;
  const buckets = new TokenBuckets();
  const inTime = yield* timeLimit(handlingTimeout * 1_000);

  /** Adds the command id to the request, and the digest of the payload if it comes from a client. */
  const identify = (request: CommandRequest): Effect.Effect<IdentifiedRequest, CommandError> => {
    const commandId = request.commandId ?? crypto.randomUUID();
    if (request.audience === "internal") {
      return Effect.succeed({ ...request, commandId: internalCommandId(commandId) });
    }
    if (isInternalCommandId(commandId)) return Effect.fail(takenNameSpace(commandId));
    return Effect.map(
      inSlices(() => canonicalJsonInSteps(request.payload as Schema.Json)),
      (text) => ({ ...request, commandId, payloadDigest: digests.sha256(text) }),
    );
  };

  /** Refuses a principal that exceeds its share of commands. The backend's own commands have no limit. */
  const takeTurn = Effect.fnUntraced(function* ({ audience, principal }: CommandRequest) {
    if (commandsASecond === undefined || audience === "internal") return;
    const rate = rateOf(commandsASecond, (yield* authority.standingOf(principal)).roles);
    const wait = buckets.take(principal, rate, yield* Clock.currentTimeMillis);
    if (wait > 0) return yield* rateLimited(principal, rate, wait);
  });

  const takeSnapshot = (aggregate: Aggregate<R>, id: string, entry: CacheEntry) => {
    const { loaded } = entry;
    const snapshot = loaded && dueSnapshot(aggregate, loaded);
    if (loaded === undefined || snapshot === undefined) return Effect.void;
    entry.loaded = { ...loaded, snapshotVersion: loaded.version };
    return inSlices(snapshot).pipe(
      Effect.flatMap((taken) => snapshots.save(aggregate.name, id, taken)),
      Effect.catch((error) => Effect.logWarning(`cannot save a snapshot of ${aggregate.name} ${id}: ${error.message}`)),
      Effect.forkDetach,
      Effect.asVoid,
    );
  };

  /**
   * Makes one attempt: decides on the given state and appends. A conflict or an unresponsive store leaves the result
   * open.
   */
  const attempt = Effect.fnUntraced(function* (asked: Asked<R>, loaded: Loaded) {
    const { aggregate, request, command, entry } = asked;
    const seen = handledAt(request, loaded);
    if (seen !== undefined) {
      const first = yield* store.commitAt(seen);
      if (Option.isNone(first)) {
        return yield* unavailable(`the log no longer has commit ${seen}`);
      }
      if (!isCommitOf(request, first.value)) return yield* commandIdReused(request, first.value);
      return accepted(request, first.value, true);
    }
    if (request.expectedVersion !== undefined && request.expectedVersion !== loaded.version) {
      return yield* new CommandError({
        code: "conflict",
        message: `${request.aggregate} \`${request.id}\` is at version ${loaded.version}, not ${request.expectedVersion}: read it again and decide again`,
        details: { version: loaded.version, expectedVersion: request.expectedVersion },
      });
    }
    if (loaded.version === 0 && aggregate.commands[command.type]?.creates !== true) {
      return yield* notFound(request.aggregate, request.id, howToMake(aggregate));
    }
    yield* checkAuthority(aggregate, request, command, loaded);
    const known = yield* aggregate.lookUp(command, request.id, loaded.state, request.principal) ?? Effect.undefined;
    const now = new Date(yield* clock.now).toISOString();
    const time = now < loaded.lastTime ? loaded.lastTime : now;
    const began = performance.now();
    const context = {
      aggregateId: request.id,
      commandId: request.commandId,
      principal: request.principal,
      time,
      ...defined({ signedBy: request.signed?.publicKey }),
      known,
    };
    const decision = yield* inSlices(() => aggregate.decide(command, loaded.state, context));
    if (Result.isFailure(decision)) {
      const { reason, message, details } = decision.failure;
      return yield* new CommandError({ code: "rejected", message, details: { ...details, reason } });
    }
    const [first, ...rest] = decision.success;
    if (first === undefined) {
      const unchanged = { firstVersion: loaded.version + 1, position: loaded.position, events: [] };
      return accepted(request, unchanged, false);
    }
    const traceparent = yield* ownTraceparent(request);
    yield* restAfter(began);
    const commit = yield* newCommit({ ...request, time, ...traceparent }, loaded, [first, ...rest], digests);
    const position = yield* store.append(commit, loaded.position);
    const appended: Commit = { ...commit, position };
    entry.loaded = yield* inSlices(() => advancing(aggregate, loaded, appended));
    yield* takeSnapshot(aggregate, request.id, entry);
    return accepted(request, appended, false);
  });

  /** Reads the state, from the log's leader if `certain`, and decides on it once. */
  const decideOnce = Effect.fnUntraced(function* (asked: Asked<R>, certain: boolean) {
    const { aggregate, request, entry } = asked;
    const { loaded } = entry;
    if (loaded === undefined) entry.loaded = yield* load(aggregate, request.id, { mayLag: !certain });
    else entry.loaded = yield* certain ? catchUp(aggregate, request.id, loaded) : takeUp(aggregate, request.id, loaded);
    return yield* Effect.catchTag(attempt(asked, entry.loaded), "StoreUnavailable", unanswered);
  });

  /**
   * Decides on the state in memory. If that gives no final result, decides again on the leader's state. An append is
   * safe on a stale state, because the store checks it. An answer without an append is not: it must not miss what
   * others have changed meanwhile.
   */
  const decideAndAppend = Effect.fnUntraced(
    function* (asked: Asked<R>) {
      const first = yield* Effect.result(decideOnce(asked, false));
      if (isSettled(first)) return yield* Effect.fromResult(first);
      return yield* Effect.retry(decideOnce(asked, true), { while: isOpen, schedule: decideAgain });
    },
    Effect.catchTag("CommitRefused", ({ message }) =>
      Effect.fail(
        new CommandError({
          code: "rejected",
          message: `${message}: split the change into several commands`,
          details: { reason: "too-large" },
        }),
      ),
    ),
    (effect, { request }) =>
      Effect.catchTag(effect, "AppendConflict", () =>
        unavailable(`${request.aggregate} \`${request.id}\` changed ${maxConflicts} times meanwhile: try again`),
      ),
    Effect.catchTag("AppendUnanswered", ({ message }) => unavailable(message)),
  );

  const handle = Effect.fnUntraced(
    function* (request: CommandRequest) {
      const { stop } = log.condition;
      const standsBy = stop === undefined ? clock.tooFar() : standByMessage(stop);
      if (standsBy !== undefined) return yield* unavailable(standsBy);
      if (request.audience === "public" && isOwnPrincipal(request.principal)) {
        return yield* new CommandError({
          code: "unauthorized",
          message: `\`${request.principal}\` is a part of the backend: use a name of your own`,
        });
      }
      yield* takeTurn(request);
      const aggregate = byName.get(request.aggregate);
      if (aggregate === undefined) {
        return yield* unknownCommand(`there is no aggregate \`${request.aggregate}\``, [...byName.keys()]);
      }
      const available = Object.entries(aggregate.commands).filter(
        ([, spec]) => spec.audience === "public" || request.audience === "internal",
      );
      if (!available.some(([name]) => name === request.command)) {
        return yield* unknownCommand(
          `${aggregate.name} has no command \`${request.command}\``,
          available.map(([name]) => name),
        );
      }
      const problem = aggregate.idProblem(request.id) ?? ownIdProblem(aggregate, request);
      if (problem !== undefined) {
        return yield* new CommandError({
          code: "invalid-command",
          message: `\`${request.id}\` cannot be an id of ${aggregate.name}s: ${problem}`,
          details: [{ field: "id", problem }],
        });
      }
      const began = performance.now();
      const payload = aggregate.decodePayload(request.command, request.payload);
      if (Result.isFailure(payload)) {
        return yield* invalidPayload(`${aggregate.name}.${request.command}`, payload.failure);
      }
      const secret = request.audience === "public" ? yield* inSlices(() => secretAtDoor(request)) : undefined;
      if (secret !== undefined) return yield* secret;
      const command = { type: request.command, payload: payload.success };
      yield* restAfter(began);
      const decoded = performance.now();
      const identified = yield* identify(request);
      yield* restAfter(decoded);
      const done = yield* Effect.acquireUseRelease(
        Effect.sync(() => cache.acquire(`${request.aggregate}.${request.id}`)),
        (entry) => entry.turn.withPermits(1)(decideAndAppend({ aggregate, request: identified, command, entry })),
        (entry) => Effect.sync(() => cache.release(entry)),
      );
      // A change of rights is answered only after it applies here, so that the next command is judged by it.
      if (changesAuthority(request)) yield* authority.upTo(done.position);
      return done;
    },
    Effect.catchTag("StoreUnavailable", (error) => unavailable(error.message)),
    Effect.catchTag("LogDamaged", (damaged) => Effect.fail(damagedError(damaged))),
    (effect, request) => inTime(effect, () => Effect.fail(late(request))),
    // Unknown aggregates share one counter. Otherwise clients could create any number of counters.
    (effect, { aggregate }) => commandsHandled(effect, byName.has(aggregate) ? aggregate : "unknown"),
    commandSpan,
  );

  return CommandHandling.of({ handle: (request) => Effect.provideContext(handle(request), context) });
});

/**
 * Returns the position of the commit with this command id, if the principal has used the id on this aggregate. For an
 * internal command, also looks for the id of older versions, which had no name space. So the work of an older backend
 * is not repeated.
 */
const handledAt = ({ audience, principal, commandId }: IdentifiedRequest, { handled }: Loaded): number | undefined => {
  const found = handled.get(commandKey(principal, commandId));
  return found === undefined && audience === "internal"
    ? handled.get(commandKey(principal, internalCommandName(commandId)))
    : found;
};

/** A client cannot create an aggregate under one of the backend's own ids. */
const ownIdProblem = ({ commands }: Pick<Aggregate, "commands">, { audience, command, id }: CommandRequest) =>
  audience === "public" && commands[command]?.creates === true && !isPublicId(id)
    ? "choose one of 1-128 characters of A-Z a-z 0-9 _ -; ids with `=` are made by the backend alone"
    : undefined;

const takenNameSpace = (commandId: string) => {
  const problem = `\`${commandId}\` is in the name space of the backend's own commands: use an id without \`internal:\``;
  return new CommandError({
    code: "invalid-command",
    message: `${headerNames.commandId}: ${problem}`,
    details: [{ field: headerNames.commandId, problem }],
  });
};

const commandIdReused = ({ commandId, principal, aggregate, id, command }: IdentifiedRequest, first: Commit) => {
  const used = first.command === command ? `\`${command}\` with another payload` : `\`${first.command}\``;
  return new CommandError({
    code: "rejected",
    message: `\`${principal}\` has used the command id \`${commandId}\` on ${aggregate} \`${id}\` before, for ${used}: use another id for another command`,
    details: { reason: "command-id-reused", command: first.command, position: first.position },
  });
};

/** Returns the remedy for a missing aggregate. */
const howToMake = ({ commands }: Pick<Aggregate, "commands">): string => {
  const creators = Object.entries(commands).filter(([, spec]) => spec.creates === true && spec.audience === "public");
  return creators.length === 0
    ? "check the id"
    : `${creators.map(([name]) => `\`${name}\``).join(" or ")} it first, or check the id`;
};

const late = ({ aggregate, command }: CommandRequest) =>
  new CommandError({
    code: "timeout",
    message: `${aggregate}.${command} was not decided in ${handlingTimeout} seconds: try again with the same Cim-Command-Id`,
  });

/** Continues a traced request: its consequences become children of the span that handled it. */
const ownTraceparent = (request: CommandRequest) =>
  request.traceparent === undefined
    ? Effect.succeed({})
    : Effect.match(Effect.currentSpan, {
        onFailure: () => ({ traceparent: request.traceparent }),
        onSuccess: (span) => ({ traceparent: traceparentOf(span) }),
      });

const unavailable = (message: string) => Effect.fail(new CommandError({ code: "unavailable", message }));
