import { type DependsOnEdge, isUdp } from "../../graph/edge.ts";
import type { GraphIndex } from "../../graph/graph-index.ts";
import type { Node } from "../../graph/node.ts";
import { mountPoint } from "../../graph/node-types/storage.ts";
import { portOf } from "../../graph/ports.ts";
import { sqliteFolder, sqliteGroup } from "../database/sqlite/specification.ts";
import type { Place } from "../node-kind.ts";
import { isPlaced, unitOf } from "../node-kinds.ts";
import { isHere, isReadOnly, volumeGroup } from "../storage/sources.ts";
import type { Dependency, UnitRequirements, Wait } from "../unit/systemd.ts";
import { backendPort } from "./network.ts";

/** Returns the requirements of a node's edges and resources on its unit on a host. */
export const requirementsOf = (place: Place, node: Node): UnitRequirements => {
  const edges = place.topology.from(node.id, "depends-on");
  return {
    dependencies: dependenciesAt(place, node, edges),
    waits: waitsAt(place, node, edges),
    startupDelaySeconds: Math.max(0, ...edges.map((edge) => edge.startupDelaySeconds ?? 0)),
    limits: ("resources" in node ? node.resources : undefined) ?? {},
    ...accessOf(place, node),
  };
};

/** Returns the volumes that a node mounts, and the folders of the SQLite databases on its host that it uses. */
const accessOf = ({ topology, host }: Place, node: Node): Pick<UnitRequirements, "mounts" | "groups"> => {
  const files = [...topology.from(node.id, "connects-to"), ...topology.from(node.id, "depends-on")]
    .map(({ to }) => topology.nodes.get(to))
    .filter((target) => target?.type === "database" && target.engine === "sqlite")
    .flatMap((target) => (target !== undefined && topology.runsOn(target.id, host.id) ? [target.id] : []));
  const databases = [...new Set(files)];
  const volumes = volumesOf(topology, node);
  return {
    mounts: [
      ...volumes.map(({ volume, edge }) => ({
        path: mountPoint(edge.mountPath ?? volume.mountPath),
        readOnly: isReadOnly(volume, edge),
      })),
      ...databases.map((id) => ({ path: sqliteFolder(id), readOnly: false })),
    ],
    groups: [
      ...new Set(
        volumes.filter(({ volume }) => isHere({ topology, host }, volume)).map(({ volume }) => volumeGroup(volume.id)),
      ),
      ...databases.map(sqliteGroup),
    ],
  };
};

const volumesOf = (topology: GraphIndex, node: Node) =>
  topology.from(node.id, "mounts-volume").flatMap((edge) => {
    const volume = topology.nodes.get(edge.to);
    return volume?.type === "storage" && volume.id !== node.id ? [{ volume, edge }] : [];
  });

/**
 * Returns the dependencies of a node on its own host. There, systemd keeps their order, and starts a volume before the
 * nodes that mount it.
 */
const dependenciesAt = (
  { topology, host }: Place,
  node: Node,
  edges: ReadonlyArray<DependsOnEdge>,
): ReadonlyArray<Dependency> => {
  const needs = [
    ...edges.map((edge) => ({ to: edge.to, required: edge.required ?? true, ordered: topology.canWait(edge) })),
    ...volumesOf(topology, node).map(({ volume }) => ({ to: volume.id, required: true, ordered: true })),
  ];
  const dependencies = new Map<string, Dependency>();
  for (const { to, required, ordered } of needs) {
    const target = topology.nodes.get(to);
    if (target === undefined || !isPlaced(target) || !topology.runsOn(target.id, host.id)) continue;
    const unit = unitOf(target);
    if (unit === undefined) continue;
    const known = dependencies.get(unit) ?? { required: false, ordered: false };
    dependencies.set(unit, { unit, required: known.required || required, ordered: known.ordered || ordered });
  }
  return [...dependencies.values()];
};

/**
 * Returns the nodes on other hosts that a unit waits for. During a deployment the waves keep the order. After both
 * hosts reboot, only this wait keeps it. A unit waits only for ports that the firewalls let it reach, because it cannot
 * see others.
 */
const waitsAt = ({ topology, host }: Place, node: Node, edges: ReadonlyArray<DependsOnEdge>): ReadonlyArray<Wait> =>
  edges.flatMap((edge): ReadonlyArray<Wait> => {
    const target = topology.nodes.get(edge.to);
    if (target === undefined || topology.runsOn(edge.to, host.id) || !topology.canWait(edge)) return [];
    const [port] = portsReached(topology, node.id, target);
    const addresses = topology.hostsOf(edge.to).map(({ address }) => address);
    return port === undefined ? [] : [{ node: edge.to, port, addresses, required: edge.required ?? true }];
  });

/**
 * Returns the TCP ports of a node that the edges of another node open for that node. The node's own port comes first.
 */
const portsReached = (topology: GraphIndex, from: string, target: Node): ReadonlyArray<number> => {
  const own = portOf(target);
  const ports = [
    ...topology
      .from(from, "connects-to")
      .filter(({ to, protocol }) => to === target.id && !isUdp(protocol))
      .map(({ port }) => port ?? own),
    ...topology
      .from(from, "load-balances")
      .filter(({ to }) => to === target.id)
      .map(() => backendPort(target)),
    ...topology
      .from(from, "replicates")
      .filter(({ to }) => to === target.id)
      .map(() => own),
  ].filter((port) => port !== undefined);
  return ports.toSorted((left, right) => Number(right === own) - Number(left === own) || left - right);
};
