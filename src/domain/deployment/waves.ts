import { Graph, Schema } from "effect";
import { type Arrow, componentsOf, namedGraph } from "../graph/components.ts";
import type { DependsOnEdge } from "../graph/edge.ts";
import { HostNode } from "../graph/node.ts";
import { machineOf } from "../graph/node-types/host.ts";
import type { Placements } from "../graph/placement.ts";
import { Check, Resident } from "../host/desired.ts";
import { Name } from "../kernel/mod.ts";

/** A host of a wave: where it is, and what must be well on it. */
export const HostPlan = Schema.Struct({
  host: Name,
  address: HostNode.fields.address,
  system: HostNode.fields.system,
  ssh: HostNode.fields.ssh,
  checks: Schema.Array(Check),
  /** What runs there; absent in deployments of before this was said. */
  nodes: Schema.optionalKey(Schema.Array(Resident)),
});
export type HostPlan = typeof HostPlan.Type;

/** Hosts that are deployed at the same time, once the wave before is done. */
export const Wave = Schema.Array(HostPlan);

/** All hosts of a deployment, in the order of their waves. */
export const Waves = Schema.Array(Wave);
export type Waves = typeof Waves.Type;

/** The hosts in the order of their waves. */
export const hostsOf = ({ waves }: { readonly waves: Waves }): ReadonlyArray<string> =>
  waves.flatMap((wave) => wave.map(({ host }) => host));

/** The machine of each host: its address and port in one text. */
export const machinesOf = ({ waves }: { readonly waves: Waves }): Readonly<Record<string, string>> =>
  Object.fromEntries(waves.flat().map((plan) => [plan.host, machineOf(plan)]));

/** The waves with these hosts alone; all of them if `hosts` is undefined. */
export const wavesWith = (waves: Waves, hosts: ReadonlyArray<string> | undefined): Waves =>
  hosts === undefined
    ? waves
    : waves.map((wave) => wave.filter(({ host }) => hosts.includes(host))).filter((wave) => wave.length > 0);

/** `from` waits for `to`, a host that must be done before. */
export type HostDependency = Arrow;

/**
 * Hosts in waves: each comes after the hosts that it requires. Hosts that require each other share a wave. A dependency
 * that is only wished for is left out if it would make a cycle. Hosts and waves are in a stable order.
 */
export const wavesOf = (
  hosts: ReadonlyArray<string>,
  required: ReadonlyArray<HostDependency>,
  wished: ReadonlyArray<HostDependency>,
): ReadonlyArray<ReadonlyArray<string>> => {
  const component = componentsOf(hosts, required);
  const componentOf = (host: string): string => component.get(host) ?? host;
  /** The arrows between components, each from the one that must be done to the one that waits for it. */
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

/** What hosts owe each other because a node on one depends on a node on another. */
const hostDependencies = (edges: ReadonlyArray<DependsOnEdge>, placements: Placements): ReadonlyArray<HostDependency> =>
  edges.flatMap((edge) =>
    (placements.get(edge.from) ?? []).flatMap((from) =>
      (placements.get(edge.to) ?? []).filter((to) => to !== from).map((to) => ({ from, to })),
    ),
  );

/** The hosts of a graph in the order they are deployed: each after those whose nodes its own nodes depend on. */
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

/** The graph with the wishes that make no cycle, granted one after the other. */
const withWishes = (
  { graph, indexOf }: ReturnType<typeof namedGraph>,
  order: ReadonlyArray<Arrow>,
  wishes: ReadonlyArray<Arrow>,
): Graph.DirectedGraph<string, null> => {
  // Only a wish between hosts that could reach each other if all were granted can make a cycle.
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

/** The number of the wave of each vertex: one more than the highest among those that it waits for, from 0. */
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
