import type { DialogDocument } from "../contract/views/dialogs.ts";
import { dialog } from "../domain/dialog/decider.ts";
import type { Dialog } from "../domain/dialog/state.ts";
import type { RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

/** The number of turns in a document. The log keeps all turns. */
const keptTurns = 100;

type Event = RecordedEventOf<typeof dialog.events>;

/** Returns the state in a document. */
const stateOf = ({ members, turnCount, ...document }: DialogDocument): Dialog => ({
  ...document,
  participants: members,
  turns: turnCount,
});

const shown = ({ participants, turns, ...state }: Dialog) => ({
  ...state,
  participants: participants.map(({ id }) => id),
  members: participants,
  turnCount: turns,
});

const turnsAfter = (
  turns: DialogDocument["turns"],
  event: Event,
  { awaited }: Pick<Dialog, "awaited">,
): DialogDocument["turns"] => {
  if (event.type === "turn-said") return [...turns, { ...event.data, at: event.time }].slice(-keptTurns);
  if (event.type === "dialog-resumed")
    return turns.map((turn) => {
      const waits = awaited.find((one) => one.turn === turn.turn);
      return waits === undefined ? turn : { ...turn, answerBy: waits.answerBy };
    });
  if (event.type !== "turn-passed-on") return turns;
  const { turn: number, to, answerBy } = event.data;
  return turns.map((turn) =>
    turn.turn === number ? { ...turn, recipients: [...turn.recipients, to], answerBy } : turn,
  );
};

const evolve = (before: DialogDocument | undefined, event: Event): DialogDocument | undefined => {
  const state = dialog.evolve(before === undefined ? null : stateOf(before), event, {
    aggregateId: event.id,
    version: event.version,
    actor: event.actor,
    time: event.time,
  });
  if (state === null) return undefined;
  const opening = event.type === "dialog-opened" ? { openedBy: event.data.openedBy, openedAt: event.time } : before;
  if (opening === undefined) return undefined;
  return {
    ...shown(state),
    ...stampOf(event),
    turns: turnsAfter(before?.turns ?? [], event, state),
    openedBy: opening.openedBy,
    openedAt: opening.openedAt,
    updatedAt: event.time,
  };
};

export const dialogs = defineView({
  name: "dialogs",
  version: 3,
  keyOf: oneForEach(dialog),
  apply: foldEvents(dialog, evolve),
});
