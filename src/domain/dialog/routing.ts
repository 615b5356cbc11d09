import { Result } from "effect";
import { type Rejection, refuse } from "../kernel/mod.ts";
import { ownValue } from "./context.ts";
import type { KnownToDialogs, Participant, RoutedBy } from "./contract.ts";
import type { Dialog } from "./state.ts";

/** For a context without look-up. */
export const nothingKnown: KnownToDialogs = { agents: [] };

const notNamed = ({ type, topic }: Pick<Dialog, "type" | "topic">, known: KnownToDialogs): ReadonlyArray<string> => {
  switch (type) {
    case "direct":
    case "group":
      return [];
    case "broadcast":
      return known.agents.map(({ id }) => id);
    case "topic":
      return known.agents.filter(({ capabilities }) => capabilities.includes(topic)).map(({ id }) => id);
    case "task":
      return known.taskParties ?? [];
  }
};

/**
 * Returns all current participants: those named or joined, then those that the dialog's type adds, unless they left.
 */
export const audienceOf = (dialog: Dialog, known: KnownToDialogs): ReadonlyArray<Participant> => {
  const named = new Set([...dialog.participants.map(({ id }) => id), ...dialog.left]);
  const brought = new Set(notNamed(dialog, known).filter((id) => !named.has(id)));
  return brought.size === 0 ? dialog.participants : [...dialog.participants, ...[...brought].map((id) => ({ id }))];
};

/**
 * Returns whether a principal may take part, as far as the dialog itself shows. Participants that its type adds need a
 * look-up, and {@link audienceOf} decides about them.
 */
export const mayTakePart = ({ type, participants, left }: Dialog, principal: string): boolean =>
  participants.some(({ id }) => id === principal) ||
  (type !== "direct" && type !== "group" && !left.includes(principal));

/** The recipients of a turn, with the rule that chose them and its reasons. */
export interface Route {
  readonly recipients: ReadonlyArray<string>;
  readonly routedBy: RoutedBy;
  readonly reasons: ReadonlyArray<string>;
}

/** The parts of a turn that decide about its recipients. */
export interface Asked {
  readonly speaker: string;
  readonly to?: string | ReadonlyArray<string>;
  readonly capability?: string;
}

type Routed = Result.Result<Route, Rejection>;

const idsOf = (participants: ReadonlyArray<Participant>): ReadonlyArray<string> => participants.map(({ id }) => id);
const quoted = (ids: ReadonlyArray<string>): string => ids.map((id) => `\`${id}\``).join(", ");

/** Returns the addressed participants, each once, in the order of the address. */
const byAddress = (id: string, others: ReadonlyArray<Participant>, { speaker, to = [] }: Asked): Routed => {
  const recipients = [...new Set(typeof to === "string" ? [to] : to)];
  if (recipients.includes(speaker))
    return refuse("own-recipient", `dialog \`${id}\`: \`${speaker}\` cannot address itself; name other participants`);
  const participants = new Set(idsOf(others));
  const unknown = recipients.filter((recipient) => !participants.has(recipient));
  return unknown.length === 0
    ? Result.succeed({ recipients, routedBy: "addressed", reasons: ["the turn names them"] })
    : refuse(
        "unknown-recipient",
        `dialog \`${id}\`: ${quoted(unknown)} ${unknown.length === 1 ? "does" : "do"} not take part; address participants only`,
        { recipients: unknown },
      );
};

const byCapability = (
  id: string,
  others: ReadonlyArray<Participant>,
  capability: string,
  known: KnownToDialogs,
): Routed => {
  const able = new Set(
    known.agents.filter(({ capabilities }) => capabilities.includes(capability)).map((agent) => agent.id),
  );
  const recipients = idsOf(others).filter((other) => able.has(other));
  return recipients.length === 0
    ? refuse(
        "nobody-can",
        `dialog \`${id}\`: no other participant has the capability \`${capability}\`; invite one who has, or name a recipient`,
        { capability },
      )
    : Result.succeed({
        recipients,
        routedBy: "capability",
        reasons: [`${recipients.length} of ${others.length} other participants have the capability ${capability}`],
      });
};

/**
 * Returns the participant that was asked least recently. Those that were never asked come first, in the order in which
 * they joined.
 */
const byTurns = ({ served }: Dialog, others: ReadonlyArray<Participant>): Route => {
  const lastOf = (id: string): number => ownValue(served, id) ?? 0;
  const recipients = idsOf(others)
    .toSorted((one, other) => lastOf(one) - lastOf(other))
    .slice(0, 1);
  const last = lastOf(recipients[0] ?? "");
  const reason = last === 0 ? "was not asked before" : `was asked least recently, in turn ${last}`;
  return { recipients, routedBy: "round-robin", reasons: [reason] };
};

const priorityOf = ({ priority = 0 }: Participant): number => priority;

/** Returns participants in the order of priority, highest first, then in the order in which they joined. */
export const inOrderOfPriority = (others: ReadonlyArray<Participant>): ReadonlyArray<Participant> =>
  others.toSorted((one, other) => priorityOf(other) - priorityOf(one));

/** Returns why priority chose a participant. */
export const reasonOfPriority = (participant: Participant, among: ReadonlyArray<Participant>): string =>
  `has priority ${priorityOf(participant)}, the highest of ${among.length} who could be asked`;

const byPriority = (others: ReadonlyArray<Participant>): Route => {
  const [first] = inOrderOfPriority(others);
  return first === undefined
    ? { recipients: [], routedBy: "priority", reasons: [] }
    : { recipients: [first.id], routedBy: "priority", reasons: [reasonOfPriority(first, others)] };
};

const byStrategy = (dialog: Dialog, others: ReadonlyArray<Participant>, speaker: string): Route => {
  const asksOne = dialog.routing === "round-robin" || dialog.routing === "priority";
  const hasWord = dialog.speaker;
  if (asksOne && hasWord !== undefined && hasWord !== speaker && others.some(({ id }) => id === hasWord))
    return { recipients: [hasWord], routedBy: "speaker", reasons: ["has the word since a hand-off"] };
  if (dialog.routing === "round-robin") return byTurns(dialog, others);
  if (dialog.routing === "priority") return byPriority(others);
  return { recipients: idsOf(others), routedBy: "broadcast", reasons: ["all other participants"] };
};

/**
 * Returns the recipients of a turn. An address takes precedence over a capability, and a capability over the dialog's
 * strategy. If the strategy is `capability` and the turn names none, it goes to all others. A turn without any
 * recipient is refused.
 */
export const route = (id: string, dialog: Dialog, asked: Asked, known: KnownToDialogs): Routed => {
  const others = audienceOf(dialog, known).filter((participant) => participant.id !== asked.speaker);
  if (asked.to !== undefined) return byAddress(id, others, asked);
  if (others.length === 0)
    return refuse("nobody-to-hear", `dialog \`${id}\`: nobody but \`${asked.speaker}\` takes part; let someone join`);
  return asked.capability === undefined
    ? Result.succeed(byStrategy(dialog, others, asked.speaker))
    : byCapability(id, others, asked.capability, known);
};
