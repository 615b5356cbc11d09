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
 * Who takes part: `direct` exactly two; `group` those named and those who join; `broadcast` besides them everyone who
 * is registered; `topic` besides them every registered agent with a capability of the topic's name; `task` besides them
 * the submitter of a task and the agent that has it.
 */
export const DialogType = Schema.Literals(["direct", "group", "broadcast", "topic", "task"]);
export type DialogType = typeof DialogType.Type;

/**
 * How a turn that addresses nobody finds its recipients among the other participants: `broadcast` all of them;
 * `round-robin` one after another; `capability` those who have what the turn asks for; `priority` the highest, and
 * on its silence the next.
 */
export const Routing = Schema.Literals(["broadcast", "round-robin", "capability", "priority"]);
export type Routing = typeof Routing.Type;

/** Why a turn went to its recipients: a strategy, because it named them, or because they have the word. */
export const RoutedBy = Schema.Literals([...Routing.literals, "addressed", "speaker"]);
export type RoutedBy = typeof RoutedBy.Type;

/** The number of a turn in its dialog, from 1. */
export const TurnNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** How a participant takes part: the higher priority is asked first (0 by default); what of the context it gets. */
export const preferences = {
  priority: Schema.optionalKey(Schema.Int),
  allow: Schema.optionalKey(Schema.Array(KeyPattern)),
  deny: Schema.optionalKey(Schema.Array(KeyPattern)),
};

/** A participant with preferences of its own. */
export const Participant = Schema.Struct({ id: Principal, ...preferences });
export type Participant = typeof Participant.Type;

/** Seconds until a turn goes to the next participant; a day at most. */
const AnswerWithin = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(24 * 60 * 60));

/** The turns and offers of the word after which the system pauses the dialog. */
const MaxTurns = Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 1_000_000 }));

/** The answers in a row at which a loop is noticed; at twice as many the system pauses the dialog. */
const MaxHops = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }));

/** Why the system paused a dialog: its turns answer one another without end, or it has had all its turns. */
export const PausedFor = Schema.Literals(["loop", "max-turns"]);
export type PausedFor = typeof PausedFor.Type;

/**
 * How values of the context merge (`newest` by default), how long priority waits for an answer (30 s), how many turns
 * there are (10,000), and how many answers in a row (25).
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

/** A dialog of the backend, in which a deployment is reviewed, is led by the backend alone. */
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
    "Begins a dialog; the principal that opens it takes part.",
    { by: ["participant"], creates: true },
  ),
  join: command(
    Schema.Struct(given.preferences),
    "The principal takes part from now on; again, with other preferences, it takes part by those.",
    { by: [["participant", "not-the-systems"]] },
  ),
  leave: command(Schema.Struct({}), "The principal does not take part any more.", { by: ["member"] }),
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
    "A turn, to the participants named in `to`, to those with the `capability`, or as the dialog's routing sends it. Operators may speak in the dialog of a deployment without taking part.",
    { by: ["member", ["operator", "the-systems"]] },
  ),
  acknowledge: command(
    Schema.Struct({ turn: TurnNumber }),
    "The principal has taken a turn and need not answer it: the turn goes to nobody else.",
    { by: ["member"] },
  ),
  "hand-off": command(
    Schema.Struct({ to: Principal, reason: given.reason, context: givenContext }),
    "Offers the word to another participant, with context; replaces an offer that was not answered.",
    { by: ["member"] },
  ),
  "accept-hand-off": command(
    Schema.Struct({ handOff: Schema.optionalKey(HandOffNumber) }),
    "The participant that was offered the word takes it.",
    { by: ["member"] },
  ),
  "decline-hand-off": command(
    Schema.Struct({ handOff: Schema.optionalKey(HandOffNumber), reason: given.reason }),
    "The participant that was offered the word leaves it where it is.",
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
    "Sets values of the context, merged as the dialog does by default; null removes one. What dialogs share is set by roles.",
    {
      by: [
        ["member", "within-dialog"],
        ["operator", "member", "of-topic"],
        ["admin", "member"],
      ],
    },
  ),
  pause: command(Schema.Struct({ reason: given.reason }), "Nobody speaks until the dialog is resumed.", {
    by: leading,
  }),
  resume: command(Schema.Struct({}), "The dialog goes on.", { by: [...leading, ["operator", "paused-by-system"]] }),
  close: command(Schema.Struct({ reason: given.reason }), "Ends the dialog.", { by: [...leading, "one-of-two"] }),
  "pass-on": internalCommand(
    Schema.Struct({
      turn: TurnNumber,
      asked: Schema.Int,
      /** The deadline that this is for; timers of earlier do not say it. */
      answerBy: Schema.optionalKey(Instant),
    }),
    "Sends a turn to the next participant if the last of those `asked` was silent; otherwise changes nothing.",
  ),
  release: internalCommand(
    Schema.Struct({ participant: Principal }),
    "A participant signed off: the word that it has returns, and an offer to it or of it ends.",
  ),
};

export const dialogEvents = {
  "dialog-opened": event(
    Schema.Struct({
      type: DialogType,
      topic: Schema.String,
      participants: Schema.Array(Principal),
      /** Of those who have any. */
      preferences: Schema.optionalKey(Schema.Array(Participant)),
      routing: Routing,
      ...settings,
      task: Schema.optionalKey(AggregateId),
      openedBy: Principal,
    }),
    "A dialog began with these participants.",
  ),
  "participant-joined": event(
    Schema.Struct({ participant: Principal, ...preferences }),
    "Someone takes part from now on, or by other preferences.",
  ),
  "participant-left": event(Schema.Struct({ participant: Principal }), "Someone does not take part any more."),
  "turn-said": event(
    Schema.Struct({
      turn: TurnNumber,
      speaker: Principal,
      text: Schema.String,
      recipients: Schema.Array(Principal),
      routedBy: RoutedBy,
      reasons: Schema.optionalKey(Schema.Array(Schema.String)),
      capability: Schema.optionalKey(Capability),
      /** Until when its recipient must answer, or it goes to the next one. */
      answerBy: Schema.optionalKey(Instant),
      /** The turn that it answers, and how many answers led to it, one answering the other. */
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
    "A turn was taken by someone it went to.",
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
    "None of the participants that were asked has answered the turn.",
  ),
  "loop-noticed": event(
    Schema.Struct({
      turn: TurnNumber,
      hops: Schema.Int,
      /** The answers in a row at which the dialog is paused. */
      pausesAt: Schema.Int,
    }),
    "Turns answer one another, and may do so without end: `hops` answers led to this one, in a row.",
  ),
  "hand-off-offered": event(Schema.Struct({ ...handOff, reason, context }), "The word was offered to a participant."),
  "hand-off-accepted": event(
    Schema.Struct({
      ...handOff,
      context,
      /** How the context merges into the receiver's own; `newest` if it is absent. */
      merge: Schema.optionalKey(Merge),
    }),
    "The participant that was offered the word has it.",
  ),
  "hand-off-declined": event(
    Schema.Struct({ ...handOff, reason }),
    "The participant that was offered the word does not take it.",
  ),
  "hand-off-withdrawn": event(Schema.Struct(handOff), "The word is not offered any more."),
  "word-returned": event(Schema.Struct({ from: Principal, reason }), "Nobody has the word any more."),
  "context-set": event(
    Schema.Struct({
      scope: ContextScope.pick(["participant", "dialog", "topic", "global"]),
      /** Whose context it is, in the scope `participant`. */
      participant: Schema.optionalKey(Principal),
      /** The dialog's, in the scope `topic`. */
      topic: Schema.optionalKey(Schema.String),
      values: ContextValues,
      merge: Merge,
      by: Principal,
    }),
    "Values of the context were set, or with null removed.",
  ),
  "dialog-paused": event(
    Schema.Struct({ by: Principal, reason, pausedFor: Schema.optionalKey(PausedFor) }),
    "Nobody speaks until the dialog is resumed.",
  ),
  "dialog-resumed": event(
    Schema.Struct({
      by: Principal,
      /** The new deadline of those who are asked, if turns wait for an answer. */
      answerBy: Schema.optionalKey(Instant),
    }),
    "The dialog goes on.",
  ),
  "dialog-closed": event(Schema.Struct({ by: Principal, reason }), "The dialog is over."),
};

/** Looked up for a command, if its decision needs it: what the registry and the shared contexts say. */
export interface KnownToDialogs {
  /** Registered agents with what they can do, in the order of their ids. */
  readonly agents: ReadonlyArray<{ readonly id: string; readonly capabilities: ReadonlyArray<string> }>;
  /** The submitter of the dialog's task and the agent that has it; undefined if there is no such task. */
  readonly taskParties?: ReadonlyArray<string>;
  /** The context of the scope that is to be set, if dialogs share it. */
  readonly shared?: ContextEntries;
  /** Whether there is a deployment of the id under which a dialog is to be opened. */
  readonly deployment?: boolean;
}

export type DialogEvent = EventOf<typeof dialogEvents>;
export type DialogContext = DecisionContext<KnownToDialogs | undefined>;
export type DialogDecision = DecisionOf<typeof dialogEvents>;
