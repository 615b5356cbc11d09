import type { GraphChange } from "../../domain/graph/contract.ts";
import { type ConnectsToEdge, edgeIdentity, isUdp } from "../../domain/graph/edge.ts";
import type { GraphIndex } from "../../domain/graph/graph-index.ts";
import type { Node } from "../../domain/graph/node.ts";
import { portOf, portsTaken } from "../../domain/graph/ports.ts";
import { plaintext } from "../../domain/graph/rules/plaintext.ts";
import { looksLikeSecret } from "../../domain/graph/secrets.ts";
import { fetchedProgram, remoteShell } from "./foreign-code.ts";
import { finding, quoted, type Rule, staysOnOneHost } from "./rule.ts";

/** Open to the world, and not encrypted. */
export const publicPlaintext: Rule = (graph) =>
  plaintext(graph).map(({ nodes, message }) => finding("security/public-plaintext", "warning", message, { nodes }));

/** The type of a public client, which opens what it connects to; undefined if the client is not public. */
const publicClient = (graph: GraphIndex, { from }: ConnectsToEdge): "load-balancer" | "service" | undefined => {
  const client = graph.nodes.get(from);
  return client !== undefined && "public" in client && client.public === true ? client.type : undefined;
};

/** A database that is one step from the world. What service could stand between, no rule can make up. */
export const databaseExposed: Rule = (graph) =>
  graph.nodesOf("database").flatMap(({ id }) =>
    graph.to(id, "connects-to").flatMap((edge) => {
      const subject = { nodes: [edge.from, id], edges: [edgeIdentity(edge)] };
      const rule = "security/database-exposed";
      const client = publicClient(graph, edge);
      if (client === "load-balancer") {
        const message = `\`${edge.from}\` opens the database \`${id}\` to the world: remove the path`;
        return [finding(rule, "blocking", message, { ...subject, changes: removing(edge) })];
      }
      if (client === undefined) return [];
      const message = `\`${edge.from}\` is public and reads the database \`${id}\` itself: put a service between them`;
      return [finding(rule, "warning", message, subject)];
    }),
  );

/** A secret in the graph would be in the event log and in the world-readable Nix store, for good. */
export const secretInEnvironment: Rule = (graph, secretLike) => {
  const allowed = new Set(secretLike.map(({ field }) => field));
  return graph.nodesOf("service").flatMap(({ id, environment = {} }) => {
    const secrets = Object.entries(environment)
      .filter(([name, value]) => looksLikeSecret(name, value) && !allowed.has(`${id}.environment.${name}`))
      .map(([name]) => name)
      .sort();
    if (secrets.length === 0) return [];
    const message = `\`${id}\` has secrets in its environment (${quoted(secrets)}): move them to a file on the host and name it in \`environmentFiles\``;
    return [finding("security/secret-in-environment", "blocking", message, { nodes: [id] })];
  });
};

/** The node or the ends of the edge that a field belongs to, if they are in the graph. */
const nodesOfField = (graph: GraphIndex, field: string): ReadonlyArray<string> => {
  const [element = ""] = field.split(".");
  const [from = "", , to] = element.split("/");
  return [from, ...(to === undefined ? [] : [to])].filter((id) => graph.nodes.has(id));
};

/** What looks like a secret and was allowed: voters know of it, and of whom to ask. */
export const allowedSecret: Rule = (graph, secretLike) =>
  secretLike.map(({ field, allowedBy, allowedAt }) => {
    const message = `\`${field}\` looks like a secret; \`${allowedBy}\` said at ${allowedAt} that it is not`;
    return finding("security/secret-like-allowed", "note", message, { nodes: nodesOfField(graph, field) });
  });

/**
 * Whether a connection could be encrypted and is not: one to a database that is not a file of SQLite. Nobody can listen
 * on the loopback of one host, so that encryption would have no effect there.
 */
const couldBeEncrypted = (graph: GraphIndex, target: Node, edge: ConnectsToEdge): boolean =>
  target.type === "database" &&
  target.engine !== "sqlite" &&
  edge.encrypted !== true &&
  !isUdp(edge.protocol) &&
  !staysOnOneHost(graph, edge);

/** A connection to a database that could be encrypted and is not. */
export const unencryptedConnection: Rule = (graph) =>
  graph.nodesOf("database").flatMap((target) =>
    graph
      .to(target.id, "connects-to")
      .filter((edge) => couldBeEncrypted(graph, target, edge))
      .map((edge) => {
        const remedy = remedyFor(graph, edge, {
          text: "set `encrypted`",
          changes: replacing(edge, { ...edge, encrypted: true }),
        });
        const message = `\`${edge.from}\` talks to the database \`${target.id}\` unencrypted: ${remedy.text}`;
        const subject = { nodes: [edge.from, target.id], edges: [edgeIdentity(edge)], ...remedy };
        return finding("security/unencrypted-connection", "warning", message, subject);
      }),
  );

/**
 * A way through the firewall to a port on which the target does not listen. What takes its place is encrypted too if
 * it should be, so that these changes can be made after those of {@link unencryptedConnection}, or alone.
 */
export const needlessPath: Rule = (graph) => {
  const listening = portsListenedOn(graph);
  return [...graph.nodes.values()].flatMap((target) => {
    const usual = portOf(target);
    if (usual === undefined) return [];
    const edges = graph.to(target.id, "connects-to");
    const isRight = ({ port }: ConnectsToEdge): boolean => port === undefined || port === usual;
    const ways = new Set(edges.filter(isRight).map(wayOf));
    return edges
      .filter((edge) => !isRight(edge) && listening.get(target.id)?.has(edge.port ?? usual) !== true)
      .map((edge) => {
        const remedy = remedyFor(
          graph,
          edge,
          ways.has(wayOf(edge))
            ? { text: `remove the path, as another leads to ${usual}`, changes: removing(edge) }
            : { text: "leave `port` out of the edge", changes: replacing(edge, toUsualPort(graph, target, edge)) },
        );
        ways.add(wayOf(edge));
        const message = `\`${edge.from}\` may reach port ${edge.port} of \`${target.id}\`, which listens on ${usual}: ${remedy.text}`;
        const subject = { nodes: [edge.from, target.id], edges: [edgeIdentity(edge)], ...remedy };
        return finding("security/needless-path", "warning", message, subject);
      });
  });
};

/** What each node listens on, its port for clients among it, by what the graph says of the ports of hosts. */
const portsListenedOn = (graph: GraphIndex): ReadonlyMap<string, ReadonlySet<number>> => {
  const uses = [...portsTaken(graph).values()].flat();
  return new Map(
    [...Map.groupBy(uses, ({ node }) => node)].map(([node, taken]) => [node, new Set(taken.map(({ port }) => port))]),
  );
};

/** Edges of one target are one way if they let the same node in with the same kind of packets. */
const wayOf = ({ from, protocol }: ConnectsToEdge): string => `${from} ${isUdp(protocol) ? "udp" : "tcp"}`;

const toUsualPort = (graph: GraphIndex, target: Node, edge: ConnectsToEdge): ConnectsToEdge => {
  const { port: _, ...other } = edge;
  return couldBeEncrypted(graph, target, edge) ? { ...other, encrypted: true } : other;
};

interface Remedy {
  readonly text: string;
  readonly changes?: ReadonlyArray<GraphChange>;
}

/** What mends an edge. An edge that opens a database to the world can only be removed: {@link databaseExposed} does. */
const remedyFor = (graph: GraphIndex, edge: ConnectsToEdge, remedy: Remedy): Remedy =>
  graph.nodes.get(edge.to)?.type === "database" && publicClient(graph, edge) === "load-balancer"
    ? { text: "remove the path" }
    : remedy;

const removing = (edge: ConnectsToEdge): ReadonlyArray<GraphChange> => [{ type: "disconnect", id: edgeIdentity(edge) }];

/** An edge cannot be changed: another takes its place. */
const replacing = (edge: ConnectsToEdge, other: ConnectsToEdge): ReadonlyArray<GraphChange> => [
  ...removing(edge),
  { type: "connect", edge: other },
];

/** What outsiders can reach, read, overhear and have run. */
export const securityRules: ReadonlyArray<Rule> = [
  publicPlaintext,
  databaseExposed,
  secretInEnvironment,
  allowedSecret,
  fetchedProgram,
  remoteShell,
  unencryptedConnection,
  needlessPath,
];
