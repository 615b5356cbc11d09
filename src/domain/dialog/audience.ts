import type { ContextEntries } from "./context.ts";
import type { Participant } from "./contract.ts";
import type { Dialog } from "./state.ts";

/** What the registry and the shared contexts say, where a decision needs to know it. */
export interface KnownToDialogs {
  /** Registered agents with what they can do, in the order of their ids. */
  readonly agents: ReadonlyArray<{ readonly id: string; readonly capabilities: ReadonlyArray<string> }>;
  /** The submitter of the dialog's task and the agent that has it; undefined where there is no such task. */
  readonly taskParties?: ReadonlyArray<string>;
  /** The context of the scope that is to be set, where dialogs share it. */
  readonly shared?: ContextEntries;
}

/** Nothing was looked up, or nothing is needed. */
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

/** Everyone who takes part now: those named or joined, then those whom the dialog's type brings, unless they left. */
export const audienceOf = (dialog: Dialog, known: KnownToDialogs): ReadonlyArray<Participant> => {
  const named = new Set([...dialog.participants.map(({ id }) => id), ...dialog.left]);
  const brought = new Set(notNamed(dialog, known).filter((id) => !named.has(id)));
  return brought.size === 0 ? dialog.participants : [...dialog.participants, ...[...brought].map((id) => ({ id }))];
};
