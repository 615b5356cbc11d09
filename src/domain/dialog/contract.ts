import { Effect, Schema } from "effect";
import { AggregateId, command, event, Principal } from "../kernel/mod.ts";

export const DialogType = Schema.Literals(["direct", "group", "broadcast", "topic", "task"]);
export type DialogType = typeof DialogType.Type;

/** How a turn that addresses nobody finds its recipients: `broadcast` sends it to all other participants. */
export const Routing = Schema.Literals(["broadcast"]);

/** Why a turn went to its recipients: the dialog's routing, or because it named them. */
export const RoutedBy = Schema.Literals(["broadcast", "addressed"]);

/** The number of a turn in its dialog, from 1. */
export const TurnNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

const reason = Schema.optionalKey(Schema.String);
const data = Schema.optionalKey(Schema.Json);

export const dialogCommands = {
  open: command(
    Schema.Struct({
      type: DialogType,
      topic: Schema.String,
      participants: Schema.Array(Principal),
      routing: Routing.pipe(Schema.withDecodingDefaultKey(Effect.succeed("broadcast" as const))),
    }),
    "Begins a dialog; who opens it takes part.",
    { creates: true },
  ),
  join: command(Schema.Struct({}), "The principal takes part from now on."),
  leave: command(Schema.Struct({}), "The principal does not take part any more."),
  say: command(
    Schema.Struct({
      text: Schema.String,
      to: Schema.optionalKey(Schema.Union([AggregateId, Schema.NonEmptyArray(AggregateId)])),
      data,
    }),
    "A turn, to the participants named in `to`, otherwise to all others.",
  ),
  close: command(Schema.Struct({ reason }), "Ends the dialog."),
};

export const dialogEvents = {
  "dialog-opened": event(
    Schema.Struct({
      type: DialogType,
      topic: Schema.String,
      participants: Schema.Array(Principal),
      routing: Routing,
      openedBy: Principal,
    }),
    "A dialog began with these participants.",
  ),
  "participant-joined": event(Schema.Struct({ participant: Principal }), "Someone takes part from now on."),
  "participant-left": event(Schema.Struct({ participant: Principal }), "Someone does not take part any more."),
  "turn-said": event(
    Schema.Struct({
      turn: TurnNumber,
      speaker: Principal,
      text: Schema.String,
      recipients: Schema.Array(Principal),
      routedBy: RoutedBy,
      data,
    }),
    "A turn went to its recipients.",
  ),
  "dialog-closed": event(Schema.Struct({ by: Principal, reason }), "The dialog is over."),
};
