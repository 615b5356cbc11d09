import { agent } from "../../domain/agent/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { deployment } from "../../domain/deployment/decider.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { host } from "../../domain/host/decider.ts";
import { task } from "../../domain/task/decider.ts";
import { addAggregate } from "./aggregate-commands.ts";
import { audit } from "./audit.ts";
import { bench } from "./bench.ts";
import { demoCommand } from "./demo.ts";
import { deployCommand } from "./deploy.ts";
import { events } from "./events.ts";
import { graph } from "./graph.ts";
import { planCommand } from "./plan.ts";
import type { CommandGroup } from "./program.ts";
import { upCommand } from "./up.ts";
import { vote } from "./vote.ts";

const aggregates: CommandGroup = (program, runner) => {
  for (const aggregate of [agent, task, dialog, proposal, deployment, host]) addAggregate(program, aggregate, runner);
};

/** Every group of commands, in the order of the help. */
export const commandGroups: ReadonlyArray<CommandGroup> = [
  upCommand,
  demoCommand,
  deployCommand,
  graph,
  planCommand,
  aggregates,
  vote,
  audit,
  events,
  bench,
];
