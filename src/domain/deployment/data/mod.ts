import type { GraphIndex } from "../../graph/graph-index.ts";
import type { HostNode, Node } from "../../graph/node.ts";
import { machineOf } from "../../graph/node-types/host.ts";
import { defined } from "../../kernel/mod.ts";
import { type DataPlace, isSamePlace } from "../../nix/mod.ts";
import type { DataFate, Fate } from "./fate.ts";
import { type At, type Part, partsInPlace, placeOf, placeText } from "./in-place.ts";

/*
 * A deployment never copies data from one place to another. So a node's data stay where they are unless something
 * deletes them. The question is what the next system finds. The answer compares, for each node and host, the place of
 * the data before and after: the folder, and the disk behind it.
 */

/** The fates, worst first. The worst fate of a node's parts is the node's. */
const worstFirst: ReadonlyArray<Fate> = ["destroyed", "empty", "left-behind", "stays"];

const together = (host: string, node: string, parts: ReadonlyArray<Part>): DataFate => {
  const fate = worstFirst.find((one) => parts.some((part) => part.fate === one)) ?? "stays";
  const text = parts.map((part) => part.text).join("; ");
  return defined({ host, node, fate, text: text === "" ? undefined : text });
};

const sortOf = (node: Node): string =>
  "engine" in node ? `${node.type} ${node.engine}` : "kind" in node ? `${node.type} ${node.kind}` : node.type;

/**
 * Returns the nodes on a host that are new in the graph and of the same sort. One of them may be the node under a new
 * name.
 */
const heirsOf = (node: Node, from: At, to: At): ReadonlyArray<Node> =>
  (to.graph.residents.get(to.host.id) ?? []).filter(
    (one) => !from.graph.nodes.has(one.id) && sortOf(one) === sortOf(node),
  );

/** Returns the fates of the data of a node that was removed from the graph. */
const partsOfRemoved = (node: Node, was: DataPlace, from: At, to: At | undefined): ReadonlyArray<Part> => {
  const heirs = to === undefined ? [] : heirsOf(node, from, to);
  const inherits = (one: Node): boolean => {
    const is = to && placeOf(one, to);
    return is !== undefined && isSamePlace(was, is);
  };
  if (to === undefined)
    return [
      {
        fate: "left-behind",
        text: `the host is no longer in the graph: it goes on as it is, with the data in ${placeText(was)}, and nothing watches it`,
      },
    ];
  const successor = heirs.find(inherits);
  if (successor !== undefined)
    return [{ fate: "stays", text: `\`${successor.id}\` takes its place, and finds its data in ${placeText(was)}` }];
  const [heir] = node.type === "storage" ? [] : heirs;
  return heir === undefined
    ? [
        {
          fate: "left-behind",
          text: `it is no longer in the graph: its data stay in ${placeText(was)}, and nothing serves or saves them`,
        },
      ]
    : [
        {
          fate: "empty",
          text: `\`${heir.id}\` takes its place and begins empty; what it has stays in ${placeText(was)}, and nothing serves or saves it`,
        },
      ];
};

/** Returns the fates of the data of a node that leaves a host. */
const partsOfMoved = (node: Node, was: DataPlace, from: At, after: GraphIndex): ReadonlyArray<Part> => {
  const before = new Set(from.graph.hostsOf(node.id).map(({ id }) => id));
  const now = after.hostsOf(node.id).map(({ id }) => id);
  const stay = `what it has here stays in ${placeText(was)}, and nothing serves or saves it`;
  if (now.some((id) => before.has(id)) || now.length === 0) return [{ fate: "left-behind", text: stay }];
  return [{ fate: "empty", text: `it goes to ${now.join(", ")} and begins empty there; ${stay}` }];
};

/**
 * Returns the host of the new graph that is the same machine: the one with the same id, or a new id with the same
 * address and port.
 */
const sameMachine = (host: HostNode, before: GraphIndex, after: GraphIndex): HostNode | undefined =>
  after.hosts.find(({ id }) => id === host.id) ??
  after.hosts.find((one) => !before.nodes.has(one.id) && machineOf(one) === machineOf(host));

const addressParts = (was: HostNode, is: HostNode): ReadonlyArray<Part> =>
  was.address === is.address
    ? []
    : [
        {
          fate: "stays",
          text: `if ${is.address} is the machine that was reached at ${was.address}; another machine begins empty`,
        },
      ];

const partsOf = (node: Node, was: DataPlace, from: At, after: GraphIndex): ReadonlyArray<Part> => {
  const host = sameMachine(from.host, from.graph, after);
  const to = host && { graph: after, host };
  const next = after.nodes.get(node.id);
  if (next === undefined || next.type !== node.type) return partsOfRemoved(node, was, from, to);
  if (to === undefined || !after.runsOn(node.id, to.host.id)) return partsOfMoved(node, was, from, after);
  return [...partsInPlace({ before: node, after: next }, was, from, to), ...addressParts(from.host, to.host)];
};

/** The current state of the hosts, and the graph to deploy. */
export interface Comparison {
  /** The graph from which each host was built. */
  readonly before: ReadonlyMap<string, GraphIndex>;
  readonly after: GraphIndex;
  /** The hosts to deploy; absent for all. */
  readonly hosts?: ReadonlyArray<string>;
}

/** Returns whether a partial deployment leaves a node on a host unchanged. */
const isUntouched = (node: Node, host: string, { after, hosts }: Comparison): boolean =>
  hosts !== undefined && ![host, ...after.hostsOf(node.id).map(({ id }) => id)].some((id) => hosts.includes(id));

/**
 * Returns the fate of the data of every node that has data on a host now, by host and node. Hosts whose graph is
 * unknown are left out.
 */
export const dataFates = (comparison: Comparison): ReadonlyArray<DataFate> =>
  [...comparison.before]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([id, graph]) => {
      const host = graph.hosts.find((one) => one.id === id);
      if (host === undefined) return [];
      const from = { graph, host };
      return (graph.residents.get(id) ?? []).flatMap((node): ReadonlyArray<DataFate> => {
        const was = placeOf(node, from);
        if (was === undefined || was.emptied) return [];
        const parts = isUntouched(node, id, comparison) ? [] : partsOf(node, was, from, comparison.after);
        return [together(id, node.id, parts)];
      });
    });
