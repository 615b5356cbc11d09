import { type DataFate, isAtRisk } from "../../../domain/deployment/data/fate.ts";
import { dataFates } from "../../../domain/deployment/data/mod.ts";
import { diff } from "../../../domain/graph/changes.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { indexOf } from "../../../domain/graph/graph-index.ts";
import { hasErrors, problemsIn } from "../../../domain/graph/problems.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import {
  type HostDifference,
  hostDifferences,
  hostPartsOf,
  type Opening,
} from "../../../domain/nix/host/difference.ts";
import { dataLines } from "../data.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import type { Output, Style } from "../output.ts";
import { nameOf } from "../read-input.ts";
import { diffLines } from "./diff-lines.ts";
import { graphSource, readGraph } from "./source.ts";

const openingText = ({ from, address, to, transport, port }: Opening): string =>
  `${port}/${transport} of ${to} to ${from === undefined ? "everyone" : `${from} at ${address}`}`;

/** What changes on a host, one thing a line; no lines if nothing changes. */
export const differenceLines = (
  { units, firewall, settings }: Pick<HostDifference, "units" | "firewall" | "settings">,
  { style }: Pick<Output, "style">,
): ReadonlyArray<string> => {
  const lines = (color: Style, verb: string, things: ReadonlyArray<string>) =>
    things.map((thing) => `    ${style(color, verb.padEnd(8))} ${thing}`);
  return [
    ...lines("green", "starts", units.started),
    ...lines("yellow", "restarts", units.restarted),
    ...lines("red", "stops", units.stopped),
    ...lines("green", "opens", firewall.opened.map(openingText)),
    ...lines("red", "closes", firewall.closed.map(openingText)),
    ...lines("yellow", "changes", settings),
  ];
};

const signs = { added: "+", removed: "-", changed: "~", unchanged: " " } as const;
const colors = { added: "green", removed: "red", changed: "yellow", unchanged: "dim" } as const;

/** What changes on the hosts of a graph. Unchanged hosts have no line. */
export const differencesLines = (
  hosts: ReadonlyArray<HostDifference>,
  output: Pick<Output, "style">,
): ReadonlyArray<string> =>
  hosts
    .filter(({ change }) => change !== "unchanged")
    .flatMap((difference) => [
      output.style(
        colors[difference.change],
        `${signs[difference.change]} host ${difference.host}${difference.change === "removed" ? ": no longer in the graph, left as it is" : ""}`,
      ),
      ...differenceLines(difference, output),
    ]);

/** What changes on the hosts; undefined if a graph has errors, because its hosts are then unknown. */
const hostsOf = (
  { output }: Invocation,
  graphs: ReadonlyArray<readonly [string, GraphDocument]>,
): ReadonlyArray<HostDifference> | undefined => {
  const faulty = graphs.filter(([, document]) => hasErrors(problemsIn(document))).map(([name]) => nameOf(name));
  if (faulty.length > 0) {
    output.note(`the hosts are not compared: ${faulty.join(" and ")} cannot be deployed; see \`cim graph validate\``);
    return undefined;
  }
  const [before = new Map(), after = new Map()] = graphs.map(([, document]) => hostPartsOf(document));
  return hostDifferences(before, after);
};

/** The inputs that come from elsewhere in the second graph, with null for one that is not pinned. */
const pinsBetween = ({ pins: before = {} }: GraphDocument, { pins: after = {} }: GraphDocument) => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const pinned = names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ input: name, from: before[name] ?? null, to: after[name] ?? null }));
  const text = (reference: string | null): string => reference ?? "not pinned";
  return { pinned, pinLines: pinned.map(({ input, from, to }) => `~ pin ${input}: ${text(from)} -> ${text(to)}`) };
};

/** What becomes of data if every host of the first graph has been deployed, and the second one takes its place. */
const dataBetween = (before: GraphDocument, after: GraphDocument): ReadonlyArray<DataFate> => {
  const index = indexOf(before);
  return dataFates({ before: new Map(index.hosts.map(({ id }) => [id, index])), after: indexOf(after) });
};

/** The options of `cim graph diff`. */
export interface DiffOptions {
  /** Whether the exit code says that the graphs differ. */
  readonly exitCode?: boolean;
}

/**
 * Prints what turns one graph into the other, and what that means for each host. Exits with 0 also if they differ, unless
 * the exit code is asked for.
 */
export const graphDiff =
  (from: string, to: string, { exitCode: byDifference = false }: DiffOptions) =>
  async (cli: Invocation): Promise<number> => {
    const before = await readGraph(cli, await graphSource(from));
    const after = await readGraph(cli, await graphSource(to));
    const changes = diff(before, after);
    const hosts = hostsOf(cli, [
      [from, before],
      [to, after],
    ]);
    const data = hosts === undefined ? undefined : dataBetween(before, after);
    const { pinned, pinLines } = pinsBetween(before, after);
    const pins = pinned.length === 0 ? undefined : pinned;
    if (cli.output.json)
      cli.output.document({ from, to, ...defined({ pins }), changes, hosts: hosts ?? null, data: data ?? null });
    const fates = changes.length === 0 ? [] : dataLines(data?.filter(isAtRisk) ?? [], cli.output);
    const ofGraph = [...pinLines, ...diffLines(before, after, cli.output)];
    const lines = [...ofGraph, ...differencesLines(hosts ?? [], cli.output), ...fates];
    cli.output.result(lines.length === 0 ? "no difference" : lines);
    return byDifference && lines.length > 0 ? exitCode.failed : exitCode.done;
  };
