import { Option } from "commander";
import type { Client } from "../../agents/kit/mod.ts";
import { UnderWay } from "../../domain/freeze/contract.ts";
import { freeze as freezeDecider } from "../../domain/freeze/decider.ts";
import { freezeIdOf, scopeText } from "../../domain/freeze/scope.ts";
import { aggregateGroup, reportAccepted } from "./aggregate-commands.ts";
import { noteOpenReviews } from "./break-glass.ts";
import { withClient } from "./connection.ts";
import { everyItem } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { columns } from "./listing.ts";

interface Where {
  readonly graph?: string;
  readonly host?: string;
}

const idOf = ({ graph, host }: Where): string => {
  if (graph !== undefined && host !== undefined) throw usageFailure("give --graph or --host, not both");
  if (graph !== undefined) return freezeIdOf({ is: "graph", name: graph });
  return host === undefined ? freezeIdOf({ is: "everything" }) : freezeIdOf({ is: "host", name: host });
};

/** Says on standard error what is frozen, by whom and why, and which broken glass waits for its review. */
export const noteExceptions = async (cli: Invocation, client: Client): Promise<void> => {
  for await (const { id, frozen, by, since, reason } of everyItem(client, "freezes", cli.signal))
    if (frozen === true) cli.output.note(`${scopeText(id)} is frozen by ${by} since ${since}: ${reason}`);
  await noteOpenReviews(cli, client);
};

/** `cim freeze`: nothing begins to activate. */
export const freeze: CommandGroup = (program, runner) => {
  program
    .command("freeze")
    .description("Freezes everything, or one graph or host: nothing begins to activate there.")
    .option("--graph <id>", "the hosts of this graph only")
    .option("--host <id>", "this host only")
    .requiredOption("--reason <text>", "why")
    .addOption(
      new Option("--under-way <how>", "what is under way ends its host and waits, or goes back")
        .choices(UnderWay.literals)
        .default("finish-host"),
    )
    .action((options: Where & { reason: string; underWay: UnderWay }, command) =>
      runner.run(command, (cli) =>
        withClient(cli, async (client) => {
          const { reason, underWay } = options;
          const payload = { reason, underWay };
          reportAccepted(cli, await client.command("freeze", idOf(options), "freeze", payload, { signal: cli.signal }));
          return exitCode.done;
        }),
      ),
    );
};

/** `cim unfreeze`: lifts one's own freeze, or puts its end to the vote. */
export const unfreeze: CommandGroup = (program, runner) => {
  program
    .command("unfreeze")
    .description("Lifts your own freeze, or puts it to the vote, as the policy for `unfreeze` says.")
    .option("--graph <id>", "the freeze of this graph")
    .option("--host <id>", "the freeze of this host")
    .requiredOption("--reason <text>", "why")
    .action((options: Where & { reason: string }, command) =>
      runner.run(command, (cli) =>
        withClient(cli, async (client) => {
          const id = idOf(options);
          const { reason } = options;
          const accepted = await client.command("freeze", id, "unfreeze", { reason }, { signal: cli.signal });
          reportAccepted(cli, accepted);
          const { position: minPosition } = accepted;
          const { data } = await client.query("freezes", "get", { id }, { minPosition, signal: cli.signal });
          if (data.frozen && data.proposal !== undefined)
            cli.output.note(`vote with: cim vote ${data.proposal} approve`);
          return exitCode.done;
        }),
      ),
    );
};

/** `cim freezes`. */
export const freezes = aggregateGroup(
  freezeDecider,
  "freezes",
  columns<"freezes">("id", "frozen", "since", "by", "underWay", "reason", "proposal"),
);
