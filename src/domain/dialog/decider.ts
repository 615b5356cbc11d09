import {
  AggregateId,
  accept,
  type CommandOf,
  canonicalJson,
  defineDecider,
  defined,
  isOwnPrincipal,
  type PayloadOf,
  refuse,
} from "../kernel/mod.ts";
import {
  type DialogContext,
  type DialogDecision,
  type DialogEvent,
  dialogCommands,
  dialogEvents,
  type KnownToDialogs,
  type Participant,
} from "./contract.ts";
import { acceptOffer, declineOffer, offer, offersOf, release } from "./hand-off.ts";
import { audienceOf, mayTakePart, nothingKnown } from "./routing.ts";
import { isShared, setContext } from "./set-context.ts";
import { type Dialog, DialogState, evolve } from "./state.ts";
import { acknowledge, passOn, resume, say, turnsOf } from "./turns.ts";

const directNeedsTwo = (id: string, problem: string) =>
  refuse("direct-needs-two", `dialog \`${id}\` is direct and has exactly two participants; ${problem}`);

/** Refuses a dialog of type `task` without an existing task, and a task in any other dialog. */
const taskProblem = (
  { type, task }: PayloadOf<typeof dialogCommands, "open">,
  id: string,
  { taskParties }: KnownToDialogs,
) => {
  if (type !== "task" && task !== undefined)
    return refuse("no-task-dialog", `dialog \`${id}\` is of type ${type}; leave \`task\` out, or open it as type task`);
  if (type !== "task") return undefined;
  if (task === undefined)
    return refuse("task-needed", `dialog \`${id}\` is of type task; say in \`task\` which task it is about`);
  return taskParties === undefined
    ? refuse("task-not-found", `dialog \`${id}\`: there is no task \`${task}\`; submit it first`, { task })
    : undefined;
};

const named = (participant: string | Participant): Participant =>
  typeof participant === "string" ? { id: participant } : participant;

/**
 * Opens a dialog. The principal that opens it takes part in any case. If a participant is named twice, the last entry
 * counts.
 */
const open = (
  payload: PayloadOf<typeof dialogCommands, "open">,
  { aggregateId, principal }: DialogContext,
  known: KnownToDialogs,
): DialogDecision => {
  const { participants: given, ...dialog } = payload;
  const byId = new Map([[principal, named(principal)], ...given.map((one) => [named(one).id, named(one)] as const)]);
  if (known.deployment === true && !isOwnPrincipal(principal))
    return refuse(
      "id-taken",
      `dialog \`${aggregateId}\`: the id is that of a deployment, which opens the dialog itself; use another id`,
    );
  const problem = taskProblem(payload, aggregateId, known);
  if (problem !== undefined) return problem;
  if (dialog.type === "direct" && byId.size !== 2)
    return directNeedsTwo(aggregateId, `with \`${principal}\`, who opens it, there would be ${byId.size}`);
  const preferences = [...byId.values()].filter((participant) => Object.keys(participant).length > 1);
  return accept({
    type: "dialog-opened",
    data: {
      ...dialog,
      participants: [...byId.keys()],
      ...defined({ preferences: preferences.length === 0 ? undefined : preferences }),
      openedBy: principal,
    },
  });
};

/** Joins a dialog. Joining again with preferences replaces the earlier ones. */
const join = (
  preferences: PayloadOf<typeof dialogCommands, "join">,
  dialog: Dialog,
  { aggregateId, principal }: DialogContext,
): DialogDecision => {
  const before = dialog.participants.find(({ id }) => id === principal);
  if (before === undefined && dialog.type === "direct")
    return directNeedsTwo(aggregateId, "open a group to add someone");
  const isSame = before !== undefined && canonicalJson(before) === canonicalJson({ id: principal, ...preferences });
  return isSame || (before !== undefined && Object.keys(preferences).length === 0)
    ? accept()
    : accept({ type: "participant-joined", data: { participant: principal, ...preferences } });
};

const leave = (dialog: Dialog, context: DialogContext, known: KnownToDialogs): DialogDecision => {
  const { aggregateId, principal } = context;
  if (dialog.type === "direct") return directNeedsTwo(aggregateId, "close it to end it");
  const left: DialogEvent = { type: "participant-left", data: { participant: principal } };
  const rest = evolve(dialog, left, { version: 0 }) ?? dialog;
  return accept<DialogEvent>(...offersOf(principal, dialog, "left"), left, ...turnsOf(principal, rest, context, known));
};

/** Commands that are refused while the dialog is paused. */
const needsVoice: ReadonlySet<keyof typeof dialogCommands> = new Set(["say", "hand-off", "accept-hand-off"]);

const decide = (
  command: CommandOf<typeof dialogCommands>,
  dialog: DialogState,
  context: DialogContext,
): DialogDecision => {
  const { aggregateId: id, principal, known = nothingKnown } = context;
  if (command.type === "open")
    return dialog === null
      ? open(command.payload, context, known)
      : refuse("already-exists", `dialog \`${id}\` exists; open another one under a new id`);
  if (dialog === null) return refuse("not-found", `dialog \`${id}\` does not exist; open it first`);
  if (dialog.status === "closed") return refuse("closed", `dialog \`${id}\` is closed; open another one`);
  if (command.type === "join") return join(command.payload, dialog, context);
  if (command.type === "pass-on") return passOn(command.payload, dialog, context, known);
  if (command.type === "release") return release(command.payload, dialog);
  // The permission table decides who may speak in a dialog of the backend, or resume one that the system paused.
  const isInTable =
    (command.type === "say" && isOwnPrincipal(dialog.openedBy)) ||
    (command.type === "resume" && dialog.pausedFor !== undefined);
  if (!isInTable && !audienceOf(dialog, known).some((participant) => participant.id === principal))
    return refuse("not-a-participant", `\`${principal}\` does not take part in dialog \`${id}\`; join it first`);
  if (dialog.status === "paused" && needsVoice.has(command.type))
    return refuse("paused", `dialog \`${id}\` is paused; resume it first`);
  switch (command.type) {
    case "leave":
      return leave(dialog, context, known);
    case "say":
      return say(command.payload, dialog, context, known);
    case "acknowledge":
      return acknowledge(command.payload, dialog, context);
    case "hand-off":
      return offer(command.payload, dialog, context, known);
    case "accept-hand-off":
      return acceptOffer(command.payload, dialog, context);
    case "decline-hand-off":
      return declineOffer(command.payload, dialog, context);
    case "set-context":
      return setContext(command.payload, dialog, context, known);
    case "pause":
      return dialog.status === "paused"
        ? accept()
        : accept({ type: "dialog-paused", data: { by: principal, ...command.payload } });
    case "resume":
      return resume(dialog, context, known);
    case "close":
      return accept({ type: "dialog-closed", data: { by: principal, ...command.payload } });
  }
};

/** A conversation of agents and people, turn by turn. */
export const dialog = defineDecider<KnownToDialogs | undefined>()({
  name: "dialog",
  description: "A conversation of agents and people, turn by turn.",
  id: AggregateId,
  commands: dialogCommands,
  events: dialogEvents,
  relations: {
    opener: (dialog, { principal }) => dialog?.openedBy === principal,
    "one-of-two": (dialog, { principal }) => dialog?.type === "direct" && mayTakePart(dialog, principal),
    member: (dialog, { principal }) => dialog === null || mayTakePart(dialog, principal),
    "within-dialog": (_, { command }) => command.type !== "set-context" || !isShared(command.payload.scope),
    "of-topic": (_, { command }) => command.type !== "set-context" || command.payload.scope === "topic",
    "paused-by-system": (dialog) => dialog?.pausedFor !== undefined,
    "the-systems": (dialog) => dialog !== null && isOwnPrincipal(dialog.openedBy),
    "not-the-systems": (dialog) => dialog === null || !isOwnPrincipal(dialog.openedBy),
  },
  state: DialogState,
  stateVersion: 4,
  initial: null,
  decide,
  evolve,
});
