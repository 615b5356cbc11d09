import type { DataFate } from "../../domain/deployment/data/fate.ts";
import type { HostChange } from "../../domain/deployment/host-change.ts";
import { hostChanges, nothingDeployed } from "../../domain/deployment/host-changes.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { defined } from "../../domain/kernel/mod.ts";
import type { Pins } from "../../domain/nix/mod.ts";
import { withClient } from "./connection.ts";
import { dataLines } from "./data.ts";
import { CliFailure, exitCode } from "./errors.ts";
import { noteExceptions } from "./freezes.ts";
import { differenceLines } from "./graph/diff.ts";
import { allowSecretLike, type SecretOptions } from "./graph/secret-options.ts";
import { deployableGraph, graphSourceOrId, type SourceGraph } from "./graph/source.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import type { Output } from "./output.ts";
import { countText, shortHash } from "./text.ts";

/** What would change. Undefined if no server answers, unless the user has named one: that one must answer. */
const compared = async (cli: Invocation, document: GraphDocument) => {
  try {
    return await withClient(cli, async (client) => {
      await noteExceptions(cli, client);
      return (await client.query("deployments", "compare", { document }, { signal: cli.signal })).data;
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
    ...(was === undefined ? [] : [`    runs now ${shortHash(was)}`]),
    ...(change.rebootNeeded === undefined ? [] : [`    needs a reboot already: ${change.rebootNeeded.join(", ")}`]),
    ...(owner === undefined ? [] : [ownerLine(host, owner, output)]),
    ...differenceLines(change, output),
  ];
};

/** The hosts of a plan in a sum: `2 hosts: 1 changed, 1 unchanged`. */
const totalText = (hosts: ReadonlyArray<HostChange>): string => {
  const kinds = Map.groupBy(hosts, ({ change }) => change);
  return `${countText(hosts.length, "host")}: ${[...kinds].map(([change, { length }]) => `${length} ${change}`).join(", ")}`;
};

interface PlanOptions extends SecretOptions {
  readonly reviews?: boolean;
  readonly packages?: boolean;
  /** Whether the exit code says that something would change. */
  readonly exitCode?: boolean;
}

/** What the reference reviewers will say; undefined if nobody asks for it. */
const reviewsFor = async ({ document, secretLike }: SourceGraph, data: ReadonlyArray<DataFate>, output: Output) => {
  const { expectedReviews, reviewLines } = await import("./reviews.ts");
  const reviews = expectedReviews(document, secretLike, data);
  return { reviews, lines: ["reviews, by the rules of the reference reviewers", ...reviewLines(reviews, output)] };
};

/** What nix makes of the hosts that change, by host, and how it is printed; nothing if nobody asks for it. */
const builtFor = async (
  cli: Invocation,
  graph: SourceGraph,
  { waves, pins }: { readonly waves: ReadonlyArray<ReadonlyArray<HostChange>>; readonly pins: Pins },
) => {
  const { builtHosts, builtLines } = await import("./plan-packages.ts");
  const built = await builtHosts(cli, graph, waves.flat(), pins);
  const lines = new Map(built.map((one) => [one.host, builtLines(one, cli.output)]));
  return { built, linesOf: (host: string) => lines.get(host) ?? [] };
};

/** Prints what a deployment of a graph would change. */
export const planOf =
  (
    argument: string,
    { allowSecretLike: allowed = [], reviews: wanted = false, packages = false, exitCode: byDifference }: PlanOptions,
  ) =>
  async (cli: Invocation): Promise<number> => {
    const { output, settings } = cli;
    const graph = await deployableGraph(cli, await graphSourceOrId(argument), allowed);
    const { document } = graph;
    const known = await compared(cli, document);
    const { waves, gone, data } = known ?? hostChanges(document, nothingDeployed);
    const pins = known?.pins ?? document.pins ?? {};
    const { built, linesOf } = packages ? await builtFor(cli, graph, { waves, pins }) : { linesOf: () => [] };
    const expected = wanted ? await reviewsFor(graph, data, output) : undefined;
    const comparedWith = known === undefined ? null : settings.nats;
    if (output.json)
      output.document({
        graph: document.id,
        comparedWith,
        waves,
        gone,
        data,
        ...defined({ built, reviews: expected?.reviews }),
      });
    const lines = [
      ...waves.flatMap((wave, index) => [
        `wave ${index + 1}`,
        ...wave.flatMap((change) => [...hostLines(change, output), ...linesOf(change.host)]),
      ]),
      ...gone.map(({ host, was }) => `${host}: no longer in the graph, left as it is; runs ${shortHash(was)}`),
      ...dataLines(data, output),
      ...(expected?.lines ?? []),
    ];
    output.result([...lines, totalText(waves.flat())]);
    const same = waves.flat().every(({ change }) => change === "unchanged") && gone.length === 0;
    return byDifference && !same ? exitCode.failed : exitCode.done;
  };

/** `cim plan`: what a deployment would change. Nothing is touched. */
export const plan: CommandGroup = (program, runner) => {
  program
    .command("plan <graph>")
    .description(
      "Prints what a deployment of a file, or of a stored graph (ID or ID@VERSION), would change, per host and unit, in order; touches nothing.",
    )
    .option("--packages", "also build the systems of hosts that change, with nix on this machine: sizes, packages")
    .option("--exit-code", "end with 1 if something would change")
    .option("--reviews", "also what the reference reviewers will ask for")
    .addOption(allowSecretLike())
    .action((argument: string, options: PlanOptions, command) => runner.run(command, planOf(argument, options)));
};
