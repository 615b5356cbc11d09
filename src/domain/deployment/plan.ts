import type { GraphDocument } from "../graph/document.ts";
import { type DependsOnEdge, edgeIdentity } from "../graph/edge.ts";
import { type GraphIndex, indexOf } from "../graph/graph-index.ts";
import { sortedByText } from "../graph/order.ts";
import { defined } from "../kernel/mod.ts";
import { programUnitsIn } from "../nix/mod.ts";
import { checksOf } from "./checks.ts";
import { type HostDependency, wavesOf } from "./host-order.ts";
import type { HostPlan, Waves } from "./waves.ts";

/** What hosts owe each other because a node on one depends on a node on another. */
const hostDependencies = (
  edges: ReadonlyArray<DependsOnEdge>,
  { placements }: GraphIndex,
): ReadonlyArray<HostDependency> =>
  edges.flatMap((edge) =>
    (placements.get(edge.from) ?? []).flatMap((from) =>
      (placements.get(edge.to) ?? []).filter((to) => to !== from).map((to) => ({ from, to })),
    ),
  );

/**
 * The hosts of a valid graph in the order they are deployed: a host comes after those whose nodes its own nodes depend
 * on. With each host what must be well on it before it is confirmed.
 */
export const planWaves = (document: GraphDocument): Waves => {
  const index = indexOf(document);
  const dependencies = sortedByText(
    index.edges.filter((edge) => edge.type === "depends-on"),
    edgeIdentity,
  );
  const isRequired = ({ required = true }: DependsOnEdge): boolean => required;
  const plan = (id: string): ReadonlyArray<HostPlan> => {
    const host = index.nodes.get(id);
    if (host?.type !== "host") return [];
    const { address, system, ssh } = host;
    const checks = (index.residents.get(id) ?? []).flatMap(checksOf);
    return [defined({ host: id, address, system, ssh, checks })];
  };
  return wavesOf(
    [...index.residents.keys()],
    hostDependencies(dependencies.filter(isRequired), index),
    hostDependencies(
      dependencies.filter((edge) => !isRequired(edge)),
      index,
    ),
  ).map((wave) => wave.flatMap(plan));
};

/** The same with the nodes on each host, and the units that are their programs: what is deployed can be operated. */
export const planDeployment = (document: GraphDocument): Waves => {
  const unitsOf = programUnitsIn(document);
  const { residents } = indexOf(document);
  return planWaves(document).map((wave) =>
    wave.map((plan) => ({
      ...plan,
      nodes: (residents.get(plan.host) ?? []).map(({ id }) => ({ node: id, units: unitsOf(id, plan.host) })),
    })),
  );
};
