import { Schema } from "effect";
import { type Json, type JsonObject, reader } from "./json.ts";

/** A task as it is delivered to the agent that it was assigned to. */
export interface Task {
  readonly id: string;
  readonly type: string;
  readonly payload?: Json;
  readonly priority: string;
  readonly requiredCapabilities?: ReadonlyArray<string>;
  /** The moment until which it must be acknowledged, which the kit does; absent where a task is resumed. */
  readonly acknowledgeBy?: string;
  /** The number of the assignment, from 1. */
  readonly attempt: number;
  /** The task that another agent does this one for. */
  readonly parent?: string;
}

export type TaskDelivery =
  | { readonly deliveryId: string; readonly kind: "assigned"; readonly task: Task }
  | {
      readonly deliveryId: string;
      readonly kind: "withdrawn";
      readonly task: { readonly id: string; readonly attempt?: number };
      readonly reason?: string;
    }
  | {
      readonly deliveryId: string;
      readonly kind: "child-ended";
      readonly task: { readonly id: string; readonly attempt: number };
      readonly child: string;
      readonly status: string;
    };

interface AboutDialog {
  readonly deliveryId: string;
  readonly dialog: { readonly id: string; readonly type: string; readonly topic: string };
}

/** Something said in a dialog that the agent takes part in. */
export interface Turn extends AboutDialog {
  readonly turn: number;
  readonly speaker: string;
  readonly text: string;
  /** Everyone it went to, and by which rule. */
  readonly recipients?: ReadonlyArray<string>;
  readonly routedBy?: string;
  /** The moment at which it goes to somebody else where this agent was silent. */
  readonly answerBy?: string;
  /** What of the context reaches this agent, by key. */
  readonly context?: JsonObject;
  readonly data?: Json;
}

/** The word, offered to the agent. */
export interface HandOff extends AboutDialog {
  readonly handOff: number;
  readonly from: string;
  readonly reason?: string;
  readonly context?: JsonObject;
}

/** What became of a hand-off that the agent offered, or of a turn of it that nobody answered. */
export type DialogNews = AboutDialog &
  (
    | { readonly kind: "hand-off-accepted"; readonly handOff: number; readonly to: string }
    | { readonly kind: "hand-off-declined"; readonly handOff: number; readonly to: string; readonly reason?: string }
    | { readonly kind: "unanswered"; readonly turn: number; readonly asked: ReadonlyArray<string> }
  );

export type DialogDelivery =
  | ({ readonly kind: "said" } & Turn)
  | ({ readonly kind: "hand-off" } & HandOff)
  | DialogNews;

/** A vote that the agent has a ballot in. */
export interface VotingOpened {
  readonly deliveryId: string;
  readonly proposal: {
    readonly id: string;
    readonly kind: string;
    readonly title: string;
    /** What is voted on, with its digests. */
    readonly subject: Json;
    /** How it is decided: `simple-majority`, `qualified-majority`, `unanimous` or `weighted`. */
    readonly protocol?: string;
    /** The share of the electorate that must vote, as a fraction such as `1/2`. */
    readonly quorum?: string;
    readonly deadline: string;
    /** The weight of the agent's ballot. */
    readonly weight?: number;
  };
}

const delivered = { deliveryId: Schema.NonEmptyString };

const TaskMessage = Schema.Union([
  Schema.Struct({
    ...delivered,
    kind: Schema.Literal("assigned"),
    task: Schema.Struct({
      id: Schema.NonEmptyString,
      type: Schema.NonEmptyString,
      payload: Schema.optionalKey(Schema.Json),
      priority: Schema.String,
      requiredCapabilities: Schema.optionalKey(Schema.Array(Schema.String)),
      acknowledgeBy: Schema.optionalKey(Schema.String),
      attempt: Schema.Int,
      parent: Schema.optionalKey(Schema.String),
    }),
  }),
  Schema.Struct({
    ...delivered,
    kind: Schema.Literal("withdrawn"),
    task: Schema.Struct({ id: Schema.NonEmptyString, attempt: Schema.optionalKey(Schema.Int) }),
    reason: Schema.optionalKey(Schema.String),
  }),
  Schema.Struct({
    ...delivered,
    kind: Schema.Literal("child-ended"),
    task: Schema.Struct({ id: Schema.NonEmptyString, attempt: Schema.Int }),
    child: Schema.NonEmptyString,
    status: Schema.String,
  }),
]);

const aboutDialog = {
  ...delivered,
  dialog: Schema.Struct({ id: Schema.NonEmptyString, type: Schema.String, topic: Schema.String }),
};
const context = Schema.optionalKey(Schema.Record(Schema.String, Schema.Json));
const handOff = { handOff: Schema.Int, reason: Schema.optionalKey(Schema.String) };

const DialogMessage = Schema.Union([
  Schema.Struct({
    ...aboutDialog,
    kind: Schema.Literal("said"),
    turn: Schema.Int,
    speaker: Schema.String,
    text: Schema.String,
    recipients: Schema.optionalKey(Schema.Array(Schema.String)),
    routedBy: Schema.optionalKey(Schema.String),
    answerBy: Schema.optionalKey(Schema.String),
    context,
    data: Schema.optionalKey(Schema.Json),
  }),
  Schema.Struct({ ...aboutDialog, ...handOff, kind: Schema.Literal("hand-off"), from: Schema.String, context }),
  Schema.Struct({ ...aboutDialog, ...handOff, kind: Schema.Literal("hand-off-accepted"), to: Schema.String }),
  Schema.Struct({ ...aboutDialog, ...handOff, kind: Schema.Literal("hand-off-declined"), to: Schema.String }),
  Schema.Struct({
    ...aboutDialog,
    kind: Schema.Literal("unanswered"),
    turn: Schema.Int,
    asked: Schema.Array(Schema.String),
  }),
]);

const ProposalMessage = Schema.Struct({
  ...delivered,
  proposal: Schema.Struct({
    id: Schema.NonEmptyString,
    kind: Schema.String,
    title: Schema.String,
    subject: Schema.Json,
    protocol: Schema.optionalKey(Schema.String),
    quorum: Schema.optionalKey(Schema.String),
    deadline: Schema.String,
    weight: Schema.optionalKey(Schema.Int),
  }),
});

export const parseTask: (message: unknown) => TaskDelivery = reader(TaskMessage, "a delivery of a task");
export const parseDialogDelivery: (message: unknown) => DialogDelivery = reader(DialogMessage, "a delivery of a turn");
export const parseProposal: (message: unknown) => VotingOpened = reader(ProposalMessage, "a delivery of a vote");
