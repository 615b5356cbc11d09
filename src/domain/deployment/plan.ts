import type { GraphDocument } from "../graph/document.ts";
import { type Edge, edgeIdentity } from "../graph/edge.ts";
import { sortedByText } from "../graph/order.ts";
import { type Placements, placements } from "../graph/placement.ts";
import { programUnitsIn } from "../nix/mod.ts";
import { checksOf } from "./checks.ts";
import { type HostDependency, wavesOf } from "./host-order.ts";
import type { HostPlan, Waves } from "./waves.ts";

type DependsOn = Extract<Edge, { type: "depends-on" }>;

/** The nodes on each host, by id, sorted. */
export const residentsOf = (
  document: GraphDocument,
  hostsOf: Placements = placements(document),
): ReadonlyMap<string, ReadonlyArray<string>> => {
  const residents = new Map<string, Array<string>>();
  for (const { id, type } of document.nodes) if (type === "host") residents.set(id, []);
  for (const [node, hosts] of hostsOf) for (const host of hosts) residents.get(host)?.push(node);
  return new Map([...residents].map(([host, nodes]) => [host, nodes.toSorted()]));
};

/** What hosts owe each other because a node on one depends on a node on another. */
const hostDependencies = (edges: ReadonlyArray<DependsOn>, hostsOf: Placements): ReadonlyArray<HostDependency> =>
  edges.flatMap((edge) =>
    (hostsOf.get(edge.from) ?? []).flatMap((from) =>
      (hostsOf.get(edge.to) ?? []).filter((to) => to !== from).map((to) => ({ from, to })),
    ),
  );

/**
 * The hosts of a valid graph in the order they are deployed: a host comes after those whose nodes its own nodes depend
 * on. With each host what must be well on it before it is confirmed.
 */
export const planWaves = (document: GraphDocument): Waves => {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const hostsOf = placements(document);
  const residents = residentsOf(document, hostsOf);
  const dependencies = sortedByText(
    document.edges.filter((edge) => edge.type === "depends-on"),
    edgeIdentity,
  );
  const [required, wished] = [true, false].map((wanted) =>
    hostDependencies(
      dependencies.filter((edge) => (edge.required ?? true) === wanted),
      hostsOf,
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

/** The same with the nodes on each host, and the units that are their programs: what is deployed can be operated. */
export const planDeployment = (document: GraphDocument): Waves => {
  const unitsOf = programUnitsIn(document);
  const residents = residentsOf(document);
  return planWaves(document).map((wave) =>
    wave.map((plan) => ({
      ...plan,
      nodes: (residents.get(plan.host) ?? []).map((node) => ({ node, units: unitsOf(node, plan.host) })),
    })),
  );
};
