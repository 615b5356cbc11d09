import { agentCommands } from "../domain/agent/contract.ts";
import { capabilityCommands } from "../domain/capability/contract.ts";
import { proposalCommands } from "../domain/consensus/contract.ts";
import { policyCommands } from "../domain/consensus/policy.ts";
import { deploymentCommands } from "../domain/deployment/contract.ts";
import { dialogCommands } from "../domain/dialog/contract.ts";
import { freezeCommands } from "../domain/freeze/contract.ts";
import { graphCommands } from "../domain/graph/contract.ts";
import { hostCommands } from "../domain/host/contract.ts";
import type { CommandSpecs } from "../domain/kernel/mod.ts";
import { knowledgeCommands } from "../domain/knowledge/contract.ts";
import { parkedStepCommands } from "../domain/parked-step/contract.ts";
import { principalCommands } from "../domain/principal/contract.ts";
import { taskCommands } from "../domain/task/contract.ts";

/** The commands of every aggregate, by its name. */
export const commands = {
  agent: agentCommands,
  capability: capabilityCommands,
  deployment: deploymentCommands,
  dialog: dialogCommands,
  freeze: freezeCommands,
  graph: graphCommands,
  host: hostCommands,
  knowledge: knowledgeCommands,
  "parked-step": parkedStepCommands,
  policy: policyCommands,
  principal: principalCommands,
  proposal: proposalCommands,
  task: taskCommands,
} as const satisfies Record<string, CommandSpecs>;

/** The name of an aggregate: a token of the subjects of its commands and events. */
export type AggregateName = keyof typeof commands;

/** The payload of each command of the audience `public`, in the encoded form that a client sends. */
type PayloadsOf<C extends CommandSpecs> = {
  readonly [K in keyof C as C[K]["audience"] extends "public" ? K : never]: C[K]["schema"]["Encoded"];
};

/** The payloads of all public commands, by aggregate and name. */
export type Commands = { readonly [A in AggregateName]: PayloadsOf<(typeof commands)[A]> };

/**
 * The payload of a command. If the aggregate and the name are known at compile time, this is the type that the
 * command's schema has. Otherwise it is any object.
 */
export type CommandPayload<A extends string, C extends string> = string extends A
  ? object
  : A extends keyof Commands
    ? string extends C
      ? object
      : C extends keyof Commands[A]
        ? Commands[A][C] & object
        : never
    : never;
