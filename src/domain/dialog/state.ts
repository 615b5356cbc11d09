import { Schema } from "effect";
import { AggregateId, Instant, Principal } from "../kernel/mod.ts";
import { ContextEntries, ContextValues, Merge } from "./context.ts";
import { DialogType, Participant, Routing, TurnNumber } from "./contract.ts";

/** A turn that waits for an answer of the last of those it went to. */
export const AwaitedTurn = Schema.Struct({
  turn: TurnNumber,
  speaker: Principal,
  asked: Schema.NonEmptyArray(Principal),
  answerBy: Instant,
});
export type AwaitedTurn = typeof AwaitedTurn.Type;

/** An offer of the word that was not answered yet. */
export const HandOff = Schema.Struct({
  handOff: Schema.Int,
  from: Principal,
  to: Principal,
  context: Schema.optionalKey(ContextValues),
});
export type HandOff = typeof HandOff.Type;

export const DialogStatus = Schema.Literals(["open", "paused", "closed"]);

/** What is known of a dialog. */
export const dialogFields = {
  type: DialogType,
  topic: Schema.String,
  task: Schema.optionalKey(AggregateId),
  status: DialogStatus,
  routing: Routing,
  merge: Merge,
  answerWithinSeconds: Schema.Finite,
  /** Those who were named or joined, in that order. */
  participants: Schema.Array(Participant),
  /** Those who left a dialog that its type would bring them into. */
  left: Schema.Array(Principal),
  /** How many turns were said. */
  turns: Schema.Int,
  /** The newest turn that round-robin sent to each. */
  served: Schema.Record(Principal, TurnNumber),
  /** Who has the word since a hand-off was accepted. */
  speaker: Schema.optionalKey(Principal),
  handOffs: Schema.Int,
  handOff: Schema.optionalKey(HandOff),
  awaited: Schema.Array(AwaitedTurn),
  context: ContextEntries,
  participantContext: Schema.Record(Principal, ContextEntries),
};

/** A dialog that was opened; null before. */
export const DialogState = Schema.NullOr(Schema.Struct(dialogFields));
export type DialogState = typeof DialogState.Type;
/** A dialog that exists. */
export type Dialog = NonNullable<DialogState>;
