import type { Resources } from "../../domain/graph/values.ts";
import { finding, quoted, type Rule } from "./rule.ts";

/** The share of a host that its nodes may ask for before it counts as nearly full. */
const nearlyFull = 0.8;
const kinds = [
  ["cpuCores", "CPU cores"],
  ["memoryMb", "MiB of memory"],
  ["diskGb", "GiB of disk"],
] as const;

const resourcesOf = (node: object): Resources =>
  "resources" in node && typeof node.resources === "object" && node.resources !== null ? node.resources : {};

/** A host without room for a peak. (More than it has is an error of the graph, and never comes to a review.) */
export const hostNearlyFull: Rule = (graph) =>
  graph.hosts.flatMap((host) =>
    kinds.flatMap(([kind, unit]) => {
      const has = host.resources?.[kind];
      const asked = (graph.residents.get(host.id) ?? []).reduce((sum, node) => sum + (resourcesOf(node)[kind] ?? 0), 0);
      if (has === undefined || asked <= has * nearlyFull) return [];
      const message = `the nodes on \`${host.id}\` ask for ${asked} of its ${has} ${unit}: leave room for a peak`;
      return [finding("capacity/host-nearly-full", "warning", message, { nodes: [host.id] })];
    }),
  );

/** A host that does not say what it has. */
export const unknownCapacity: Rule = (graph) =>
  graph.hosts
    .filter(({ resources }) => resources === undefined)
    .map(({ id }) => {
      const message = `\`${id}\` does not say what \`resources\` it has: nobody can tell whether its nodes fit`;
      return finding("capacity/unknown-capacity", "note", message, { nodes: [id] });
    });

/** Nodes that may take all of a host from their neighbours. */
export const unlimited: Rule = (graph) =>
  graph.hosts
    .filter(({ resources }) => resources !== undefined)
    .flatMap(({ id }) => {
      const limitable = (graph.residents.get(id) ?? []).filter(({ type }) =>
        ["service", "agent", "database", "message-bus"].includes(type),
      );
      const nodes = limitable.filter((node) => !("resources" in node)).map((node) => node.id);
      if (nodes.length === 0 || limitable.length < 2) return [];
      const message = `${quoted(nodes)} on \`${id}\` may take all of it from the others there: give \`resources\``;
      return [finding("capacity/unlimited", "note", message, { nodes: [...nodes, id] })];
    });

/** Load is balanced over replicas that share one host. */
export const replicasOnOneHost: Rule = (graph) =>
  graph.nodesOf("load-balancer").flatMap((balancer) => {
    const backends = graph.from(balancer.id, "load-balances").map(({ to }) => to);
    const hosts = new Set(backends.flatMap((id) => graph.hostsOf(id)).map(({ id }) => id));
    const [host, ...others] = hosts;
    if (host === undefined || others.length > 0 || graph.hosts.length < 2) return [];
    const message = `everything that \`${balancer.id}\` balances to (${quoted(backends)}) runs on \`${host}\`: spread it`;
    return [finding("capacity/replicas-on-one-host", "warning", message, { nodes: [balancer.id, ...backends, host] })];
  });

/** Whether everything fits, and still does under more load. */
export const capacityRules: ReadonlyArray<Rule> = [hostNearlyFull, unknownCapacity, unlimited, replicasOnOneHost];
