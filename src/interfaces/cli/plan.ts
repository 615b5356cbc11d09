import type { HostChange } from "../../domain/deployment/host-change.ts";
import { hostChanges, nothingDeployed } from "../../domain/deployment/host-changes.ts";
import { deployedNow } from "./deployed-state.ts";
import { CliFailure, exitCode } from "./errors.ts";
import { graphSource } from "./graph-source.ts";
import { differenceLines } from "./host-difference-text.ts";
import type { Invocation } from "./invocation.ts";
import { deployableGraph } from "./load-graph.ts";
import { type Output, printable } from "./output.ts";
import type { CommandGroup } from "./program.ts";
import { withClient } from "./with-client.ts";

/** What runs now, or undefined where there is no installation to ask; a server that was named must answer. */
const compared = async (cli: Invocation) => {
  try {
    return await withClient(cli, (client) => deployedNow(client, cli.signal));
  } catch (error) {
    if (cli.settings.natsGiven || !(error instanceof CliFailure)) throw error;
    cli.output.note(`compared with nothing: ${error.message}`);
    return undefined;
  }
};

const colors = { new: "green", changed: "yellow", unchanged: "dim" } as const;

const hostLines = (change: HostChange, output: Output): ReadonlyArray<string> => {
  const { host, address, nodes, build, was } = change;
  const what = `${output.style(colors[change.change], change.change)}${build ? ", is built" : ""}`;
  const carries = nodes.length === 0 ? "nothing" : nodes.join(", ");
  return [
    `  ${output.style("bold", host)} (${address}): ${what}; carries ${carries}`,
    ...(was === undefined ? [] : [`    runs now ${printable(was)}`]),
    ...differenceLines(change, output),
  ];
};

/** Tells what a deployment of a graph would change. */
export const plan =
  (argument: string) =>
  async (cli: Invocation): Promise<number> => {
    const { output, settings } = cli;
    const document = await deployableGraph(cli, await graphSource(argument));
    const deployed = await compared(cli);
    const { waves, gone } = hostChanges(document, deployed ?? nothingDeployed);
    const comparedWith = deployed === undefined ? null : settings.nats;
    if (output.json) output.document({ graph: document.id, comparedWith, waves, gone });
    const lines = [
      ...waves.flatMap((wave, index) => [`wave ${index + 1}`, ...wave.flatMap((change) => hostLines(change, output))]),
      ...gone.map(({ host, was }) => `${host}: no longer in the graph, left as it is; runs ${printable(was)}`),
    ];
    output.result(lines.join("\n"));
    return exitCode.done;
  };

/** `cim plan`: nothing is touched. */
export const planCommand: CommandGroup = (program, runner) => {
  program
    .command("plan <file>")
    .description("Tells what a deployment would change, per host and unit, in order; touches nothing.")
    .action((file: string, _options, command) => runner.run(command, plan(file)));
};
