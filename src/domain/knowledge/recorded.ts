import type { CommandOf, DecisionContext } from "../kernel/mod.ts";
import type { knowledgeCommands } from "./contract.ts";
import type { KnowledgeRecord } from "./record.ts";
import { nextStamp } from "./stamp.ts";

type Command = CommandOf<typeof knowledgeCommands>;

/** The internal command once it is known what it settles. */
export type Settling = {
  readonly type: "settle";
  readonly payload: Omit<Extract<Command, { type: "settle" }>["payload"], "fact"> & { readonly fact: string };
};

/** The commands that add a record. */
export type Recorded =
  | Extract<Command, { type: "assert-fact" | "retract-fact" | "support-fact" | "dispute-fact" | "state-belief" }>
  | Settling;

const optional = <K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } => {
  const field: { [P in K]?: T } = {};
  if (value !== undefined) field[key] = value;
  return field;
};

/** The record that a command adds: as a replica made it, or stamped now. `last` is the newest stamp of the space. */
export const recordOf = (
  command: Recorded,
  last: string,
  { principal: author, time }: Pick<DecisionContext, "principal" | "time">,
): KnowledgeRecord => {
  const given = command.type === "settle" ? undefined : command.payload.stamp;
  const provenance = { author, stamp: given ?? nextStamp(last, time) };
  switch (command.type) {
    case "assert-fact": {
      const { subject, predicate, object, confidence, source } = command.payload;
      return { kind: "fact", subject, predicate, object, confidence, ...optional("source", source), ...provenance };
    }
    case "retract-fact": {
      const { fact, reason } = command.payload;
      return { kind: "retraction", fact, ...optional("reason", reason), ...provenance };
    }
    case "support-fact":
    case "dispute-fact": {
      const { fact, evidence, note } = command.payload;
      const verdict = command.type === "support-fact" ? "support" : "dispute";
      return { kind: "evidence", fact, verdict, evidence, ...optional("note", note), ...provenance };
    }
    case "state-belief": {
      const { subject, predicate, object, degree, reason } = command.payload;
      return { kind: "belief", subject, predicate, object, degree, ...optional("reason", reason), ...provenance };
    }
    case "settle":
      return { kind: "settlement", ...command.payload, ...provenance };
  }
};
