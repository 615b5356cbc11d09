import { Effect, Schema, Stream } from "effect";
import { AggregateId, Instant, type RecordedEvent } from "../../domain/kernel/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { loadAt, unavailableLog } from "../history.ts";
import { Checkpoints, EventStore } from "../ports/mod.ts";
import { processes } from "../processes/mod.ts";
import { operation } from "../queries.ts";
import { decision } from "./decision.ts";
import { aggregates, eventsOf } from "./events-of.ts";
import { verify } from "./verify.ts";

/** An event as the audit shows it. */
const shown = ({ lastOfCommit: _, ...event }: RecordedEvent): Schema.Json => event;

/** The commits of one aggregate, or the whole log after a position. */
const commitsOf = ({ aggregate, id }: { readonly aggregate?: string; readonly id?: string }, after = 0) =>
  Stream.unwrap(
    Effect.map(EventStore, (store) =>
      aggregate !== undefined && id !== undefined
        ? Stream.unwrap(Effect.map(store.read(aggregate, id, { after }), Stream.fromIterable))
        : store.readAll(after),
    ),
  );

/** A place between two events: how many events of the commit at a position lie before it. */
const Cursor = Schema.String.check(Schema.isPattern(/^\d+\.\d+$/, { expected: "the cursor of an earlier answer" }));

const TrailInput = Schema.Struct({
  aggregate: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(AggregateId),
  actor: Schema.optionalKey(Schema.String),
  type: Schema.optionalKey(Schema.String),
  correlationId: Schema.optionalKey(Schema.String),
  /** Later than this moment. */
  after: Schema.optionalKey(Instant),
  /** Earlier than this moment. */
  before: Schema.optionalKey(Instant),
  limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(100)),
  ),
  cursor: Schema.optionalKey(Cursor),
});
type TrailInput = typeof TrailInput.Type;

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

const trail = operation({
  input: TrailInput,
  description: "What happened, oldest first: everything, or what fits the fields that are given",
  answer: Effect.fnUntraced(function* (input: TrailInput) {
    const [position = 0, index = 0] = (input.cursor ?? "0.0").split(".").map(Number);
    const wanted = isWanted(input);
    // One more than a page holds shows whether another one follows.
    const found = yield* commitsOf(input, Math.max(0, position - 1)).pipe(
      Stream.flatMap((commit) =>
        Stream.fromIterable(
          eventsOf(commit)
            .map((event, place) => ({ event, place }))
            .filter(({ event, place }) => (commit.position > position || place >= index) && wanted(event)),
        ),
      ),
      Stream.take(input.limit + 1),
      Stream.runCollect,
      unavailableLog,
    );
    const items = found.slice(0, input.limit).map(({ event }) => shown(event));
    const next = found[input.limit];
    return next === undefined ? { items } : { items, cursor: `${next.event.position}.${next.place}` };
  }),
});

const event = operation({
  input: Schema.Struct({ id: Schema.String }),
  description: "One event by its id, `<aggregate>.<id>.<version>`",
  answer: Effect.fnUntraced(function* ({ id }: { readonly id: string }) {
    const [aggregate, aggregateId, version] = id.split(".");
    if (aggregate === undefined || aggregateId === undefined || version === undefined)
      return yield* notFound("event", id);
    const commits = yield* unavailableLog((yield* EventStore).read(aggregate, aggregateId));
    const found = commits.flatMap(eventsOf).find(({ eventId }) => eventId === id);
    return found === undefined ? yield* notFound("event", id) : shown(found);
  }),
});

const ReplayInput = Schema.Struct({
  aggregate: Schema.String,
  id: AggregateId,
  /** With everything up to this position of the log. */
  position: Schema.optionalKey(Schema.Int),
  /** With everything up to this moment. */
  time: Schema.optionalKey(Instant),
});

const replay = operation({
  input: ReplayInput,
  description: "An aggregate's state as it was at a position or a moment, folded from the log",
  answer: Effect.fnUntraced(function* ({ aggregate: name, id, ...until }: typeof ReplayInput.Type) {
    const aggregate = aggregates.get(name);
    if (aggregate === undefined)
      return yield* new CommandError({ code: "unknown-command", message: `there is no aggregate \`${name}\`` });
    const loaded = yield* unavailableLog(loadAt(aggregate, id, until));
    if (loaded.version === 0) return yield* notFound(name, id);
    return { version: loaded.version, position: loaded.position, state: aggregate.encodeState(loaded.state) };
  }),
});

const VerifyInput = Schema.Struct({
  aggregate: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(AggregateId),
});

/** How far the log must reach: the stream says its end, and the process managers what they have handled. */
const positionsSeen = Effect.gen(function* () {
  const checkpoints = yield* Checkpoints;
  const handled = yield* Effect.forEach(processes, ({ name }) =>
    Effect.map(checkpoints.load(name), (position) => ({ by: name, position })),
  );
  return [{ by: "the stream", position: yield* (yield* EventStore).lastPosition }, ...handled];
});

const verifyLog = operation({
  input: VerifyInput,
  description:
    "Proof from the log alone that nothing was altered: numbering, chains of content ids, seals, signatures, ballots, tallies, and the policies that were in force",
  answer: Effect.fnUntraced(function* (input: typeof VerifyInput.Type) {
    const { aggregate, id } = input;
    const isWhole = aggregate === undefined && id === undefined;
    const whole = isWhole ? { seen: yield* positionsSeen } : undefined;
    const wanted = commitsOf(input).pipe(
      Stream.filter(
        (commit) =>
          (aggregate === undefined || commit.aggregate === aggregate) && (id === undefined || commit.id === id),
      ),
    );
    return yield* verify(wanted, whole);
  }, unavailableLog),
});

/** What can be asked about the log. */
export const auditOperations = { trail, event, replay, decision, verify: verifyLog };
