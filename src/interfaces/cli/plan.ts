import type { Client } from "../../agents/kit/mod.ts";
import { type HostNow, hostChanges } from "../../domain/deployment/host-changes.ts";
import { hostFile } from "../../domain/nix/mod.ts";
import { withClient } from "./connection.ts";
import { fieldOf } from "./document-text.ts";
import { CliFailure, exitCode } from "./errors.ts";
import { graphSource } from "./graph-source.ts";
import type { Invocation } from "./invocation.ts";
import { deployableGraph, flakeOf } from "./load-graph.ts";
import { printable } from "./output.ts";
import { runningHosts } from "./paging.ts";
import type { CommandGroup } from "./program.ts";
import { table } from "./table.ts";

/** What the graph's hosts run: of each the closure, and its module in the flake of the deployment that put it there. */
const runningOn = async (client: Client, hosts: ReadonlyArray<string>, signal: AbortSignal) => {
  const known = await runningHosts(client, signal);
  const now = new Map<string, HostNow>();
  for (const host of hosts) {
    const running = known.get(host);
    if (running === undefined) continue;
    const { closure, deployment } = running;
    const module = await deployedModule(client, deployment, host);
    now.set(host, { closure, deployed: deployment !== "", ...(module === undefined ? {} : { module }) });
  }
  return now;
};

const deployedModule = async (client: Client, deployment: string, host: string): Promise<string | undefined> => {
  if (deployment === "") return undefined;
  const { data } = await client.query("deployments", "get", { id: deployment });
  const [id, version] = [fieldOf(data, "graph"), fieldOf(data, "graphVersion")];
  if (typeof id !== "string" || typeof version !== "number") return undefined;
  const flake = await client.query("graphs", "flake", { id, version });
  const module = fieldOf(flake.data, "files", hostFile(host));
  return typeof module === "string" ? module : undefined;
};

/** What runs now, or undefined where there is no installation to ask; a server that was named must answer. */
const compared = async (cli: Invocation, hosts: ReadonlyArray<string>) => {
  try {
    return await withClient(cli, (client) => runningOn(client, hosts, cli.signal));
  } catch (error) {
    if (cli.settings.natsGiven || !(error instanceof CliFailure)) throw error;
    cli.output.note(`compared with nothing: ${error.message}`);
    return undefined;
  }
};

const plan =
  (file: string) =>
  async (cli: Invocation): Promise<number> => {
    const source = await graphSource(file);
    const document = await deployableGraph(cli, source);
    const flake = flakeOf(document);
    const hosts = document.nodes.filter(({ type }) => type === "host").map(({ id }) => id);
    const running = await compared(cli, hosts);
    const waves = hostChanges(document, flake, running ?? new Map());
    if (cli.output.json)
      cli.output.document({
        graph: document.id,
        comparedWith: running === undefined ? null : cli.settings.nats,
        waves,
      });
    const rows = waves.flatMap((wave, index) =>
      wave.map(({ host, address, change, nodes, was }) => [
        String(index + 1),
        host,
        address,
        change,
        nodes.join(", "),
        printable(was ?? ""),
      ]),
    );
    cli.output.result(table(["WAVE", "HOST", "ADDRESS", "CHANGE", "NODES", "RUNS NOW"], rows));
    return exitCode.done;
  };

/** `cim plan`: nothing is touched. */
export const planCommand: CommandGroup = (program, runner) => {
  program
    .command("plan <file>")
    .description("Tells what a deployment would change, per host, in order; touches nothing.")
    .action((file: string, _options, command) => runner.run(command, plan(file)));
};
