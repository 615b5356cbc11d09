import type { GraphDocument } from "../graph/document.ts";
import { type Edge, edgeIdentity } from "../graph/edge.ts";
import { checksOf } from "./checks.ts";
import { type HostDependency, wavesOf } from "./host-order.ts";
import type { HostPlan, Waves } from "./waves.ts";

type DependsOn = Extract<Edge, { type: "depends-on" }>;

/** The nodes placed on each host: by `runs-on`, or on the only host there is. */
export const residentsOf = (document: GraphDocument): ReadonlyMap<string, ReadonlyArray<string>> => {
  const hosts = document.nodes.filter(({ type }) => type === "host").map(({ id }) => id);
  const residents = new Map<string, Set<string>>(hosts.map((id) => [id, new Set()]));
  const placed = new Set<string>();
  for (const edge of document.edges) {
    if (edge.type !== "runs-on") continue;
    residents.get(edge.to)?.add(edge.from);
    placed.add(edge.from);
  }
  const [only, ...others] = hosts;
  if (only !== undefined && others.length === 0)
    for (const { id, type } of document.nodes) if (type !== "host" && !placed.has(id)) residents.get(only)?.add(id);
  return new Map([...residents].map(([host, nodes]) => [host, [...nodes].toSorted()]));
};

const byIdentity = (left: Edge, right: Edge): number => (edgeIdentity(left) < edgeIdentity(right) ? -1 : 1);

/** What hosts owe each other because a node on one depends on a node on another. */
const hostDependencies = (
  edges: ReadonlyArray<DependsOn>,
  residents: ReadonlyMap<string, ReadonlyArray<string>>,
): ReadonlyArray<HostDependency> => {
  const hostsOf = new Map<string, Array<string>>();
  for (const [host, nodes] of residents)
    for (const node of nodes) hostsOf.set(node, [...(hostsOf.get(node) ?? []), host]);
  return edges.flatMap((edge) =>
    (hostsOf.get(edge.from) ?? []).flatMap((from) =>
      (hostsOf.get(edge.to) ?? []).filter((to) => to !== from).map((to) => ({ from, to })),
    ),
  );
};

/**
 * The hosts of a valid graph in the order they are deployed: a host comes after those whose nodes its own nodes depend
 * on. With each host what must be well on it before it is confirmed.
 */
export const planWaves = (document: GraphDocument): Waves => {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const residents = residentsOf(document);
  const dependencies = document.edges.filter((edge) => edge.type === "depends-on").toSorted(byIdentity);
  const [required, wished] = [true, false].map((wanted) =>
    hostDependencies(
      dependencies.filter((edge) => (edge.required ?? true) === wanted),
      residents,
    ),
  );
  const plan = (id: string): ReadonlyArray<HostPlan> => {
    const host = nodes.get(id);
    if (host?.type !== "host") return [];
    const { address, system, ssh } = host;
    const checks = (residents.get(id) ?? []).flatMap((resident) => {
      const node = nodes.get(resident);
      return node === undefined ? [] : checksOf(node);
    });
    return [{ host: id, address, system, ...(ssh === undefined ? {} : { ssh }), checks }];
  };
  return wavesOf([...residents.keys()], required ?? [], wished ?? []).map((wave) => wave.flatMap(plan));
};
