import { Schema } from "effect";
import { VoterCondition } from "../domain/consensus/ballot.ts";
import { Weight } from "../domain/consensus/electorate.ts";
import { ShareText } from "../domain/consensus/fraction.ts";
import { Protocol } from "../domain/consensus/protocols.ts";
import { RoundNumber } from "../domain/consensus/rounds.ts";
import { ContextKey, ContextValues } from "../domain/dialog/context.ts";
import { DialogType, RoutedBy, TurnNumber } from "../domain/dialog/contract.ts";
import { AggregateId, Instant, Principal, Provenance } from "../domain/kernel/mod.ts";
import { Attempt, ChildStatus, Priority } from "../domain/task/contract.ts";

/** The channels of an agent's inbox, each the last token of a subject. Deliveries keep their order within a channel. */
export const inboxChannels = ["task", "turn", "proposal"] as const;
export type InboxChannel = (typeof inboxChannels)[number];

/** `deliveryId` names the event that caused the delivery, and the recipient. A repeated delivery has the same id. */
const delivery = <K extends string, F extends Schema.Struct.Fields>(kind: K, fields: F) =>
  Schema.Struct({ deliveryId: Schema.NonEmptyString, kind: Schema.Literal(kind), ...fields });

const reason = Schema.optionalKey(Schema.String);
const data = Schema.optionalKey(Schema.Json);

/** A task as it is given to the agent that it was assigned to. */
export const AssignedTask = Schema.Struct({
  id: AggregateId,
  type: Schema.NonEmptyString,
  payload: data,
  priority: Priority,
  requiredCapabilities: Schema.Array(Schema.String),
  /** The moment until which the agent must acknowledge the task. */
  acknowledgeBy: Instant,
  attempt: Attempt,
  /** The task for which another agent delegated this one. */
  parent: Schema.optionalKey(AggregateId),
}).annotate({ identifier: "AssignedTask" });
export type AssignedTask = typeof AssignedTask.Type;

/** One assignment of a task. */
const TaskAttempt = Schema.Struct({ id: AggregateId, attempt: Attempt });

/** The deliveries about an agent's tasks. */
export const TaskDelivery = Schema.Union([
  delivery("assigned", { task: AssignedTask }).annotate({ description: "The agent has this task from now on." }),
  delivery("withdrawn", { task: TaskAttempt, reason }).annotate({
    description: "The agent no longer has the task. `reason` is for programs.",
  }),
  delivery("child-ended", {
    /** The task of this agent that waits for the child. */
    task: TaskAttempt,
    child: AggregateId,
    status: ChildStatus,
    result: data,
    failure: Schema.optionalKey(Schema.Struct({ reason: Schema.NonEmptyString, data })),
  }).annotate({ description: "A task that the agent delegated has ended." }),
]).annotate({ identifier: "TaskDelivery" });
export type TaskDelivery = typeof TaskDelivery.Type;

const dialog = Schema.Struct({ id: AggregateId, type: DialogType, topic: Schema.String }).annotate({
  identifier: "DialogReference",
});
const handOff = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const context = Schema.optionalKey(ContextValues);
/** Which principal set each key of the context. */
const setBy = Schema.optionalKey(Schema.Record(Principal, Schema.Array(ContextKey)));

/** Something said in a dialog that the agent takes part in. */
export const Turn = delivery("said", {
  dialog,
  turn: TurnNumber,
  speaker: Principal,
  text: Schema.String,
  /** All recipients, the rule that chose them, and its reasons. */
  recipients: Schema.Array(Principal),
  routedBy: RoutedBy,
  reasons: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The moment at which the turn goes to the next participant if this agent is silent. */
  answerBy: Schema.optionalKey(Instant),
  /** The turn that this turn answers, and the length of the chain of answers that led to it. */
  answers: Schema.optionalKey(TurnNumber),
  hops: Schema.optionalKey(Schema.Int),
  /** The part of the context that this agent may see, by key. */
  context,
  setBy,
  data,
  /** How the text was produced, as its speaker claims. */
  provenance: Schema.optionalKey(Provenance),
}).annotate({ identifier: "Turn", description: "Something was said in a dialog that the agent takes part in." });
export type Turn = typeof Turn.Type;

/** The word in a dialog, offered to the agent. */
export const HandOff = delivery("hand-off", { dialog, handOff, from: Principal, reason, context, setBy }).annotate({
  identifier: "HandOff",
  description: "The agent is offered the word.",
});
export type HandOff = typeof HandOff.Type;

/** The outcome of a hand-off that the agent offered, or the news that the agent's turn got no answer. */
export const DialogNews = Schema.Union([
  delivery("hand-off-accepted", { dialog, handOff, to: Principal }),
  delivery("hand-off-declined", { dialog, handOff, to: Principal, reason }),
  delivery("unanswered", { dialog, turn: TurnNumber, asked: Schema.Array(Principal) }),
]).annotate({ identifier: "DialogNews" });
export type DialogNews = typeof DialogNews.Type;

/** The deliveries about an agent's dialogs. */
export const TurnDelivery = Schema.Union([Turn, HandOff, ...DialogNews.members]).annotate({
  identifier: "TurnDelivery",
});
export type TurnDelivery = typeof TurnDelivery.Type;

const openVote = {
  proposal: Schema.Struct({
    id: AggregateId,
    kind: Schema.NonEmptyString,
    title: Schema.NonEmptyString,
    /** The subject of the vote, with its digests. */
    subject: Schema.Record(Schema.String, Schema.Json),
    protocol: Protocol,
    /** The share of the electorate that must vote. */
    quorum: ShareText,
    deadline: Instant,
    /** The weight of the agent's ballot. */
    weight: Weight,
    /** The round that ballots are for; absent if the vote has no rounds. */
    round: Schema.optionalKey(RoundNumber),
  }),
};

/** The news of a vote in which the agent has a ballot. */
export const VotingOpened = delivery("voting-opened", openVote).annotate({
  identifier: "VotingOpened",
  description: "A vote began in which the agent has a ballot.",
});
export type VotingOpened = typeof VotingOpened.Type;

/**
 * Another round of a vote. The graph has changed since the last round, so earlier ballots count only if they are
 * `carried`.
 */
export const RoundOpened = delivery("round-opened", {
  ...openVote,
  /** The conditions that voters attached in the last round. */
  conditions: Schema.Array(VoterCondition),
  /** Whether the agent's own ballot stands in this round too. */
  carried: Schema.Boolean,
}).annotate({
  identifier: "RoundOpened",
  description: "A vote continues with the graph as its conditions changed it.",
});
export type RoundOpened = typeof RoundOpened.Type;

/** The deliveries about votes. */
export const ProposalDelivery = Schema.Union([VotingOpened, RoundOpened]).annotate({ identifier: "ProposalDelivery" });
export type ProposalDelivery = typeof ProposalDelivery.Type;

/** All deliveries of an inbox, by channel. */
export const deliveries = {
  task: TaskDelivery,
  turn: TurnDelivery,
  proposal: ProposalDelivery,
} as const satisfies Record<InboxChannel, Schema.Top>;

/** A delivery on one channel. */
export type Delivery<C extends InboxChannel = InboxChannel> = (typeof deliveries)[C]["Type"];

/** A delivery without its id. */
export type Undelivered<C extends InboxChannel> =
  Delivery<C> extends infer D ? (D extends unknown ? Omit<D, "deliveryId"> : never) : never;
