import { Effect, Option, Result, Stream, Struct } from "effect";
import type { DecisionResult } from "../../contract/views/audit.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { carriedOver } from "../../domain/consensus/rounds.ts";
import { Rules } from "../../domain/consensus/rules.ts";
import { type DecisionAccount, decisionAccountOf } from "../../domain/deployment/account/decision.ts";
import { discussionAccountOf } from "../../domain/deployment/account/deployment.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import {
  canonicalJson,
  defined,
  type LogEntry,
  type RecordedEvent,
  type RecordedEventOf,
} from "../../domain/kernel/mod.ts";
import { CheckedLog, notReady } from "../checked-log.ts";
import { CommandError, notFound } from "../command-error.ts";
import { loadAt, unavailableLog } from "../history.ts";
import { openReviewsIn } from "../look-ups/deployments.ts";
import {
  Checkpoints,
  type Commit,
  Digests,
  EventStore,
  type EventStoreShape,
  LogClock,
  type LogMessage,
  LogStorage,
  type Snapshots,
} from "../ports/mod.ts";
import { processes } from "../processes/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { inSlices } from "../time-slices.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { aggregates, eventsOf, eventsOfOne, historyOf } from "./events-of.ts";
import { verify } from "./verify/mod.ts";

/** Returns an event as the audit shows it. */
const shown = ({ lastOfCommit: _, ...event }: RecordedEvent) => event;

/**
 * Returns the messages of one aggregate's history, or of the whole log. A single history ends at its first foreign
 * message.
 */
const messagesOf = ({ aggregate, id }: { readonly aggregate?: string; readonly id?: string }, after = 0) =>
  Stream.unwrap(
    Effect.map(EventStore, (store) =>
      aggregate !== undefined && id !== undefined
        ? Stream.unwrap(Effect.map(historyOfOne(store, aggregate, id, after), Stream.fromIterable))
        : store.readAll(after),
    ),
  );

const asMessage = (commit: Commit): LogMessage => ({ kind: "commit", commit });

const historyOfOne = (store: EventStoreShape, aggregate: string, id: string, after: number) =>
  store.read(aggregate, id, { after }).pipe(
    Effect.map((commits) => commits.map(asMessage)),
    Effect.catchTag("LogDamaged", ({ position, problem, before }) =>
      Effect.succeed([
        ...before.map(asMessage),
        { kind: "foreign", foreign: { position, of: { aggregate, id }, problem } } satisfies LogMessage,
      ]),
    ),
  );

/** Returns the commits among the messages. */
const commitsOf = (...which: Parameters<typeof messagesOf>) =>
  Stream.filterMap(messagesOf(...which), (message) =>
    message.kind === "commit" ? Result.succeed(message.commit) : Result.failVoid,
  );

type TrailInput = FullInputOf<"audit", "trail">;

const isWanted =
  ({ aggregate, id, actor, type, correlationId, after, before }: TrailInput) =>
  (event: RecordedEvent): boolean =>
    (aggregate === undefined || event.aggregate === aggregate) &&
    (id === undefined || event.id === id) &&
    (actor === undefined || event.actor === actor) &&
    (type === undefined || event.type === type) &&
    (correlationId === undefined || event.correlationId === correlationId) &&
    (after === undefined || event.time > after) &&
    (before === undefined || event.time < before);

/** The number of positions in a window, if the log is read backwards. */
const window = 1_000;

/**
 * Returns the commits up to the position `last`, newest first. The log can only be read forwards, so it is read in
 * windows.
 */
const commitsBackwards = (which: TrailInput, last: number | undefined) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const store = yield* EventStore;
      const end = yield* last === undefined ? store.lastPosition : Effect.succeed(last);
      if (which.aggregate !== undefined && which.id !== undefined) {
        const commits = yield* Stream.runCollect(commitsOf(which));
        return Stream.fromIterable(commits.filter(({ position }) => position <= end).toReversed());
      }
      return Stream.paginate(end, (until) => {
        const after = Math.max(0, until - window);
        return store.readAll(after, until).pipe(
          Stream.runCollect,
          Effect.map((messages) => [
            messages.flatMap((message) => (message.kind === "commit" ? [message.commit] : [])).toReversed(),
            after === 0 ? Option.none() : Option.some(after),
          ]),
        );
      });
    }),
  );

/**
 * Returns a page of events. A cursor is the place of the next event: `<position>.<number of earlier events in that
 * commit>`.
 */
const trail = Effect.fnUntraced(function* (input: TrailInput) {
  const [position, index = 0] = (input.cursor ?? "").split(".").filter(Boolean).map(Number);
  const isNewest = input.order === "newest";
  const wanted = isWanted(input);
  const isAhead = (commit: Commit, place: number) =>
    commit.position !== position || (isNewest ? place <= index : place >= index);
  const commits = isNewest
    ? commitsBackwards(input, position)
    : commitsOf(input, position === undefined ? 0 : Math.max(0, position - 1));
  // One event more than a page holds, to see whether another page follows.
  const found = yield* commits.pipe(
    Stream.flatMap((commit) => {
      const events = eventsOf(commit)
        .map((event, place) => ({ event, place }))
        .filter(({ event, place }) => isAhead(commit, place) && wanted(event));
      return Stream.fromIterable(isNewest ? events.toReversed() : events);
    }),
    Stream.take(input.limit + 1),
    Stream.runCollect,
    unavailableLog,
  );
  const items = found.slice(0, input.limit).map(({ event }) => shown(event));
  const next = found[input.limit];
  return { items, ...defined({ cursor: next && `${next.event.position}.${next.place}` }) };
});

type Submitted = RecordedEventOf<typeof proposal.events> & { type: "proposal-submitted" };

const ruleNames = Struct.keys(Rules.fields);

/**
 * Returns the decision without times, positions or content ids, so that another log with the same events has the same
 * result.
 */
const resultOf = ({ data }: Submitted, account: DecisionAccount): DecisionResult => {
  const { proposal: id, policy, electorate, outcome, rejectedFor, tally, glass } = account;
  const { kind, title, proposer } = data;
  const { round, roundSubject: subject = data.subject } = account;
  // Conditions of earlier rounds are already part of the subject.
  const standing = account.ballots
    .filter(({ replaced, lapsed }) => !replaced && lapsed !== true)
    .flatMap((ballot) => (ballot.castIn === round ? [ballot] : carriedOver([ballot], [ballot.voter])));
  return {
    ...defined({ round, glass }),
    ...defined({ proposal: id, kind, title, subject, proposer, policy, electorate, outcome, rejectedFor, tally }),
    rules: Struct.pick(account, ruleNames),
    ballots: standing.map((ballot) => Struct.omit(ballot, ["replaced", "cast", "castIn", "lapsed"])),
    enacted: account.enacted !== undefined,
  };
};

/** Returns the dialog in which a proposal was discussed: the one that its subject names, or the one with its id. */
const dialogOf = ({ id, data }: Submitted): string =>
  typeof data.subject.dialog === "string" ? data.subject.dialog : id;

/** Returns a decision in full, from the log alone. */
const decision = Effect.fnUntraced(function* ({ proposal: id }: FullInputOf<"audit", "decision">) {
  const history = yield* historyOf(proposal, id);
  const events = history.flatMap((one) => one.events);
  const account = decisionAccountOf(events);
  const submitted = events.find((event): event is Submitted => event.type === "proposal-submitted");
  if (account === undefined || submitted === undefined) return yield* notFound("proposal", id);
  const keys = new Map(history.map(({ commit }) => [commit.position, commit.signed?.publicKey]));
  const withKey = <T extends { readonly cast: LogEntry }>(act: T) => ({
    ...act,
    ...defined({ signedWith: keys.get(act.cast.position) }),
  });
  const discussion = discussionAccountOf(yield* eventsOfOne(dialog, dialogOf(submitted)));
  const result = resultOf(submitted, account);
  const { kind, title, subject, proposer } = submitted.data;
  const { veto } = account;
  return {
    kind,
    title,
    subject,
    proposer,
    ...account,
    ballots: account.ballots.map(withKey),
    ...defined({ veto: veto && withKey(veto), discussion }),
    result,
    resultHash: (yield* Digests).sha256(canonicalJson(result)),
  };
});

/**
 * Returns the positions that the log must reach: the end that the stream reports, and the positions that process
 * managers have handled.
 */
const positionsSeen = Effect.gen(function* () {
  const checkpoints = yield* Checkpoints;
  const handled = yield* Effect.forEach(processes, ({ name }) =>
    Effect.map(checkpoints.load(name), (position) => ({ by: name, position })),
  );
  return [{ by: "the stream", position: yield* (yield* EventStore).lastPosition }, ...handled];
});

/**
 * Returns a result if it is available within a moment; otherwise undefined. Health is also queried while views are
 * stopped.
 */
const soon = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.timeoutOption("200 millis"),
    Effect.orElseSucceed(() => Option.none<A>()),
    Effect.map(Option.getOrUndefined),
  );

/** Fails with the reason why there is no state at a moment: the aggregate never existed, or did not exist yet. */
const notYet = Effect.fnUntraced(function* (aggregate: string, id: string) {
  const [first] = yield* unavailableLog(Stream.runCollect(Stream.take(commitsOf({ aggregate, id }), 1)));
  if (first === undefined) return yield* notFound(aggregate, id);
  return yield* new CommandError({
    code: "rejected",
    message: `there was no ${aggregate} \`${id}\` then: its first event is of ${first.time}, at position ${first.position}`,
    details: { reason: "not-found", since: first.time, position: first.position },
  });
});

/** The answers about the log. */
export const auditAnswers = {
  get: getDocument("audit"),
  list: listDocuments,
  trail,
  event: Effect.fnUntraced(function* ({ id }) {
    const [aggregate, aggregateId, version] = id.split(".");
    if (aggregate === undefined || aggregateId === undefined || version === undefined)
      return yield* notFound("event", id);
    const commits = yield* unavailableLog(Stream.runCollect(commitsOf({ aggregate, id: aggregateId })));
    const found = commits.flatMap(eventsOf).find(({ eventId }) => eventId === id);
    return found === undefined ? yield* notFound("event", id) : shown(found);
  }),
  replay: Effect.fnUntraced(function* ({ aggregate: name, id, ...until }) {
    const aggregate = aggregates.get(name);
    if (aggregate === undefined)
      return yield* new CommandError({ code: "unknown-command", message: `there is no aggregate \`${name}\`` });
    const loaded = yield* unavailableLog(loadAt(aggregate, id, until));
    if (loaded.version === 0) return yield* notYet(name, id);
    const state = yield* inSlices(() => aggregate.encodeState(loaded.state));
    return { version: loaded.version, position: loaded.position, state };
  }),
  decision,
  verify: Effect.fnUntraced(function* (input) {
    const { aggregate, id } = input;
    const isWhole = aggregate === undefined && id === undefined;
    const whole = isWhole ? { seen: yield* positionsSeen } : undefined;
    const wanted = messagesOf(input).pipe(
      Stream.filter((message) => {
        const of = message.kind === "commit" ? message.commit : message.foreign.of;
        return (aggregate === undefined || of?.aggregate === aggregate) && (id === undefined || of?.id === id);
      }),
    );
    return yield* verify(wanted, whole);
  }, unavailableLog),
  health: Effect.fnUntraced(function* () {
    const { condition } = yield* CheckedLog;
    const { checked, passed: passedOver, problems, stop, damaged } = condition;
    const reason = notReady(condition) ?? (yield* LogClock).tooFar() ?? (yield* LogStorage).problem();
    const models = yield* ReadModels;
    const parked = yield* soon(Effect.map(models.documents("parked"), ({ documents }) => documents.size));
    const openReviews = yield* soon(
      Effect.map(models.documents("deployments"), ({ documents }) => openReviewsIn(documents.values())),
    );
    return {
      ready: reason === undefined,
      ...defined({ reason, parked, openReviews }),
      checked,
      passedOver,
      problems: stop === undefined ? problems : [...problems, stop],
      damaged: [...damaged.values()].map(({ aggregate, id, damage }) => ({ aggregate, id, ...damage })),
    };
  }),
} satisfies AnswersOf<"audit", CheckedLog | Checkpoints | Digests | EventStore | ReadModels | Snapshots>;
