import type { agentCommands } from "../../domain/agent/contract.ts";
import type { proposalCommands } from "../../domain/consensus/contract.ts";
import type { policyCommands } from "../../domain/consensus/policy.ts";
import type { deploymentCommands } from "../../domain/deployment/contract.ts";
import type { dialogCommands } from "../../domain/dialog/contract.ts";
import type { graphCommands } from "../../domain/graph/contract.ts";
import type { hostCommands } from "../../domain/host/contract.ts";
import type { CommandSpecs } from "../../domain/kernel/mod.ts";
import type { knowledgeCommands } from "../../domain/knowledge/contract.ts";
import type { taskCommands } from "../../domain/task/contract.ts";

/** What may be sent with each command that others may give, by its schema. */
type PayloadsOf<C extends CommandSpecs> = {
  readonly [K in keyof C as C[K]["audience"] extends "public" ? K : never]: C[K]["schema"]["Encoded"];
};

/** The payloads of all commands, by aggregate and name. */
export interface Commands {
  readonly agent: PayloadsOf<typeof agentCommands>;
  readonly deployment: PayloadsOf<typeof deploymentCommands>;
  readonly dialog: PayloadsOf<typeof dialogCommands>;
  readonly graph: PayloadsOf<typeof graphCommands>;
  readonly host: PayloadsOf<typeof hostCommands>;
  readonly knowledge: PayloadsOf<typeof knowledgeCommands>;
  readonly policy: PayloadsOf<typeof policyCommands>;
  readonly proposal: PayloadsOf<typeof proposalCommands>;
  readonly task: PayloadsOf<typeof taskCommands>;
}

/** The payload of a command: where aggregate and name are known when it is compiled, what its schema says. */
export type Payload<A extends string, C extends string> = string extends A
  ? object
  : A extends keyof Commands
    ? string extends C
      ? object
      : C extends keyof Commands[A]
        ? Commands[A][C] & object
        : never
    : never;
