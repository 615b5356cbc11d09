import type { Result } from "effect";
import {
  AggregateId,
  accept,
  type CommandOf,
  type DecisionContext,
  defineDecider,
  type EventOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { dialogCommands, dialogEvents } from "./contract.ts";
import { addressedRecipients, broadcastRecipients } from "./routing.ts";
import { type Dialog, DialogState } from "./state.ts";

type Command = CommandOf<typeof dialogCommands>;
type Event = EventOf<typeof dialogEvents>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;

const directNeedsTwo = (id: string, problem: string) =>
  refuse("direct-needs-two", `dialog \`${id}\` is direct and has exactly two participants; ${problem}`);

/** Who opens a dialog takes part, named or not. */
const open = (
  { participants: named, ...dialog }: (Command & { type: "open" })["payload"],
  { aggregateId, principal }: DecisionContext,
): Decision => {
  const participants = [...new Set([principal, ...named])];
  return dialog.type === "direct" && participants.length !== 2
    ? directNeedsTwo(aggregateId, `with \`${principal}\`, who opens it, there would be ${participants.length}`)
    : accept({ type: "dialog-opened", data: { ...dialog, participants, openedBy: principal } });
};

const join = (dialog: Dialog, { aggregateId, principal }: DecisionContext): Decision => {
  if (dialog.participants.includes(principal)) return accept();
  return dialog.type === "direct"
    ? directNeedsTwo(aggregateId, "open a group to add someone")
    : accept({ type: "participant-joined", data: { participant: principal } });
};

const leave = (dialog: Dialog, { aggregateId, principal }: DecisionContext): Decision =>
  dialog.type === "direct"
    ? directNeedsTwo(aggregateId, "close it to end it")
    : accept({ type: "participant-left", data: { participant: principal } });

const say = (
  { to, ...said }: (Command & { type: "say" })["payload"],
  dialog: Dialog,
  { aggregateId, principal }: DecisionContext,
): Decision => {
  const recipients = to === undefined ? broadcastRecipients(dialog, principal) : addressedRecipients(to);
  const unknown = recipients.filter((recipient) => !dialog.participants.includes(recipient));
  if (unknown.length > 0)
    return refuse(
      "unknown-recipient",
      `dialog \`${aggregateId}\`: ${unknown.map((id) => `\`${id}\``).join(", ")} does not take part; address participants only`,
      { recipients: unknown },
    );
  const routedBy = to === undefined ? "broadcast" : "addressed";
  return accept({
    type: "turn-said",
    data: { turn: dialog.turns + 1, speaker: principal, recipients, routedBy, ...said },
  });
};

const decide = (command: Command, dialog: DialogState, context: DecisionContext): Decision => {
  const { aggregateId, principal } = context;
  if (command.type === "open")
    return dialog === null
      ? open(command.payload, context)
      : refuse("already-exists", `dialog \`${aggregateId}\` exists; open another one under a new id`);
  if (dialog === null) return refuse("not-found", `dialog \`${aggregateId}\` does not exist; open it first`);
  if (dialog.status === "closed") return refuse("closed", `dialog \`${aggregateId}\` is closed; open another one`);
  if (command.type === "join") return join(dialog, context);
  if (!dialog.participants.includes(principal))
    return refuse(
      "not-a-participant",
      `\`${principal}\` does not take part in dialog \`${aggregateId}\`; join it first`,
    );
  switch (command.type) {
    case "leave":
      return leave(dialog, context);
    case "say":
      return say(command.payload, dialog, context);
    case "close":
      return accept({ type: "dialog-closed", data: { by: principal, ...command.payload } });
  }
};

const evolve = (dialog: DialogState, event: Event): DialogState => {
  if (event.type === "dialog-opened")
    return { type: event.data.type, status: "open", participants: event.data.participants, turns: 0 };
  if (dialog === null) return dialog;
  switch (event.type) {
    case "participant-joined":
      return { ...dialog, participants: [...dialog.participants, event.data.participant] };
    case "participant-left":
      return { ...dialog, participants: dialog.participants.filter((id) => id !== event.data.participant) };
    case "turn-said":
      return { ...dialog, turns: event.data.turn };
    case "dialog-closed":
      return { ...dialog, status: "closed" };
  }
};

/** A conversation of agents and people, turn by turn. */
export const dialog = defineDecider()({
  name: "dialog",
  description: "A conversation of agents and people, turn by turn.",
  id: AggregateId,
  commands: dialogCommands,
  events: dialogEvents,
  state: DialogState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
