import type { MountsVolumeEdge } from "../../graph/edge.ts";
import type { GraphIndex } from "../../graph/graph-index.ts";
import type { HostNode, StorageNode } from "../../graph/node.ts";
import { isLocal, isOutside, mountPoint, objectStorePorts } from "../../graph/node-types/storage.ts";
import { hostInUrl } from "../host/network.ts";
import { secretFile } from "../host/secrets.ts";
import type { Place } from "../node-kind.ts";
import { longestAccount, shortened } from "../unit/names.ts";

/** The way in which a host gets a volume. */
export type VolumeSource =
  /** The host's own folder, at the volume's path. */
  | { readonly kind: "folder" }
  /** The host's own disk. */
  | { readonly kind: "disk"; readonly device: string }
  /** A folder of another machine, by NFS. */
  | { readonly kind: "nfs"; readonly device: string }
  /** A bucket of a remote object store, in rclone's form. */
  | { readonly kind: "bucket"; readonly remote: string };

/**
 * Returns the host that lets other hosts use a volume: the first host that it runs on. It is undefined if the volume is
 * outside the graph.
 */
const serverOf = (topology: GraphIndex, volume: StorageNode): HostNode | undefined =>
  isOutside(volume) ? undefined : topology.hostsOf(volume.id)[0];

/** Whether a host has a volume itself. A disk is on each host that it runs on. A shared volume is on one host. */
export const isHere = ({ topology, host }: Place, volume: StorageNode): boolean =>
  isLocal(volume) ? topology.runsOn(volume.id, host.id) : serverOf(topology, volume)?.id === host.id;

/** Returns the way in which a host gets a volume that it has, or that its nodes mount. */
export const sourceOf = (place: Place, volume: StorageNode): VolumeSource => {
  const { id, kind, mountPath } = volume;
  // NixOS refuses a device that is only white space.
  const device = volume.device?.trim() === "" ? undefined : volume.device;
  if (isHere(place, volume)) {
    if (device !== undefined) return { kind: "disk", device };
    return kind === "block-storage" ? { kind: "disk", device: `/dev/disk/by-partlabel/${id}` } : { kind: "folder" };
  }
  const server = serverOf(place.topology, volume);
  if (kind === "object-store") return { kind: "bucket", remote: bucketOf(place.topology, volume, server) };
  return {
    kind: "nfs",
    device: server === undefined ? (device ?? `${id}:${mountPoint(mountPath)}`) : exportOf(server, mountPath),
  };
};

const exportOf = ({ address }: HostNode, path: string): string => `${hostInUrl(address)}:${mountPoint(path)}`;

/** Whether a node that mounts a volume through an edge may only read it. */
export const isReadOnly = ({ accessMode }: StorageNode, edge: Pick<MountsVolumeEdge, "readOnly">): boolean =>
  accessMode === "read-only-many" || edge.readOnly === true;

/** A node that uses a volume from a host that does not have the volume itself. */
export interface VolumeClient {
  readonly node: string;
  readonly host: HostNode;
  readonly readOnly: boolean;
}

/**
 * Returns the clients of a volume on other hosts: the nodes that mount it there, and the volume itself on each host
 * that it runs on but is not kept on.
 */
export const clientsOfVolume = (topology: GraphIndex, volume: StorageNode): ReadonlyArray<VolumeClient> =>
  [{ from: volume.id, readOnly: false }, ...topology.to(volume.id, "mounts-volume")].flatMap((edge) =>
    topology
      .hostsOf(edge.from)
      .filter((host) => !isHere({ topology, host }, volume))
      .map((host) => ({ node: edge.from, host, readOnly: isReadOnly(volume, edge) })),
  );

/** Returns the group whose members may write in a volume on their host. */
export const volumeGroup = (id: string): string => shortened(`cim-vol-${id}`, longestAccount);

/** Returns the port on which a host serves an object store that runs on it. */
export const objectStorePort = (topology: GraphIndex, { id }: StorageNode, server: Pick<HostNode, "id">): number =>
  objectStorePorts(topology.residents.get(server.id) ?? []).get(id) ?? 0;

/**
 * Returns the file with the key of an object store, for its server and for every host that mounts it: an AWS
 * credentials file.
 */
export const credentialsFile = (id: string): string => secretFile(id, "credentials");

/** The description of that file for the operator. */
export const credentialsContent =
  "an AWS credentials file: a line [default], and aws_access_key_id and aws_secret_access_key (name = value)";

/** Returns a value in a remote of rclone (https://rclone.org/docs/#connection-strings). */
const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

const remote = (id: string, provider: string, bucket: string, endpoint?: string): string =>
  `:s3,provider=${provider},env_auth=true,shared_credentials_file=${quoted(credentialsFile(id))}` +
  `${endpoint === undefined ? "" : `,endpoint=${quoted(endpoint)}`}:${bucket}`;

/**
 * Returns a bucket in rclone's form. If a host of the graph serves the bucket, it is there. Otherwise `device` names
 * it: `https://…/bucket`, or the name of a bucket of Amazon S3, with or without `s3://`.
 */
const bucketOf = (topology: GraphIndex, volume: StorageNode, server: HostNode | undefined): string => {
  const { id, device } = volume;
  if (server !== undefined) {
    const port = objectStorePort(topology, volume, server);
    return remote(id, "Rclone", id, `http://${hostInUrl(server.address)}:${port}`);
  }
  const url = /^(?<endpoint>https?:\/\/[^/]+)\/*(?<bucket>.*)$/su.exec(device ?? "")?.groups;
  if (url?.endpoint !== undefined) return remote(id, "Other", url.bucket ?? "", url.endpoint);
  return remote(id, "AWS", (device ?? id).replace(/^s3:\/\//, ""));
};
