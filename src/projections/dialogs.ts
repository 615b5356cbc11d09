import { Schema } from "effect";
import { DialogType, TurnNumber } from "../domain/dialog/contract.ts";
import { dialog } from "../domain/dialog/decider.ts";
import { Instant, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

/** How many turns a document keeps; the log keeps them all. */
const keptTurns = 100;

const DialogDocument = Schema.Struct({
  ...documentFields,
  type: DialogType,
  topic: Schema.String,
  status: Schema.Literals(["open", "closed"]),
  participants: Schema.Array(Principal),
  turnCount: Schema.Int,
  turns: Schema.Array(
    Schema.Struct({
      turn: TurnNumber,
      speaker: Principal,
      text: Schema.String,
      recipients: Schema.Array(Principal),
      data: Schema.optionalKey(Schema.Json),
      at: Instant,
    }),
  ),
  openedBy: Principal,
  openedAt: Instant,
  updatedAt: Instant,
});
export type DialogDocument = typeof DialogDocument.Type;

const evolve = (
  before: DialogDocument | undefined,
  event: RecordedEventOf<typeof dialog.events>,
): DialogDocument | undefined => {
  const stamp = { ...stampOf(event), updatedAt: event.time };
  if (event.type === "dialog-opened") {
    const { routing: _, ...opened } = event.data;
    return { ...stamp, ...opened, status: "open", turnCount: 0, turns: [], openedAt: event.time };
  }
  if (before === undefined) return undefined;
  const document = { ...before, ...stamp };
  switch (event.type) {
    case "participant-joined":
      return { ...document, participants: [...document.participants, event.data.participant] };
    case "participant-left":
      return { ...document, participants: document.participants.filter((id) => id !== event.data.participant) };
    case "turn-said": {
      const { routedBy: _, ...turn } = event.data;
      const turns = [...document.turns, { ...turn, at: event.time }].slice(-keptTurns);
      return { ...document, turnCount: turn.turn, turns };
    }
    case "dialog-closed":
      return { ...document, status: "closed" };
  }
};

/** Who talks with whom about what, and the newest turns. */
export const dialogs = defineView<DialogDocument>({
  name: "dialogs",
  version: 1,
  document: DialogDocument,
  apply: foldEvents(dialog, evolve),
});
