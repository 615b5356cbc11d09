import { Graph, Schema } from "effect";
import { type Arrow, componentsOf, namedGraph } from "../graph/components.ts";
import type { DependsOnEdge } from "../graph/edge.ts";
import { HostNode } from "../graph/node.ts";
import { machineOf } from "../graph/node-types/host.ts";
import type { Placements } from "../graph/placement.ts";
import { Check, Resident } from "../host/desired.ts";
import { Name } from "../kernel/mod.ts";

/** A host of a wave: how to reach it, and the checks that must pass. */
export const HostPlan = Schema.Struct({
  host: Name,
  address: HostNode.fields.address,
  system: HostNode.fields.system,
  ssh: HostNode.fields.ssh,
  checks: Schema.Array(Check),
  /** The nodes on it; absent in older deployments. */
  nodes: Schema.optionalKey(Schema.Array(Resident)),
});
export type HostPlan = typeof HostPlan.Type;

/** How a host is reached according to its last deployment. A new deployment may change that. */
export const ReachedHost = Schema.Struct({
  host: Name,
  address: HostNode.fields.address,
  ssh: HostNode.fields.ssh,
});
export type ReachedHost = typeof ReachedHost.Type;

/** Hosts that are deployed at the same time, after the previous wave. */
export const Wave = Schema.Array(HostPlan);

/** All hosts of a deployment, in the order of their waves. */
export const Waves = Schema.Array(Wave);
export type Waves = typeof Waves.Type;

/** Returns the hosts in the order of their waves. */
export const hostsOf = ({ waves }: { readonly waves: Waves }): ReadonlyArray<string> =>
  waves.flatMap((wave) => wave.map(({ host }) => host));

/** Returns the machine of each host: its address and port in one text. */
export const machinesOf = ({ waves }: { readonly waves: Waves }): Readonly<Record<string, string>> =>
  Object.fromEntries(waves.flat().map((plan) => [plan.host, machineOf(plan)]));

/** Returns the waves with only these hosts; all hosts if `hosts` is undefined. */
export const wavesWith = (waves: Waves, hosts: ReadonlyArray<string> | undefined): Waves =>
  hosts === undefined
    ? waves
    : waves.map((wave) => wave.filter(({ host }) => hosts.includes(host))).filter((wave) => wave.length > 0);

/** The host `from` waits for the host `to`. */
export type HostDependency = Arrow;

/**
 * Returns hosts in waves. Each comes after the hosts that it requires, and hosts that require each other share a wave.
 * A wished dependency is ignored if it would create a cycle. The order of hosts and waves is stable.
 */
export const wavesOf = (
  hosts: ReadonlyArray<string>,
  required: ReadonlyArray<HostDependency>,
  wished: ReadonlyArray<HostDependency>,
): ReadonlyArray<ReadonlyArray<string>> => {
  const component = componentsOf(hosts, required);
  const componentOf = (host: string): string => component.get(host) ?? host;
  /** Returns arrows between components, from the one that comes first to the one that waits. */
  const between = (dependencies: ReadonlyArray<HostDependency>): ReadonlyArray<Arrow> =>
    dependencies
      .map(({ from, to }) => ({ from: componentOf(to), to: componentOf(from) }))
      .filter(({ from, to }) => from !== to);
  const order = between(required);
  const waveOf = wavesIn(withWishes(namedGraph(component.values(), order), order, between(wished)));

  const waves: Array<Array<string>> = [];
  for (const host of hosts.toSorted()) {
    const wave = waveOf.get(componentOf(host)) ?? 0;
    const known = waves[wave];
    if (known === undefined) waves[wave] = [host];
    else known.push(host);
  }
  return waves;
};

/** Returns the dependencies between hosts that follow from dependencies between their nodes. */
const hostDependencies = (edges: ReadonlyArray<DependsOnEdge>, placements: Placements): ReadonlyArray<HostDependency> =>
  edges.flatMap((edge) =>
    (placements.get(edge.from) ?? []).flatMap((from) =>
      (placements.get(edge.to) ?? []).filter((to) => to !== from).map((to) => ({ from, to })),
    ),
  );

/** Returns the hosts of a graph in waves: each comes after the hosts whose nodes its own nodes depend on. */
export const hostWaves = (
  hosts: ReadonlyArray<string>,
  dependencies: ReadonlyArray<DependsOnEdge>,
  placements: Placements,
): ReadonlyArray<ReadonlyArray<string>> => {
  const isRequired = ({ required = true }: DependsOnEdge): boolean => required;
  return wavesOf(
    hosts,
    hostDependencies(dependencies.filter(isRequired), placements),
    hostDependencies(
      dependencies.filter((edge) => !isRequired(edge)),
      placements,
    ),
  );
};

/** Returns the graph with the wishes that create no cycle, added one by one. */
const withWishes = (
  { graph, indexOf }: ReturnType<typeof namedGraph>,
  order: ReadonlyArray<Arrow>,
  wishes: ReadonlyArray<Arrow>,
): Graph.DirectedGraph<string, null> => {
  // A cycle is possible only between hosts that could reach each other with all wishes granted.
  const knot = componentsOf(indexOf.keys(), [...order, ...wishes]);
  return Graph.mutate(graph, (mutable) => {
    for (const wish of wishes) {
      const [from, to] = [indexOf.get(wish.from), indexOf.get(wish.to)];
      if (from === undefined || to === undefined) continue;
      if (knot.get(wish.from) !== knot.get(wish.to) || !Graph.hasPath(mutable, to, from))
        Graph.addEdge(mutable, from, to, null);
    }
  });
};

/** Returns the wave of each vertex, from 0: one more than the highest wave that it waits for. */
const wavesIn = (graph: Graph.DirectedGraph<string, null>): ReadonlyMap<string, number> => {
  const waves = new Map<Graph.NodeIndex, number>();
  const names = new Map<string, number>();
  for (const [vertex, name] of Graph.entries(Graph.topo(graph))) {
    const wave = waves.get(vertex) ?? 0;
    names.set(name, wave);
    for (const next of Graph.successors(graph, vertex)) waves.set(next, Math.max(waves.get(next) ?? 0, wave + 1));
  }
  return names;
};
