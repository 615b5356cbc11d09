import { HashMap, Struct } from "effect";
import type { Undelivered } from "../../../contract/deliveries.ts";
import {
  type ContextValues,
  ownValue,
  propagated,
  type SetValue,
  setBy,
  settersOf,
  valuesOf,
} from "../../../domain/dialog/context.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { sharedContextId } from "../../../domain/dialog/set-context.ts";
import type { AwaitedTurn, Dialog } from "../../../domain/dialog/state.ts";
import { defined, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give, schedule } from "../actions.ts";
import { type DeliveriesState, deliver, found, type OpenDialog, type Said } from "./state.ts";

type DialogEvent = RecordedEvent & RecordedEventOf<typeof dialog.events>;

const answerTimer = (id: string, { turn, asked }: Pick<AwaitedTurn, "turn" | "asked">) =>
  `${id}-turn-${turn}-${asked.length}`;

/**
 * Returns the action that passes a turn on if its recipient stays silent. `timerId` differs if the recipient got a
 * second deadline.
 */
const passOnAt = (id: string, awaited: AwaitedTurn, timerId = answerTimer(id, awaited)): Action => {
  const { turn, asked, answerBy } = awaited;
  return schedule(timerId, answerBy, dialog, id, { type: "pass-on", payload: { turn, asked: asked.length, answerBy } });
};

const describe = (id: string, { type, topic }: Dialog) => ({ id, type, topic });

/**
 * Returns the context that a participant gets with a turn or a hand-off of `by`, and who set each key. The context
 * given with it takes precedence.
 */
const contextFor = (
  { contexts }: DeliveriesState,
  { topic, context, participants, participantContext }: Dialog,
  recipient: string,
  by: string,
  near: ContextValues = {},
) => {
  const filter = participants.find(({ id }) => id === recipient) ?? {};
  const entries = [
    found(contexts, sharedContextId("global", "")) ?? {},
    found(contexts, sharedContextId("topic", topic)) ?? {},
    context,
    ownValue(participantContext, recipient) ?? {},
  ];
  const values = propagated<SetValue>(filter, [...entries, setBy(by, near)]);
  return Object.keys(values).length === 0 ? {} : { context: valuesOf(values), setBy: settersOf(values) };
};

const turnMessage = (
  state: DeliveriesState,
  id: string,
  open: Dialog,
  said: Said,
  recipient: string,
): Undelivered<"turn"> => {
  const turn = Struct.omit(said, ["context", "capability"]);
  const context = contextFor(state, open, recipient, turn.speaker, said.context);
  const about = { kind: "said", dialog: describe(id, open) } as const;
  return { ...about, ...turn, ...context };
};

const ofAwaited = (id: string, { state: { awaited } }: OpenDialog, turn: number): ReadonlyArray<Action> =>
  awaited.filter((one) => one.turn === turn).map((one) => passOnAt(id, one));

const consequences = (state: DeliveriesState, event: DialogEvent, open: OpenDialog): ReadonlyArray<Action> => {
  const { id } = event;
  const about = { dialog: describe(id, open.state) };
  switch (event.type) {
    case "turn-said":
      return [
        ...event.data.recipients.flatMap((recipient) =>
          deliver(state, event, recipient, "turn", turnMessage(state, id, open.state, event.data, recipient)),
        ),
        ...ofAwaited(id, open, event.data.turn),
      ];
    case "turn-passed-on": {
      const { turn, to, reasons, answerBy } = event.data;
      const said = open.awaited.find((one) => one.turn === turn);
      const asked = open.state.awaited.find((one) => one.turn === turn)?.asked;
      if (said === undefined || asked === undefined) return [];
      const again = { ...said, recipients: asked, reasons, answerBy };
      return [
        ...deliver(state, event, to, "turn", turnMessage(state, id, open.state, again, to)),
        ...ofAwaited(id, open, turn),
      ];
    }
    case "hand-off-offered": {
      const { handOff, from, to, reason } = event.data;
      const context = contextFor(state, open.state, to, from, event.data.context);
      const offer = defined({ kind: "hand-off", ...about, handOff, from, reason });
      return deliver(state, event, to, "turn", { ...offer, ...context });
    }
    case "hand-off-accepted": {
      const { handOff, from, to } = event.data;
      return deliver(state, event, from, "turn", { kind: "hand-off-accepted", ...about, handOff, to });
    }
    case "hand-off-declined": {
      const { handOff, from, to, reason } = event.data;
      const declined = defined({ kind: "hand-off-declined", ...about, handOff, to, reason });
      return deliver(state, event, from, "turn", declined);
    }
    case "turn-unanswered": {
      const { turn, asked } = event.data;
      const [speaker] = open.over.filter((one) => one.turn === turn).map((one) => one.speaker);
      return speaker === undefined
        ? []
        : deliver(state, event, speaker, "turn", { kind: "unanswered", ...about, turn, asked });
    }
    case "dialog-resumed":
      // The former deadline has passed, or no longer applies.
      return open.state.awaited.map((one) => passOnAt(id, one, `${answerTimer(id, one)}-${event.version}`));
    default:
      return [];
  }
};

/**
 * Returns the actions after an agent signed off: it gives back the word and its offers in each dialog. Otherwise these
 * dialogs would wait for it forever.
 */
export const ofDeparture = ({ dialogs }: DeliveriesState, participant: string): ReadonlyArray<Action> =>
  [...HashMap.entries(dialogs)]
    .filter(([, { state }]) => state.status !== "closed" && holdsUp(state, participant))
    .map(([id]) => give(dialog, id, { type: "release", payload: { participant } }));

/** Returns whether a participant has the word, or is a party of an offer of it. */
const holdsUp = ({ speaker, handOff }: Dialog, participant: string): boolean =>
  [speaker, handOff?.from, handOff?.to].includes(participant);

/**
 * Returns the deliveries of a dialog's turns and hand-offs, with the context, and the timers of turns that wait for an
 * answer.
 */
export const ofDialog = (state: DeliveriesState, event: DialogEvent): ReadonlyArray<Action> => {
  const open = found(state.dialogs, event.id);
  if (open === undefined) return [];
  const over = open.over.map((one) => cancelTimer(answerTimer(event.id, one)));
  return [...consequences(state, event, open), ...over];
};
