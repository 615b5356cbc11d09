import { agent } from "../../domain/agent/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { host } from "../../domain/host/decider.ts";
import { task } from "../../domain/task/decider.ts";
import { addAggregate } from "./aggregate-commands.ts";
import { audit } from "./audit.ts";
import { bench } from "./bench.ts";
import { events } from "./events.ts";
import type { CommandGroup } from "./program.ts";
import { vote } from "./vote.ts";

const aggregates: CommandGroup = (program, runner) => {
  for (const aggregate of [agent, task, dialog, proposal, host]) addAggregate(program, aggregate, runner);
};

/** Every group of commands, in the order of the help. */
export const commandGroups: ReadonlyArray<CommandGroup> = [aggregates, vote, audit, events, bench];
