import { Schema } from "effect";
import type { Json } from "./json.ts";
import { reader } from "./reader.ts";

/** A task as it is delivered to the agent that it was assigned to. */
export interface Task {
  readonly id: string;
  readonly type: string;
  readonly payload?: Json;
  readonly priority: string;
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

/** Something said in a dialog that the agent takes part in. */
export interface Turn {
  readonly deliveryId: string;
  readonly dialog: { readonly id: string; readonly type: string; readonly topic: string };
  readonly turn: number;
  readonly speaker: string;
  readonly text: string;
  readonly data?: Json;
}

/** A vote that the agent has a ballot in. */
export interface VotingOpened {
  readonly deliveryId: string;
  readonly proposal: {
    readonly id: string;
    readonly kind: string;
    readonly title: string;
    /** What is voted on, with its digests. */
    readonly subject: Json;
    readonly deadline: string;
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

const TurnMessage = Schema.Struct({
  ...delivered,
  dialog: Schema.Struct({ id: Schema.NonEmptyString, type: Schema.String, topic: Schema.String }),
  turn: Schema.Int,
  speaker: Schema.String,
  text: Schema.String,
  data: Schema.optionalKey(Schema.Json),
});

const ProposalMessage = Schema.Struct({
  ...delivered,
  proposal: Schema.Struct({
    id: Schema.NonEmptyString,
    kind: Schema.String,
    title: Schema.String,
    subject: Schema.Json,
    deadline: Schema.String,
  }),
});

export const parseTask: (message: unknown) => TaskDelivery = reader(TaskMessage, "delivery of a task");
export const parseTurn: (message: unknown) => Turn = reader(TurnMessage, "delivery of a turn");
export const parseProposal: (message: unknown) => VotingOpened = reader(ProposalMessage, "delivery of a vote");
