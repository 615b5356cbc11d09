import { agent } from "../../domain/agent/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { policy } from "../../domain/consensus/policy.ts";
import { deployment } from "../../domain/deployment/decider.ts";
import { host } from "../../domain/host/decider.ts";
import { task } from "../../domain/task/decider.ts";
import { addAggregate } from "./aggregate-commands.ts";
import type { CommandGroup } from "./invocation.ts";
import { addShow } from "./proposals.ts";

/** Aggregates of the backend; graphs and dialogs have more than their commands, in groups of their own. */
export const aggregates: CommandGroup = (program, runner) => {
  for (const aggregate of [agent, task, deployment, host]) addAggregate(program, aggregate, runner);
  addShow(addAggregate(program, proposal, runner), runner);
  addAggregate(program, policy, runner).alias("policy");
};
