import type { GraphIndex } from "../../graph/graph-index.ts";
import { objectStorePorts } from "../../graph/inner-ports.ts";
import type { HostNode, StorageNode } from "../../graph/node.ts";
import { hostInUrl } from "../host/addresses.ts";
import { secretFile } from "../host/secrets.ts";

/** The port on which a host serves an object store that runs on it. */
export const objectStorePort = (topology: GraphIndex, { id }: StorageNode, server: Pick<HostNode, "id">): number =>
  objectStorePorts(topology.residents.get(server.id) ?? []).get(id) ?? 0;

/** The key of an object store, for its server and for every host that mounts it: an AWS credentials file. */
export const credentialsFile = (id: string): string => secretFile(id, "credentials");

export const credentialsContent =
  "an AWS credentials file: a line [default], and aws_access_key_id and aws_secret_access_key (name = value)";

/** A value in a remote of rclone (https://rclone.org/docs/#connection-strings). */
const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

const remote = (id: string, provider: string, bucket: string, endpoint?: string): string =>
  `:s3,provider=${provider},env_auth=true,shared_credentials_file=${quoted(credentialsFile(id))}` +
  `${endpoint === undefined ? "" : `,endpoint=${quoted(endpoint)}`}:${bucket}`;

/**
 * A bucket as rclone names it: on the host of the graph that serves it, else where `device` says: `https://…/bucket`, or
 * the name of a bucket of Amazon S3, with or without `s3://`.
 */
export const bucketOf = (
  { id, device }: StorageNode,
  server?: { readonly address: string; readonly port: number },
): string => {
  if (server !== undefined) return remote(id, "Rclone", id, `http://${hostInUrl(server.address)}:${server.port}`);
  const url = /^(?<endpoint>https?:\/\/[^/]+)\/*(?<bucket>.*)$/su.exec(device ?? "")?.groups;
  if (url?.endpoint !== undefined) return remote(id, "Other", url.bucket ?? "", url.endpoint);
  return remote(id, "AWS", (device ?? id).replace(/^s3:\/\//, ""));
};
