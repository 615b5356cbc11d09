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

/** The parts of an agent's inbox, which are the last token of the subject: the order is kept within each of them. */
export const inboxChannels = ["task", "turn", "proposal"] as const;
export type InboxChannel = (typeof inboxChannels)[number];

/** `deliveryId` is the same if a delivery comes again: it names the event that it follows from, and the recipient. */
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
  /** The task that another agent delegated this one for. */
  parent: Schema.optionalKey(AggregateId),
}).annotate({ identifier: "AssignedTask" });
export type AssignedTask = typeof AssignedTask.Type;

/** One assignment of a task. */
const TaskAttempt = Schema.Struct({ id: AggregateId, attempt: Attempt });

/** What an agent is told about its tasks. */
export const TaskDelivery = Schema.Union([
  delivery("assigned", { task: AssignedTask }).annotate({ description: "The agent has this task from now on." }),
  delivery("withdrawn", { task: TaskAttempt, reason }).annotate({
    description: "The agent does not have the task any more. `reason` is for programs.",
  }),
  delivery("child-ended", {
    /** The task of this agent that waits for the child. */
    task: TaskAttempt,
    child: AggregateId,
    status: ChildStatus,
    result: data,
    failure: Schema.optionalKey(Schema.Struct({ reason: Schema.NonEmptyString, data })),
  }).annotate({ description: "A task that the agent delegated is over." }),
]).annotate({ identifier: "TaskDelivery" });
export type TaskDelivery = typeof TaskDelivery.Type;

const dialog = Schema.Struct({ id: AggregateId, type: DialogType, topic: Schema.String }).annotate({
  identifier: "DialogReference",
});
const handOff = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const context = Schema.optionalKey(ContextValues);
/** Whose words the context is: the keys that each principal has set. */
const setBy = Schema.optionalKey(Schema.Record(Principal, Schema.Array(ContextKey)));

/** Something said in a dialog that the agent takes part in. */
export const Turn = delivery("said", {
  dialog,
  turn: TurnNumber,
  speaker: Principal,
  text: Schema.String,
  /** Everyone it went to, by which rule, and for which reasons. */
  recipients: Schema.Array(Principal),
  routedBy: RoutedBy,
  reasons: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The moment at which the turn goes to the next participant if this agent is silent. */
  answerBy: Schema.optionalKey(Instant),
  /** The turn that it answers, and how many answers led to it, one answering the other. */
  answers: Schema.optionalKey(TurnNumber),
  hops: Schema.optionalKey(Schema.Int),
  /** The part of the context that reaches this agent, by key. */
  context,
  setBy,
  data,
  /** How the text came about, as its speaker says. */
  provenance: Schema.optionalKey(Provenance),
}).annotate({ identifier: "Turn", description: "Something was said in a dialog that the agent takes part in." });
export type Turn = typeof Turn.Type;

/** The word in a dialog, offered to the agent. */
export const HandOff = delivery("hand-off", { dialog, handOff, from: Principal, reason, context, setBy }).annotate({
  identifier: "HandOff",
  description: "The agent is offered the word.",
});
export type HandOff = typeof HandOff.Type;

/** The outcome of a hand-off that the agent offered, or of a turn of the agent that remained without an answer. */
export const DialogNews = Schema.Union([
  delivery("hand-off-accepted", { dialog, handOff, to: Principal }),
  delivery("hand-off-declined", { dialog, handOff, to: Principal, reason }),
  delivery("unanswered", { dialog, turn: TurnNumber, asked: Schema.Array(Principal) }),
]).annotate({ identifier: "DialogNews" });
export type DialogNews = typeof DialogNews.Type;

/** What an agent is told about its dialogs. */
export const TurnDelivery = Schema.Union([Turn, HandOff, ...DialogNews.members]).annotate({
  identifier: "TurnDelivery",
});
export type TurnDelivery = typeof TurnDelivery.Type;

const openVote = {
  proposal: Schema.Struct({
    id: AggregateId,
    kind: Schema.NonEmptyString,
    title: Schema.NonEmptyString,
    /** What is voted on, with its digests. */
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

/** A vote that the agent has a ballot in. */
export const VotingOpened = delivery("voting-opened", openVote).annotate({
  identifier: "VotingOpened",
  description: "A vote began in which the agent has a ballot.",
});
export type VotingOpened = typeof VotingOpened.Type;

/** Another round of a vote: the graph was changed, and earlier ballots do not count unless they are `carried`. */
export const RoundOpened = delivery("round-opened", {
  ...openVote,
  /** The conditions that were made since the last round. */
  conditions: Schema.Array(VoterCondition),
  /** Whether the agent's own ballot stands in this round too. */
  carried: Schema.Boolean,
}).annotate({ identifier: "RoundOpened", description: "A vote goes on about what its conditions made of the graph." });
export type RoundOpened = typeof RoundOpened.Type;

/** What an agent is told about votes. */
export const ProposalDelivery = Schema.Union([VotingOpened, RoundOpened]).annotate({ identifier: "ProposalDelivery" });
export type ProposalDelivery = typeof ProposalDelivery.Type;

/** Everything that is put in an inbox, by channel. */
export const deliveries = {
  task: TaskDelivery,
  turn: TurnDelivery,
  proposal: ProposalDelivery,
} as const satisfies Record<InboxChannel, Schema.Top>;

/** A delivery on one channel. */
export type Delivery<C extends InboxChannel = InboxChannel> = (typeof deliveries)[C]["Type"];

/** A delivery before it has its id. */
export type Undelivered<C extends InboxChannel> =
  Delivery<C> extends infer D ? (D extends unknown ? Omit<D, "deliveryId"> : never) : never;
