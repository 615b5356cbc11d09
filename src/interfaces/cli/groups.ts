import { contexts } from "../../application/contexts.ts";
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
import { whyCommand } from "./why.ts";

/** Each aggregate of the backend; graphs have more than their commands, in a group of their own. */
const aggregates: CommandGroup = (program, runner) => {
  for (const aggregate of contexts) if (aggregate.name !== "graph") addAggregate(program, aggregate, runner);
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
  whyCommand,
  audit,
  events,
  bench,
];
