import type { GraphChange } from "../../domain/graph/contract.ts";
import type { GraphIndex } from "../../domain/graph/graph-index.ts";
import { healthChecks } from "../../domain/graph/node-types/service.ts";
import { crossesHosts, finding, quoted, type Rule, usersOf } from "./rule.ts";

/** Chains of required dependencies longer than this start slowly and fail often. */
const deepest = 5;
const shared = ["service", "database", "message-bus", "load-balancer"] as const;

/** Several nodes use one that runs on a single host, though there are more hosts. */
export const singlePointOfFailure: Rule = (graph) => {
  if (graph.hosts.length < 2) return [];
  return shared
    .flatMap((type) => graph.nodesOf(type))
    .flatMap(({ id }) => {
      const users = usersOf(graph, id);
      const [host, ...others] = graph.hostsOf(id);
      const hasStandby = graph.to(id, "replicates").length > 0;
      if (host === undefined || others.length > 0 || hasStandby || users.length < 2) return [];
      const message = `\`${id}\` runs on \`${host.id}\` only, and ${quoted(users)} need it: if that host fails, so do they`;
      return [finding("architecture/single-point-of-failure", "note", message, { nodes: [id, host.id] })];
    });
};

/** A service whose health cannot be seen. If it has a port, a check that it listens is better than nothing. */
export const noHealthCheck: Rule = (graph) =>
  healthChecks(graph.nodesOf("service"), graph).map(({ nodes, message }) => {
    const [id = ""] = nodes;
    const node = graph.nodes.get(id);
    const mendable = node?.type === "service" && node.healthCheck === undefined && node.port !== undefined;
    const changes: ReadonlyArray<GraphChange> = [
      { type: "update-node", id, changes: { healthCheck: { kind: "tcp" } } },
    ];
    const subject = mendable ? { nodes, changes } : { nodes };
    return finding("architecture/no-health-check", "warning", message, subject);
  });

/** A chain of required dependencies that is too long. */
export const dependencyDepth: Rule = (graph) => {
  const chains = new Map<string, ReadonlyArray<string>>();
  const longest = [...graph.nodes.keys()].map((id) => chainFrom(graph, id, chains));
  const chain = longest.reduce((long, other) => (other.length > long.length ? other : long), []);
  if (chain.length <= deepest) return [];
  const message = `${chain.map((id) => `\`${id}\``).join(" → ")} is a chain of ${chain.length} dependencies: make some of them not required`;
  return [finding("architecture/dependency-depth", "note", message, { nodes: chain })];
};

/** The longest chain of required dependencies that begins at a node. */
const chainFrom = (
  graph: GraphIndex,
  id: string,
  chains: Map<string, ReadonlyArray<string>>,
): ReadonlyArray<string> => {
  const known = chains.get(id);
  if (known !== undefined) return known;
  chains.set(id, [id]);
  const targets = graph.from(id, "depends-on").filter(({ required }) => required !== false);
  const tails = targets.map(({ to }) => chainFrom(graph, to, chains));
  const chain = [id, ...tails.reduce((long, other) => (other.length > long.length ? other : long), [])];
  chains.set(id, chain);
  return chain;
};

/** A connection without a dependency: nothing says that the target is up first. */
export const connectionWithoutDependency: Rule = (graph) =>
  [...graph.nodes.keys()].flatMap((id) => {
    const waitedFor = new Set(graph.from(id, "depends-on").map(({ to }) => to));
    const loose = graph.from(id, "connects-to").filter(({ to }) => !waitedFor.has(to));
    return [...new Set(loose.map(({ to }) => to))].map((to) => {
      const message = `\`${id}\` connects to \`${to}\` and does not depend on it: it may start first, and must cope`;
      return finding("architecture/connection-without-dependency", "note", message, { nodes: [id, to] });
    });
  });

/** Topics are used on another host, and no connection opens the firewalls between: nothing would get through. */
export const unreachableBus: Rule = (graph) =>
  graph.nodesOf("message-bus").flatMap(({ id: to, engine }) => {
    const connected = new Set(graph.to(to, "connects-to").map(({ from }) => from));
    const users = [...graph.to(to, "publishes-to"), ...graph.to(to, "subscribes-to")].map(({ from }) => from);
    const cutOff = [...new Set(users)]
      .sort()
      .filter((from) => !connected.has(from) && crossesHosts(graph, { from, to }));
    return cutOff.map((from) => {
      const protocol = engine === "nats" ? "nats" : "tcp";
      const changes: ReadonlyArray<GraphChange> = [
        { type: "connect", edge: { from, to, type: "connects-to", protocol } },
      ];
      const message = `\`${from}\` uses topics of \`${to}\` on another host, and nothing opens the way there: connect them`;
      return finding("architecture/unreachable-bus", "warning", message, { nodes: [from, to], changes });
    });
  });

/** Whether the graph hangs together: which nodes need which, and whether their health can be seen. */
export const architectureRules: ReadonlyArray<Rule> = [
  singlePointOfFailure,
  noHealthCheck,
  dependencyDepth,
  connectionWithoutDependency,
  unreachableBus,
];
