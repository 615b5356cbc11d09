import { Effect, Schema } from "effect";
import { Capability } from "../agent/capability.ts";
import {
  AggregateId,
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  Instant,
  internalCommand,
  JsonUpTo,
  List,
  maxKeys,
  NonEmptyList,
  Principal,
  Provenance,
  Text,
} from "../kernel/mod.ts";
import { type ContextEntries, ContextKey, ContextScope, ContextValues, KeyPattern, Merge } from "./context.ts";

/**
 * Who takes part. `direct`: exactly two. `group`: those that were named or have joined. The other types add
 * participants to these. `broadcast`: everyone who is registered. `topic`: every registered agent with a capability
 * named like the topic. `task`: the submitter of a task and its agent.
 */
export const DialogType = Schema.Literals(["direct", "group", "broadcast", "topic", "task"]);
export type DialogType = typeof DialogType.Type;

/**
 * How a turn without an address finds its recipients among the other participants. `broadcast`: all. `round-robin`: one
 * after another. `capability`: those with the requested capability. `priority`: the one with the highest priority, and
 * if it stays silent, the next.
 */
export const Routing = Schema.Literals(["broadcast", "round-robin", "capability", "priority"]);
export type Routing = typeof Routing.Type;

/** Why a turn went to its recipients: a strategy, an address, or because they have the word. */
export const RoutedBy = Schema.Literals([...Routing.literals, "addressed", "speaker"]);
export type RoutedBy = typeof RoutedBy.Type;

/** The number of a turn in its dialog, from 1. */
export const TurnNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/**
 * The preferences of a participant: its priority (higher is asked first, 0 by default), and the context keys that it
 * gets.
 */
export const preferences = {
  priority: Schema.optionalKey(Schema.Int),
  allow: Schema.optionalKey(Schema.Array(KeyPattern)),
  deny: Schema.optionalKey(Schema.Array(KeyPattern)),
};

/** A participant with its preferences. */
export const Participant = Schema.Struct({ id: Principal, ...preferences });
export type Participant = typeof Participant.Type;

/** Seconds until a turn goes to the next participant; at most a day. */
const AnswerWithin = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(24 * 60 * 60));

/** The number of turns and offers of the word after which the system pauses the dialog. */
const MaxTurns = Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 1_000_000 }));

/** The number of consecutive answers at which a loop is noticed. At twice as many, the system pauses the dialog. */
const MaxHops = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }));

/** Why the system paused a dialog: its turns answer one another without end, or it has reached its maximum of turns. */
export const PausedFor = Schema.Literals(["loop", "max-turns"]);
export type PausedFor = typeof PausedFor.Type;

/**
 * How context values merge (`newest` by default), how long priority routing waits for an answer (30 s), the maximum of
 * turns (10,000), and the maximum of consecutive answers (25).
 */
const settings = {
  merge: Schema.optionalKey(Merge),
  answerWithinSeconds: Schema.optionalKey(AnswerWithin),
  maxTurns: Schema.optionalKey(MaxTurns),
  maxHops: Schema.optionalKey(MaxHops),
};

const reason = Schema.optionalKey(Schema.String);
const data = Schema.optionalKey(Schema.Json);
const context = Schema.optionalKey(ContextValues);
const provenance = Schema.optionalKey(Provenance);

/** The same within the bounds of a command. */
const given = {
  preferences: {
    ...preferences,
    allow: Schema.optionalKey(List(KeyPattern)),
    deny: Schema.optionalKey(List(KeyPattern)),
  },
  reason: Schema.optionalKey(Text(bounds.text)),
  data: Schema.optionalKey(JsonUpTo(bounds.message)),
  values: Schema.Record(ContextKey, JsonUpTo(bounds.message)).check(maxKeys(bounds.many)),
};
const givenContext = Schema.optionalKey(given.values);

const HandOffNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const handOff = { handOff: HandOffNumber, from: Principal, to: Principal };

/** Only the backend leads its own dialogs, in which deployments are reviewed. */
const leading = ["opener", ["admin", "not-the-systems"]] as const;

export const dialogCommands = {
  open: command(
    Schema.Struct({
      type: DialogType,
      topic: Text(bounds.text),
      participants: List(Schema.Union([Principal, Schema.Struct({ id: Principal, ...given.preferences })])),
      routing: Routing.pipe(Schema.withDecodingDefaultKey(Effect.succeed("broadcast" as const))),
      ...settings,
      task: Schema.optionalKey(AggregateId),
    }),
    "Opens a dialog. The principal that opens it takes part.",
    { by: ["participant"], creates: true },
  ),
  join: command(
    Schema.Struct(given.preferences),
    "Joins the dialog. A participant that joins again changes its preferences.",
    { by: [["participant", "not-the-systems"]] },
  ),
  leave: command(Schema.Struct({}), "Leaves the dialog.", { by: ["member"] }),
  say: command(
    Schema.Struct({
      text: Text(bounds.message),
      to: Schema.optionalKey(Schema.Union([AggregateId, NonEmptyList(AggregateId)])),
      capability: Schema.optionalKey(Capability),
      /** The turn that this one answers. */
      answers: Schema.optionalKey(TurnNumber),
      context: givenContext,
      data: given.data,
      provenance,
    }),
    "Says a turn to the participants in `to`, to those with the `capability`, or to those that the dialog's routing chooses. Operators may speak in the dialog of a deployment without taking part.",
    { by: ["member", ["operator", "the-systems"]] },
  ),
  acknowledge: command(
    Schema.Struct({ turn: TurnNumber }),
    "Acknowledges a turn without an answer, so that it goes to nobody else.",
    { by: ["member"] },
  ),
  "hand-off": command(
    Schema.Struct({ to: Principal, reason: given.reason, context: givenContext }),
    "Offers the word to another participant, with context. Replaces an unanswered offer.",
    { by: ["member"] },
  ),
  "accept-hand-off": command(
    Schema.Struct({ handOff: Schema.optionalKey(HandOffNumber) }),
    "Accepts the offered word.",
    { by: ["member"] },
  ),
  "decline-hand-off": command(
    Schema.Struct({ handOff: Schema.optionalKey(HandOffNumber), reason: given.reason }),
    "Declines the offered word.",
    { by: ["member"] },
  ),
  "set-context": command(
    Schema.Struct({
      scope: ContextScope.pick(["participant", "dialog", "topic", "global"]).pipe(
        Schema.withDecodingDefaultKey(Effect.succeed("dialog" as const)),
      ),
      participant: Schema.optionalKey(Principal),
      values: given.values,
      merge: Schema.optionalKey(Merge),
    }),
    "Sets context values. By default they merge as the dialog is configured; null removes a value. Shared contexts need a role.",
    {
      by: [
        ["member", "within-dialog"],
        ["operator", "member", "of-topic"],
        ["admin", "member"],
      ],
    },
  ),
  pause: command(Schema.Struct({ reason: given.reason }), "Pauses the dialog. Nobody can speak until it is resumed.", {
    by: leading,
  }),
  resume: command(Schema.Struct({}), "Resumes the dialog.", { by: [...leading, ["operator", "paused-by-system"]] }),
  close: command(Schema.Struct({ reason: given.reason }), "Ends the dialog.", { by: [...leading, "one-of-two"] }),
  "pass-on": internalCommand(
    Schema.Struct({
      turn: TurnNumber,
      asked: Schema.Int,
      /** The deadline of this timer; absent in older timers. */
      answerBy: Schema.optionalKey(Instant),
    }),
    "Passes a turn to the next participant if the last of those `asked` was silent; otherwise changes nothing.",
  ),
  release: internalCommand(
    Schema.Struct({ participant: Principal }),
    "Releases a participant that signed off: it gives back the word, and offers from it or to it end.",
  ),
};

export const dialogEvents = {
  "dialog-opened": event(
    Schema.Struct({
      type: DialogType,
      topic: Schema.String,
      participants: Schema.Array(Principal),
      /** The preferences of participants that have any. */
      preferences: Schema.optionalKey(Schema.Array(Participant)),
      routing: Routing,
      ...settings,
      task: Schema.optionalKey(AggregateId),
      openedBy: Principal,
    }),
    "A dialog was opened with these participants.",
  ),
  "participant-joined": event(
    Schema.Struct({ participant: Principal, ...preferences }),
    "A participant joined, or changed its preferences.",
  ),
  "participant-left": event(Schema.Struct({ participant: Principal }), "A participant left."),
  "turn-said": event(
    Schema.Struct({
      turn: TurnNumber,
      speaker: Principal,
      text: Schema.String,
      recipients: Schema.Array(Principal),
      routedBy: RoutedBy,
      reasons: Schema.optionalKey(Schema.Array(Schema.String)),
      capability: Schema.optionalKey(Capability),
      /** The deadline for its recipient's answer. After it, the turn goes to the next participant. */
      answerBy: Schema.optionalKey(Instant),
      /** The turn that it answers, and the length of the chain of answers that led to it. */
      answers: Schema.optionalKey(TurnNumber),
      hops: Schema.optionalKey(Schema.Int),
      context,
      data,
      provenance,
    }),
    "A turn went to its recipients, for these reasons.",
  ),
  "turn-acknowledged": event(
    Schema.Struct({ turn: TurnNumber, participant: Principal }),
    "A recipient acknowledged a turn.",
  ),
  "turn-passed-on": event(
    Schema.Struct({
      turn: TurnNumber,
      from: Principal,
      to: Principal,
      because: Schema.Literals(["silence", "left"]),
      reasons: Schema.Array(Schema.String),
      answerBy: Instant,
    }),
    "A turn went to the next participant.",
  ),
  "turn-unanswered": event(
    Schema.Struct({ turn: TurnNumber, asked: Schema.Array(Principal) }),
    "No asked participant has answered the turn.",
  ),
  "loop-noticed": event(
    Schema.Struct({
      turn: TurnNumber,
      hops: Schema.Int,
      /** The number of consecutive answers at which the dialog is paused. */
      pausesAt: Schema.Int,
    }),
    "Turns may be answering one another without end: `hops` consecutive answers led to this one.",
  ),
  "hand-off-offered": event(Schema.Struct({ ...handOff, reason, context }), "The word was offered to a participant."),
  "hand-off-accepted": event(
    Schema.Struct({
      ...handOff,
      context,
      /** How the context merges into the receiver's own; `newest` if absent. */
      merge: Schema.optionalKey(Merge),
    }),
    "The participant accepted the word.",
  ),
  "hand-off-declined": event(Schema.Struct({ ...handOff, reason }), "The participant declined the word."),
  "hand-off-withdrawn": event(Schema.Struct(handOff), "The offer of the word was withdrawn."),
  "word-returned": event(Schema.Struct({ from: Principal, reason }), "The word was given back, so nobody has it."),
  "context-set": event(
    Schema.Struct({
      scope: ContextScope.pick(["participant", "dialog", "topic", "global"]),
      /** The owner of the context, in the scope `participant`. */
      participant: Schema.optionalKey(Principal),
      /** The dialog's topic, in the scope `topic`. */
      topic: Schema.optionalKey(Schema.String),
      values: ContextValues,
      merge: Merge,
      by: Principal,
    }),
    "Values of the context were set, or removed with null.",
  ),
  "dialog-paused": event(
    Schema.Struct({ by: Principal, reason, pausedFor: Schema.optionalKey(PausedFor) }),
    "The dialog was paused.",
  ),
  "dialog-resumed": event(
    Schema.Struct({
      by: Principal,
      /** The new deadline of asked participants, if turns wait for an answer. */
      answerBy: Schema.optionalKey(Instant),
    }),
    "The dialog was resumed.",
  ),
  "dialog-closed": event(Schema.Struct({ by: Principal, reason }), "The dialog was closed."),
};

/** Looked up for a command if its decision needs it: agents and shared contexts. */
export interface KnownToDialogs {
  /** Registered agents with their capabilities, in the order of their ids. */
  readonly agents: ReadonlyArray<{ readonly id: string; readonly capabilities: ReadonlyArray<string> }>;
  /** The submitter of the dialog's task and its agent; undefined if the task does not exist. */
  readonly taskParties?: ReadonlyArray<string>;
  /** The shared context that the command sets, if it sets one. */
  readonly shared?: ContextEntries;
  /** Whether a deployment has the id of the dialog to open. */
  readonly deployment?: boolean;
}

export type DialogEvent = EventOf<typeof dialogEvents>;
export type DialogContext = DecisionContext<KnownToDialogs | undefined>;
export type DialogDecision = DecisionOf<typeof dialogEvents>;
