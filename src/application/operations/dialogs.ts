import { Effect } from "effect";
import { valuesOf } from "../../domain/dialog/context.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { sharedContextId } from "../../domain/dialog/set-context.ts";
import type { Dialog, DialogState } from "../../domain/dialog/state.ts";
import type { Transcript } from "../../domain/dialog/transcript.ts";
import { defined, jsonBytes, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { notFound } from "../command-error.ts";
import type { EventStore } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { eventsOfOne } from "./events-of.ts";

/** The presence of participants and the shared contexts, from other views. */
const surroundings = Effect.gen(function* () {
  const readModels = yield* ReadModels;
  const agents = yield* readModels.documents("agents");
  const contexts = yield* readModels.documents("contexts");
  return {
    presenceOf: (id: string) => agents.documents.get(id)?.status,
    shared: (id: string) => valuesOf(contexts.documents.get(id)?.entries ?? {}),
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
  ...defined({ dialog: id, type, topic, status, routing, task, speaker }),
  participants: state.participants.map((participant) => ({
    ...participant,
    ...defined({ presence: presenceOf(participant.id) }),
  })),
  context: {
    dialog: valuesOf(state.context),
    participant: Object.fromEntries(
      Object.entries(state.participantContext).map(([owner, entries]) => [owner, valuesOf(entries)]),
    ),
    topic: shared(sharedContextId("topic", topic)),
    global: shared(sharedContextId("global", "")),
  },
});

/** Returns the first entries that fit into `room` bytes as JSON with their commas, and at least one. */
const fitting = (entries: Transcript["entries"], room: number): Transcript["entries"] => {
  let left = room;
  const end = entries.findIndex((entry) => {
    left -= jsonBytes(entry) + 1;
    return left < 0;
  });
  return end === -1 ? entries : entries.slice(0, Math.max(1, end));
};

/** The answers about dialogs. */
export const dialogAnswers = {
  get: getDocument("dialog"),
  list: listDocuments,
  transcript: Effect.fnUntraced(function* ({ id, from, limit }, _documents, room) {
    const events = yield* eventsOfOne(dialog, id);
    const state = foldAll(events);
    if (state === null) return yield* notFound("dialog", id);
    const asked = events.slice(from - 1, from - 1 + limit).map(({ version, time, actor, type, data }) => ({
      number: version,
      at: time,
      actor,
      event: type,
      data,
    }));
    const head = standing(id, state, yield* surroundings);
    const entries = fitting(asked, room - jsonBytes({ ...head, entries: [], next: events.length }));
    const next = from + entries.length;
    return { ...head, entries, ...defined({ next: next <= events.length ? next : undefined }) };
  }),
} satisfies AnswersOf<"dialogs", EventStore | ReadModels>;
