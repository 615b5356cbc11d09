import { Schema } from "effect";
import { HostNode } from "../graph/node.ts";
import { Check, Resident } from "../host/desired.ts";
import { Name } from "../kernel/mod.ts";
import { componentsOf } from "../nix/mod.ts";

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

/** `from` waits for `to`, a host that must be done before. */
export interface HostDependency {
  readonly from: string;
  readonly to: string;
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const graphOf = (vertices: Iterable<string>, edges: ReadonlyArray<HostDependency>): Map<string, Set<string>> => {
  const graph = new Map<string, Set<string>>();
  for (const vertex of vertices) graph.set(vertex, new Set());
  for (const { from, to } of edges) if (from !== to) graph.get(from)?.add(to);
  return graph;
};

const edgesOf = (graph: Graph): ReadonlyArray<HostDependency> =>
  [...graph].flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })));

/** All vertices, each after everything that can be reached from it, except along cycles. Without recursion. */
const postOrder = (graph: Graph): ReadonlyArray<string> => {
  const seen = new Set<string>();
  const order: Array<string> = [];
  for (const root of graph.keys()) {
    if (seen.has(root)) continue;
    seen.add(root);
    const path = [{ vertex: root, next: [...(graph.get(root) ?? [])] }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const vertex = top.next.pop();
      if (vertex === undefined) {
        order.push(top.vertex);
        path.pop();
      } else if (!seen.has(vertex)) {
        seen.add(vertex);
        path.push({ vertex, next: [...(graph.get(vertex) ?? [])] });
      }
    }
  }
  return order;
};

const reachableFrom = (graph: Graph, start: string): ReadonlySet<string> => {
  const reached = new Set([start]);
  for (const vertex of reached) for (const next of graph.get(vertex) ?? []) reached.add(next);
  return reached;
};

/**
 * Hosts in waves: each comes after the hosts that it requires. Hosts that require each other share a wave. Where a
 * dependency that is only wished for would make a cycle it is left aside. Hosts and waves are in a stable order.
 */
export const wavesOf = (
  hosts: ReadonlyArray<string>,
  required: ReadonlyArray<HostDependency>,
  wished: ReadonlyArray<HostDependency>,
): ReadonlyArray<ReadonlyArray<string>> => {
  const component = componentsOf(graphOf(hosts, required));
  const ofComponents = ({ from, to }: HostDependency): HostDependency => ({
    from: component.get(from) ?? from,
    to: component.get(to) ?? to,
  });
  const order = graphOf(new Set(component.values()), required.map(ofComponents));
  const wishes = wished.map(ofComponents);
  // Only a wish between hosts that could reach each other if all were granted can make a cycle.
  const knot = componentsOf(graphOf(order.keys(), [...edgesOf(order), ...wishes]));
  for (const { from, to } of wishes)
    if (knot.get(from) !== knot.get(to) || (from !== to && !reachableFrom(order, to).has(from)))
      order.get(from)?.add(to);

  const waveOf = new Map<string, number>();
  for (const vertex of postOrder(order))
    waveOf.set(vertex, Math.max(0, ...[...(order.get(vertex) ?? [])].map((before) => (waveOf.get(before) ?? 0) + 1)));

  const waves: Array<Array<string>> = [];
  for (const host of hosts.toSorted()) {
    const wave = waveOf.get(component.get(host) ?? host) ?? 0;
    const known = waves[wave];
    if (known === undefined) waves[wave] = [host];
    else known.push(host);
  }
  return waves;
};
