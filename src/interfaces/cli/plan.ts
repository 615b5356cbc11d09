import { Option, Result, Schema } from "effect";
import type { Client, Json } from "../../agents/kit/mod.ts";
import type { HostChange } from "../../domain/deployment/host-change.ts";
import {
  type Deployed,
  hostChanges,
  KnownHost,
  nameOfOrigin,
  nothingDeployed,
  type Origin,
  type OriginalGraph,
  originsOf,
  PastDeployment,
} from "../../domain/deployment/host-changes.ts";
import { decodeGraphDocument, hasErrors, problemsIn } from "../../domain/graph/problems.ts";
import { withClient } from "./connection.ts";
import { everyDocument } from "./documents.ts";
import { CliFailure, exitCode } from "./errors.ts";
import { differenceLines } from "./graph/diff.ts";
import { deployableGraph, graphSource, storedDocument } from "./graph/source.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { type Output, printable } from "./output.ts";
import { fieldOf } from "./text.ts";

const decodeHost = Schema.decodeUnknownOption(KnownHost);
const decodeDeployment = Schema.decodeUnknownOption(PastDeployment);

const every = async <T>(
  documents: AsyncIterable<Json>,
  decode: (document: Json) => Option.Option<T>,
): Promise<ReadonlyArray<T>> => {
  const found: Array<T> = [];
  for await (const document of documents) found.push(...Option.toArray(decode(document)));
  return found;
};

/** The graph that a host was built from; undefined where it is no valid one for this version of the command line. */
const originalGraph = async (
  client: Client,
  { graph: id, version }: Origin,
  signal: AbortSignal,
): Promise<OriginalGraph | undefined> => {
  const document = Result.getOrUndefined(decodeGraphDocument(await storedDocument(client, { id, version }, signal)));
  if (document === undefined || hasErrors(problemsIn(document))) return undefined;
  // The installation knows where the inputs of its flakes come from, which counts in the digest.
  const { data } = await client.query("graphs", "flake", { id, version, files: false }, { signal });
  return { document, flakeDigest: String(fieldOf(data, "digest")) };
};

/** What runs on every host, as far as the installation knows, and the graphs that it was built from. */
export const deployedNow = async (client: Client, signal: AbortSignal): Promise<Deployed> => {
  const hosts = await every(everyDocument(client, "hosts", signal), decodeHost);
  const deployments = await every(everyDocument(client, "deployments", signal), decodeDeployment);
  const origins = originsOf(hosts, deployments);
  const graphs = new Map<string, OriginalGraph>();
  for (const [name, origin] of new Map([...origins.values()].map((origin) => [nameOfOrigin(origin), origin]))) {
    const graph = await originalGraph(client, origin, signal);
    if (graph !== undefined) graphs.set(name, graph);
  }
  return { hosts, origins, graphs };
};

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
export const planOf =
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
export const plan: CommandGroup = (program, runner) => {
  program
    .command("plan <file>")
    .description("Tells what a deployment would change, per host and unit, in order; touches nothing.")
    .action((file: string, _options, command) => runner.run(command, planOf(file)));
};
