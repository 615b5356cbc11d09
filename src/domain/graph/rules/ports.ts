import { edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { anotherPort, type PortUse } from "../node-type.ts";
import { portOf, portsTaken } from "../ports.ts";
import { error, type Problem } from "../problem.ts";

/** Returns whether two uses of a port are the same: by the same shared program, or by the same node. */
const isOne = (left: PortUse, right: PortUse): boolean =>
  left.what !== undefined &&
  left.what === right.what &&
  (left.node === right.node || (left.shared === true && right.shared === true));

const remedyOf = (use: PortUse, holder: PortUse): string => {
  if (use.choice === anotherPort) return "choose another port or host";
  if (use.choice !== undefined) return `choose ${use.choice}, or another host`;
  return holder.choice === undefined
    ? "choose another host"
    : `choose ${holder.choice} for \`${holder.node}\`, or another host`;
};

const conflict = (host: string, use: PortUse, holder: PortUse): Problem => {
  const port = use.what === undefined ? `port ${use.port}` : `port ${use.port} (${use.what})`;
  const by =
    holder.what === undefined
      ? `\`${holder.node}\``
      : holder.node === host
        ? holder.what
        : `\`${holder.node}\` (${holder.what})`;
  return error(
    "port-conflict",
    { nodes: [...new Set([use.node, holder.node])].sort() },
    `node \`${use.node}\`: ${port} is already taken on host \`${host}\` by ${by}: ${remedyOf(use, holder)}`,
  );
};

const conflictsAt = (host: string, uses: ReadonlyArray<PortUse>): ReadonlyArray<Problem> => {
  const taken = new Map<number, PortUse>();
  return uses.flatMap((use) => {
    const holder = taken.get(use.port);
    if (holder === undefined) taken.set(use.port, use);
    return holder === undefined || isOne(use, holder) ? [] : [conflict(host, use, holder)];
  });
};

/** Leaf nodes that dial one server at different ports, although it has only one port for them. */
const leafConflicts = (index: GraphIndex): ReadonlyArray<Problem> =>
  index.hosts.flatMap((host) => {
    const nodes = index.residents.get(host.id) ?? [];
    const server = nodes.find((node) => node.type === "message-bus" && node.engine === "nats");
    if (server === undefined) return [];
    const [first, ...others] = index.leavesOf(server.id, host.id);
    if (first === undefined) return [];
    const odd = new Map(
      others.filter(({ port }) => port !== first.port).map((dial) => [`${dial.bus} ${dial.port}`, dial]),
    );
    return [...odd.values()].map(({ bus, port }) =>
      error(
        "port-conflict",
        { nodes: [bus, server.id].sort() },
        `node \`${bus}\`: it dials \`${server.id}\` on host \`${host.id}\` at port ${port}, and \`${first.bus}\` at port ${first.port}: ` +
          "NATS takes leaf nodes on one port: choose one for both in `leafRemotes`",
      ),
    );
  });

/**
 * `port-conflict`: two listeners on the same TCP port of a host, including ssh and the programs that hosts run beside
 * their nodes. A fixed port takes precedence, and among nodes the first by id. Each other listener is a separate
 * problem.
 */
export const portConflicts = (index: GraphIndex): ReadonlyArray<Problem> => [
  ...[...portsTaken(index)].flatMap(([host, uses]) => conflictsAt(host, uses)),
  ...leafConflicts(index),
];

/** Returns the hosts on which a node is reached. A host is reached on itself. */
const hostsOf = ({ types, placements }: GraphIndex, id: string): ReadonlyArray<string> =>
  types.get(id) === "host" ? [id] : (placements.get(id) ?? []);

/** Returns two different hosts, one from each list; undefined if all are the same. */
const firstPair = (sources: ReadonlyArray<string>, targets: ReadonlyArray<string>) => {
  for (const from of sources) {
    const to = targets.find((target) => target !== from);
    if (to !== undefined) return { from, to };
  }
  return undefined;
};

/**
 * `invalid-config`: a `connects-to` edge between hosts without a port, to a node without a port. The port to open is
 * then unknown. Within a host, no port needs to be opened.
 */
export const unknownPorts = (index: GraphIndex): ReadonlyArray<Problem> =>
  index.edges.flatMap((edge) => {
    if (edge.type !== "connects-to" || edge.port !== undefined) return [];
    const target = index.nodes.get(edge.to);
    if (target === undefined || portOf(target) !== undefined) return [];
    const between = firstPair(hostsOf(index, edge.from), hostsOf(index, edge.to));
    if (between === undefined) return [];
    const identity = edgeIdentity(edge);
    const isFile = target.type === "database" && target.engine === "sqlite";
    return [
      error(
        "invalid-config",
        { nodes: [...new Set([edge.from, edge.to])].sort(), edges: [identity] },
        `edge \`${identity}\`: it leads from host \`${between.from}\` to host \`${between.to}\`, and ` +
          (isFile
            ? `SQLite database \`${edge.to}\` is a file: place both on one host or choose another engine`
            : `neither the edge nor \`${edge.to}\` has a port: add \`port\` to one of them`),
      ),
    ];
  });
