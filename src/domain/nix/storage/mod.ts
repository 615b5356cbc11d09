import type { StorageNode } from "../../graph/node.ts";
import { mountPoint, nfsPort } from "../../graph/node-types/storage.ts";
import { everywhere, loopback } from "../host/addresses.ts";
import { pathsFrom, tcp } from "../host/network.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  interpolation,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import type { NodeKind, Place, Site } from "../node-kind.ts";
import { commandLine } from "../unit/command-line.ts";
import { unitName } from "../unit/names.ts";
import { programPath } from "../unit/programs.ts";
import { orderingBindings, serviceConfigBindings, type UnitRequirements } from "../unit/systemd.ts";
import { squashedUser } from "./nfs.ts";
import { type ObjectServer, objectServerBindings } from "./object-server.ts";
import { credentialsContent, credentialsFile, objectStorePort } from "./object-store.ts";
import { clientsOfVolume, isHere, sourceOf, volumeGroup } from "./sources.ts";

/** A volume on a host that it runs on. File systems are mounted by the host's `volumes`. */
export interface StorageSpecification {
  readonly type: "storage";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly path: string;
  /** Who may write in a folder of this host, beside root; undefined where the volume is elsewhere, or is only read. */
  readonly writers?: { readonly group: string; readonly user?: string };
  readonly objectServer?: ObjectServer;
}

/** A volume's unit is up when the volume can be used: it is mounted, and those that mount it may write in it. */
export const storage: NodeKind<StorageNode, StorageSpecification> = {
  unit: ({ id }) => volumeUnit(id),
  units: ({ id }) => [volumeUnit(id)],
  specify: (node, site) => ({
    type: "storage",
    id: node.id,
    unit: { ...site.unit, mounts: [...site.unit.mounts, { path: mountPoint(node.mountPath), readOnly: true }] },
    path: mountPoint(node.mountPath),
    ...accessTo(node, site),
  }),
  ownPaths: (node, { topology, host }) => {
    if (!isHere({ topology, host }, node)) return [];
    const port = node.kind === "object-store" ? objectStorePort(topology, node, host) : nfsPort;
    const clients = clientsOfVolume(topology, node);
    return [...new Set(clients.map((client) => client.node))].flatMap((from) =>
      pathsFrom(topology, host, tcp(from, node.id, port)).filter((path) =>
        clients.some((client) => client.node === from && client.host.id === path.host),
      ),
    );
  },
  secrets: ({ id, objectServer }) =>
    objectServer === undefined ? [] : [{ path: credentialsFile(id), node: id, content: credentialsContent }],
  options: (specification) => [unitOption(specification)],
};

/** The unit of a volume on the hosts that it runs on. */
export const volumeUnit = (id: string): string => `${unitName(id)}.service`;

const accessTo = (
  node: StorageNode,
  { topology, host }: Site,
): Pick<StorageSpecification, "writers" | "objectServer"> => {
  const place: Place = { topology, host };
  // The root folder of a host is no volume.
  if (!isHere(place, node) || mountPoint(node.mountPath) === "/") return {};
  const clients = clientsOfVolume(topology, node).map((client) => client.host);
  const group = volumeGroup(node.id);
  if (node.kind === "object-store") {
    const listen = clients.length === 0 ? loopback : everywhere([host, ...clients]);
    const port = objectStorePort(topology, node, host);
    return { writers: { group }, objectServer: { id: node.id, path: mountPoint(node.mountPath), group, listen, port } };
  }
  if (sourceOf(place, node).kind === "disk" && node.accessMode === "read-only-many") return {};
  return { writers: { group, ...(clients.length === 0 ? {} : { user: squashedUser }) } };
};

const unitOption = ({ id, unit, path, writers, objectServer }: StorageSpecification): Binding => {
  const prepare = (prefix: string) =>
    writers === undefined
      ? commandLine(interpolation(prefix, reference("pkgs", "util-linux"), "/bin/mountpoint"), ["--quiet", path])
      : commandLine(programPath("prepareVolume", prefix), [
          ...[path, writers.group],
          ...(writers.user === undefined ? [] : [writers.user]),
        ]);
  return binding(
    ["systemd", "services", unitName(id)],
    attributes([
      binding("description", string(`${id}, a volume of the deployment graph`)),
      binding("wantedBy", strings(["multi-user.target"])),
      ...orderingBindings(unit, objectServer === undefined ? [] : ["network-online.target"]),
      ...(objectServer === undefined
        ? [
            binding(
              "serviceConfig",
              attributes([
                ...serviceConfigBindings(unit),
                binding("Type", string("oneshot")),
                binding("RemainAfterExit", boolean(true)),
                binding("ExecStart", prepare("")),
              ]),
            ),
          ]
        : // As root, whatever the server runs as.
          objectServerBindings(objectServer, unit, prepare("+"))),
    ]),
  );
};
