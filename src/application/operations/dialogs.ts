import { Effect, Option, Schema } from "effect";
import { ContextEntries, valuesOf } from "../../domain/dialog/context.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { sharedContextId } from "../../domain/dialog/set-context.ts";
import type { Dialog, DialogState } from "../../domain/dialog/state.ts";
import type { Transcript } from "../../domain/dialog/transcript.ts";
import { AggregateId, jsonBytes, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { notFound } from "../command-error.ts";
import { operation } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { eventsOfOne } from "./events-of.ts";

const decodePresence = Schema.decodeUnknownOption(Schema.Struct({ status: Schema.String }));
const decodeEntries = Schema.decodeUnknownOption(Schema.Struct({ entries: ContextEntries }));

/** What the transcript says of the participants, and of what dialogs share, is in other views. */
const surroundings = Effect.gen(function* () {
  const readModels = yield* ReadModels;
  const agents = yield* readModels.documents("agents");
  const contexts = yield* readModels.documents("contexts");
  return {
    presenceOf: (id: string) => Option.getOrUndefined(decodePresence(agents.documents.get(id)))?.status,
    shared: (id: string) => {
      const found = Option.getOrUndefined(decodeEntries(contexts.documents.get(id)));
      return found === undefined ? {} : valuesOf(found.entries);
    },
  };
});

const foldAll = (events: ReadonlyArray<RecordedEventOf<typeof dialog.events>>): DialogState =>
  events.reduce<DialogState>(
    (state, event) => dialog.evolve(state, event, { ...event, aggregateId: event.id }),
    dialog.initial,
  );

const standing = (
  id: string,
  { type, topic, task, status, routing, speaker, ...state }: Dialog,
  { presenceOf, shared }: Effect.Success<typeof surroundings>,
): Omit<Transcript, "entries" | "next"> => ({
  dialog: id,
  ...{ type, topic, status, routing },
  ...(task === undefined ? {} : { task }),
  ...(speaker === undefined ? {} : { speaker }),
  participants: state.participants.map((participant) => {
    const presence = presenceOf(participant.id);
    return presence === undefined ? participant : { ...participant, presence };
  }),
  context: {
    dialog: valuesOf(state.context),
    participant: Object.fromEntries(
      Object.entries(state.participantContext).map(([owner, entries]) => [owner, valuesOf(entries)]),
    ),
    topic: shared(sharedContextId("topic", topic)),
    global: shared(sharedContextId("global", "")),
  },
});

const TranscriptInput = Schema.Struct({
  id: AggregateId,
  /** The number of the first entry; 1 by default. */
  from: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(100)),
  ),
});

/** The first of the entries, as many as fit into so many bytes as JSON with their commas, and one at least. */
const fitting = (entries: Transcript["entries"], room: number): Transcript["entries"] => {
  let left = room;
  const end = entries.findIndex((entry) => {
    left -= jsonBytes(entry) + 1;
    return left < 0;
  });
  return end === -1 ? entries : entries.slice(0, Math.max(1, end));
};

const transcript = operation({
  input: TranscriptInput,
  description:
    "What happened in a dialog, oldest first, from the log: who said what to whom and why, and how it stands",
  answer: Effect.fnUntraced(function* (
    { id, from, limit }: typeof TranscriptInput.Type,
    _documents,
    room = Number.POSITIVE_INFINITY,
  ) {
    const events = yield* eventsOfOne(dialog, id);
    const state = foldAll(events);
    if (state === null) return yield* notFound("dialog", id);
    const asked = events.slice(from - 1, from - 1 + limit).map(({ version, time, actor, type, data }) => ({
      ...{ number: version, at: time, actor, event: type },
      data,
    }));
    const head = standing(id, state, yield* surroundings);
    const entries = fitting(asked, room - jsonBytes({ ...head, entries: [], next: events.length }));
    const next = from + entries.length;
    const answer: Transcript = { ...head, entries, ...(next <= events.length ? { next } : {}) };
    return answer;
  }),
});

/** What can be asked about dialogs. */
export const dialogOperations = { transcript };
