import { Schema } from "effect";
import { edgeIdentity } from "../edge.ts";
import { identity, type NodeRule, type NodeTypeDefinition, none, nothing, type PortUse } from "../node-type.ts";
import type { Placements } from "../placement.ts";
import { error, named, type Problem } from "../problem.ts";
import { AbsolutePath, Device, described, optional, Size } from "../values.ts";

/** A volume that other nodes mount. */
export const StorageNode = Schema.Struct({
  ...identity("storage"),
  kind: described(
    Schema.Literals(["local-disk", "network-fs", "object-store", "block-storage"]),
    "What holds the data, and so whether hosts share it.",
  ),
  size: described(Size, "How much the volume holds, in binary units, such as `10Gi` or `1Ti`."),
  mountPath: described(AbsolutePath, "The folder at which nodes see the volume."),
  accessMode: described(
    Schema.Literals(["read-write-once", "read-only-many", "read-write-many"]),
    "How many nodes may read and write the volume.",
  ),
  device: optional(Device, "The device, export or bucket that holds the data; the host's own unless given."),
}).annotate({ identifier: "StorageNode" });
export type StorageNode = typeof StorageNode.Type;

/** Returns whether `device` names a machine outside the graph. */
export const isOutside = ({ kind, device }: StorageNode): boolean => {
  if (device === undefined) return false;
  return kind === "network-fs"
    ? /^(?:\[[^\]]+\]|[^/:]+):\//.test(device)
    : kind === "object-store" && device[0] !== "/";
};

/** Returns whether each host has its own volume, instead of all sharing one. */
export const isLocal = ({ kind }: StorageNode): boolean => kind === "local-disk" || kind === "block-storage";

/** Returns the hosts that store a volume: every host that it runs on, or the first if it is shared. */
export const serversOf = (placements: Placements, volume: StorageNode): ReadonlyArray<string> => {
  const hosts = placements.get(volume.id) ?? [];
  if (isLocal(volume)) return hosts;
  return isOutside(volume) ? [] : hosts.slice(0, 1);
};

/** Returns the hosts that use a volume stored elsewhere, because the volume or a node that mounts it runs there. */
const clientHosts = (
  placements: Placements,
  volume: StorageNode,
  users: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const servers = new Set(serversOf(placements, volume));
  const hosts = new Set([volume.id, ...users].flatMap((id) => placements.get(id) ?? []));
  return [...hosts].filter((host) => !servers.has(host));
};

/** The port at which other hosts mount a host's folders by NFS. */
export const nfsPort = 2049;

/** The port mapper of NFS, on servers and clients (rpcbind(8)). */
const rpcPort = 111;

/**
 * Returns the listeners that volumes need on hosts: NFS on hosts with exported volumes, and the port mapper on both
 * sides.
 */
export const nfsPorts = (
  volumes: ReadonlyArray<StorageNode>,
  { placements, to }: Parameters<NodeRule<StorageNode>>[1],
): ReadonlyMap<string, ReadonlyArray<PortUse>> => {
  const uses = new Map<string, ReadonlyArray<PortUse>>();
  for (const volume of volumes) {
    if (volume.kind === "object-store") continue;
    const program = (port: number, what: string): PortUse => ({ port, node: volume.id, what, shared: true });
    const users = to(volume.id, "mounts-volume").map(({ from }) => from);
    const clients = clientHosts(placements, volume, users);
    if (clients.length === 0) continue;
    const rpc = program(rpcPort, "the port mapper of NFS");
    for (const host of serversOf(placements, volume))
      uses.set(host, [program(nfsPort, "NFS"), rpc, ...(uses.get(host) ?? [])]);
    for (const host of clients) if (!uses.has(host)) uses.set(host, [rpc]);
  }
  return uses;
};

/** The port of the first object store of a host. */
const firstObjectStorePort = 9000;

/** Returns the ports of a host's object stores, numbered in the order of its nodes. */
export const objectStorePorts = (
  residents: ReadonlyArray<{ readonly id: string; readonly type: string; readonly kind?: string }>,
): ReadonlyMap<string, number> =>
  new Map(
    residents
      .filter(({ type, kind }) => type === "storage" && kind === "object-store")
      .map(({ id }, index) => [id, firstObjectStorePort + index]),
  );

/**
 * Returns a path in the form in which mounts compare it: without empty, `.` and `..` parts, and without a trailing
 * slash.
 */
export const mountPoint = (path: string): string => {
  const parts: Array<string> = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
};

/** Folders of the system. A volume in them would hide files that the host needs to start. */
const systemFolders = ["/nix", "/etc", "/boot", "/proc", "/sys", "/dev", "/run", "/usr", "/bin"];

/** Folders with files of the system, its users and its services. A new volume would hide these files. */
const peoplesFolders: ReadonlySet<string> = new Set(["/home", "/root", "/tmp", "/var", "/var/lib", "/var/log"]);

/** Returns why nothing can be mounted at a path; undefined if it is allowed. */
const pathFault = (path: string): string | undefined => {
  if (path.split("/").includes("..")) return `mount path "${path}" has \`..\` in it: write the path without`;
  const point = mountPoint(path);
  if (point === "/") return `mount path "${path}" is the root folder of the host: choose a folder below, such as /srv`;
  if (peoplesFolders.has(point))
    return `mount path "${path}" would hide what the host has in ${point}: choose a folder below`;
  const folder = systemFolders.find((system) => point === system || point.startsWith(`${system}/`));
  return folder === undefined
    ? undefined
    : `mount path "${path}" is in ${folder}, which belongs to the system: choose another, such as one below /srv`;
};

/** `invalid-config`: a mount path at the root of a host, in a system folder, or with `..`. */
const mountPaths: NodeRule<StorageNode> = (volumes, { edges }) => [
  ...volumes.flatMap(({ id, mountPath }) => {
    const fault = pathFault(mountPath);
    return fault === undefined ? [] : [error("invalid-config", { nodes: [id] }, `storage \`${id}\`: ${fault}`)];
  }),
  ...edges.flatMap((edge) => {
    const fault = edge.type === "mounts-volume" && edge.mountPath !== undefined ? pathFault(edge.mountPath) : undefined;
    if (fault === undefined) return [];
    const identity = edgeIdentity(edge);
    return [
      error("invalid-config", { nodes: [edge.from, edge.to], edges: [identity] }, `edge \`${identity}\`: ${fault}`),
    ];
  }),
];

/**
 * `storage-conflict`: a `read-write-once` volume with two writers. These are two nodes that mount it without
 * `readOnly`, or one such node on several hosts.
 */
const twoWriters: NodeRule<StorageNode> = (volumes, { types, placements, to }) =>
  volumes.flatMap(({ id: volume, accessMode }) => {
    if (accessMode !== "read-write-once") return [];
    const uses = to(volume, "mounts-volume").filter(({ readOnly, from }) => readOnly !== true && types.has(from));
    const writers = [...new Set(uses.map(({ from }) => from))].sort();
    const hosts = [...new Set(writers.flatMap((id) => placements.get(id) ?? []))].sort();
    if (writers.length < 2 && hosts.length < 2) return [];
    const where = hosts.length < 2 ? "" : ` on hosts ${named(hosts)}`;
    return [
      error(
        "storage-conflict",
        { nodes: [volume, ...writers], edges: uses.map(edgeIdentity).sort() },
        `storage \`${volume}\`: it takes one writer (read-write-once) and has ${named(writers)}${where}: mount it \`readOnly\`, make it ` +
          "`read-write-many` or give each writer its own",
      ),
    ];
  });

/** `storage-conflict`: two volumes mounted at the same path of a host. The first one in the document keeps the path. */
const samePath: NodeRule<StorageNode> = (volumes, { edges, placements }) => {
  const byId = new Map(volumes.map((volume) => [volume.id, volume]));
  const holders = new Map<string, string>();
  const problems = new Map<string, Problem>();
  for (const edge of edges) {
    const volume = edge.type === "mounts-volume" ? byId.get(edge.to) : undefined;
    if (edge.type !== "mounts-volume" || volume === undefined) continue;
    const path = mountPoint(edge.mountPath ?? volume.mountPath);
    for (const host of placements.get(edge.from) ?? []) {
      const place = `${host} ${path}`;
      const holder = holders.get(place) ?? volume.id;
      holders.set(place, holder);
      if (holder === volume.id) continue;
      problems.set(
        `${place} ${volume.id}`,
        error(
          "storage-conflict",
          { nodes: [volume.id, holder].sort(), edges: [edgeIdentity(edge)] },
          `storage \`${volume.id}\`: ${path} of host \`${host}\` is taken by \`${holder}\`: give the edge of \`${edge.from}\` ` +
            "another `mountPath`",
        ),
      );
    }
  }
  return [...problems.values()];
};

export const storage: NodeTypeDefinition<StorageNode> = {
  schema: StorageNode,
  meaning: "A volume that other nodes mount.",
  port: nothing,
  portUse: {},
  innerPorts: none,
  programs: none,
  metricsPort: nothing,
  monitoredPorts: none,
  onceAHost: nothing,
  // Network file systems and object stores may be outside the graph.
  needsHost: isLocal,
  encryptionRemedy: nothing,
  picture: { detail: ({ size }) => size, mermaid: ["[(", ")]"], graphviz: "folder" },
  rules: [mountPaths, twoWriters, samePath],
};
