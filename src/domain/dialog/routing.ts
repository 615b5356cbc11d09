import { Result } from "effect";
import { type Rejection, refuse } from "../kernel/mod.ts";
import { audienceOf, type KnownToDialogs } from "./audience.ts";
import { ownValue } from "./context.ts";
import type { Participant, RoutedBy } from "./contract.ts";
import type { Dialog } from "./state.ts";

/** Those a turn goes to, by which rule, and why. */
export interface Route {
  readonly recipients: ReadonlyArray<string>;
  readonly routedBy: RoutedBy;
  readonly reasons: ReadonlyArray<string>;
}

/** What of a turn decides where it goes. */
export interface Asked {
  readonly speaker: string;
  readonly to?: string | ReadonlyArray<string>;
  readonly capability?: string;
}

type Routed = Result.Result<Route, Rejection>;

const idsOf = (participants: ReadonlyArray<Participant>): ReadonlyArray<string> => participants.map(({ id }) => id);
const quoted = (ids: ReadonlyArray<string>): string => ids.map((id) => `\`${id}\``).join(", ");

/** Those a turn addresses, each once, in the order they were named. */
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

/** The participant that waited longest: sent to least recently, never first, then in the order of taking part. */
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

/** Whom a turn goes to by priority, and on silence next: the highest first, then in the order of taking part. */
export const inOrderOfPriority = (others: ReadonlyArray<Participant>): ReadonlyArray<Participant> =>
  others.toSorted((one, other) => priorityOf(other) - priorityOf(one));

/** Why a participant was chosen by priority. */
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
 * Where a turn goes. Addressed recipients come before a capability, and that before the dialog's strategy; a turn that
 * asks for no capability goes to all others where the strategy is `capability`. Refuses what nobody would hear.
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
