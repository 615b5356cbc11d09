import { CommandRefused } from "../../agents/kit/errors.ts";
import type { Client } from "../../agents/kit/mod.ts";
import type { HostChange } from "../../domain/deployment/host-change.ts";
import {
  type Deployed,
  hostChanges,
  type KnownHost,
  nameOfOrigin,
  nothingDeployed,
  type Origin,
  type OriginalGraph,
  originsOf,
  type PastDeployment,
} from "../../domain/deployment/host-changes.ts";
import { hasErrors, problemsIn } from "../../domain/graph/problems.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { everyItem, type Item } from "./documents.ts";
import { CliFailure, exitCode, MisfitAnswer } from "./errors.ts";
import { noteExceptions } from "./freezes.ts";
import { differenceLines } from "./graph/diff.ts";
import { allowSecretLike, type SecretOptions } from "./graph/secret-options.ts";
import { deployableGraph, graphSourceOrId, type SourceGraph, storedDocument } from "./graph/source.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import type { Output } from "./output.ts";

/** The parts of a host that plans compare; undefined if the list has left one of them out. */
const knownHost = (item: Item<"hosts">): KnownHost | undefined => {
  const { id, closure, deployment, drift, address, ssh, target, desired } = item;
  return drift === undefined ? undefined : defined({ id, closure, deployment, drift, address, ssh, target, desired });
};

/** The parts of a deployment that plans compare; undefined if the list has left one of them out. */
const pastDeployment = (item: Item<"deployments">): PastDeployment | undefined => {
  const { id, graph, graphVersion, flakeDigest, hosts } = item;
  if (graph === undefined || graphVersion === undefined || flakeDigest === undefined || hosts === undefined)
    return undefined;
  return { id, graph, graphVersion, flakeDigest, hosts };
};

const every = async <T, R>(items: AsyncIterable<T>, part: (item: T) => R | undefined): Promise<ReadonlyArray<R>> => {
  const found: Array<R> = [];
  for await (const item of items) {
    const known = part(item);
    if (known !== undefined) found.push(known);
  }
  return found;
};

/** The graph that a host was built from; undefined if this version of the command line cannot read it. */
const originalGraph = async (
  client: Client,
  { graph: id, version }: Origin,
  signal: AbortSignal,
): Promise<OriginalGraph | undefined> => {
  try {
    const document = await storedDocument(client, { id, version }, signal);
    if (hasErrors(problemsIn(document))) return undefined;
    // The installation knows where the inputs of its flakes come from, and they count in the digest.
    const { data } = await client.query("graphs", "flake", { id, version, files: false }, { signal });
    return { document, flakeDigest: data.digest };
  } catch (error) {
    // Logs of earlier versions have deployments of versions that nobody can name any more.
    const unnamed = error instanceof CommandRefused && error.reason === "version-inside-commit";
    if (unnamed || error instanceof MisfitAnswer) return undefined;
    throw error;
  }
};

/** What runs on every host, as far as the installation knows, and the graphs that it was built from. */
const deployedNow = async (client: Client, signal: AbortSignal): Promise<Deployed> => {
  const hosts = await every(everyItem(client, "hosts", signal), knownHost);
  const deployments = await every(everyItem(client, "deployments", signal), pastDeployment);
  const origins = originsOf(hosts, deployments);
  const graphs = new Map<string, OriginalGraph>();
  for (const [name, origin] of new Map([...origins.values()].map((origin) => [nameOfOrigin(origin), origin]))) {
    const graph = await originalGraph(client, origin, signal);
    if (graph !== undefined) graphs.set(name, graph);
  }
  return { hosts, origins, graphs };
};

/** What runs now. Undefined if no server answers, unless the user has named one: that one must answer. */
const compared = async (cli: Invocation) => {
  try {
    return await withClient(cli, async (client) => {
      await noteExceptions(cli, client);
      return deployedNow(client, cli.signal);
    });
  } catch (error) {
    if (cli.settings.natsGiven || !(error instanceof CliFailure)) throw error;
    cli.output.note(`compared with nothing: ${error.message}`);
    return undefined;
  }
};

const colors = { new: "green", changed: "yellow", unchanged: "dim" } as const;

/** Says whose a host is, and what would make it this graph's. */
const ownerLine = (host: string, { graph, as }: NonNullable<HostChange["owner"]>, output: Output): string =>
  `    ${output.style("red", "owner   ")} belongs to ${graph}${as === undefined ? "" : ` as ${as}`}; taken over only by \`cim deploy --take-over ${host}\``;

const hostLines = (change: HostChange, output: Output): ReadonlyArray<string> => {
  const { host, address, nodes, build, was, owner } = change;
  const what = `${output.style(colors[change.change], change.change)}${build ? ", is built" : ""}`;
  const carries = nodes.length === 0 ? "nothing" : nodes.join(", ");
  return [
    `  ${output.style("bold", host)} (${address}): ${what}; carries ${carries}`,
    ...(was === undefined ? [] : [`    runs now ${was}`]),
    ...(owner === undefined ? [] : [ownerLine(host, owner, output)]),
    ...differenceLines(change, output),
    ...change.dataAtRisk.map(({ node, text }) => `    ${output.style("red", "data    ")} ${node}: ${text}`),
  ];
};

interface PlanOptions extends SecretOptions {
  readonly reviews?: boolean;
}

/** What the reference reviewers will say; undefined if nobody asks for it. */
const reviewsFor = async ({ document, secretLike }: SourceGraph, output: Output) => {
  const { expectedReviews, reviewLines } = await import("./reviews.ts");
  const reviews = expectedReviews(document, secretLike);
  return { reviews, lines: ["reviews, by the rules of the reference reviewers", ...reviewLines(reviews, output)] };
};

/** Prints what a deployment of a graph would change. */
export const planOf =
  (argument: string, { allowSecretLike: allowed = [], reviews: wanted = false }: PlanOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { output, settings } = cli;
    const graph = await deployableGraph(cli, await graphSourceOrId(argument), allowed);
    const { document } = graph;
    const expected = wanted ? await reviewsFor(graph, output) : undefined;
    const deployed = await compared(cli);
    const { waves, gone } = hostChanges(document, deployed ?? nothingDeployed);
    const comparedWith = deployed === undefined ? null : settings.nats;
    if (output.json)
      output.document({ graph: document.id, comparedWith, waves, gone, ...defined({ reviews: expected?.reviews }) });
    const lines = [
      ...waves.flatMap((wave, index) => [`wave ${index + 1}`, ...wave.flatMap((change) => hostLines(change, output))]),
      ...gone.map(({ host, was }) => `${host}: no longer in the graph, left as it is; runs ${was}`),
      ...(expected?.lines ?? []),
    ];
    output.result(lines);
    return exitCode.done;
  };

/** `cim plan`: what a deployment would change. Nothing is touched. */
export const plan: CommandGroup = (program, runner) => {
  program
    .command("plan <graph>")
    .description(
      "Prints what a deployment of a file, or of a stored graph (ID or ID@VERSION), would change, per host and unit, in order; touches nothing.",
    )
    .option("--reviews", "also what the reference reviewers will ask for")
    .addOption(allowSecretLike())
    .action((argument: string, options: PlanOptions, command) => runner.run(command, planOf(argument, options)));
};
