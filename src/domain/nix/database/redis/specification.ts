import type { DatabaseNode } from "../../../graph/node.ts";
import { redisServersPort } from "../../../graph/node-types/database.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { secretFile } from "../../host/secrets.ts";
import type { Place } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt } from "../access.ts";
import { type BackupPlan, backupPlanOf, noBackup } from "../backup.ts";
import { type DataFolder, dataFolderOf } from "../data-folder.ts";
import { isCopied, isFirst, rootOf, standbysOf, upstreamOf } from "../replication.ts";

/** A Redis server of a host. */
export interface RedisSpecification {
  readonly type: "database";
  readonly engine: "redis";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** Whether the server writes every change to disk. Otherwise it writes nothing. */
  readonly persistent: boolean;
  /** Whether clients or standbys on other hosts reach the server. Otherwise it listens on the loopback only. */
  readonly reachable: boolean;
  /** TLS for all clients. A port of Redis accepts either TLS or plain text. */
  readonly tls?: Tls;
  /** A port without TLS for standbys, if the node's own port uses TLS. */
  readonly standbyPort?: number;
  /** The server that this one copies. */
  readonly upstream?: { readonly address: string; readonly port: number };
  /** The file with the password of this server and of all servers that hold the same data. */
  readonly password: string;
  readonly folder?: DataFolder;
  /** The times of its backups, and the place that they are copied to. */
  readonly backups: BackupPlan;
}

/** Whether a server of a node uses TLS with its clients. It then refuses plain text on that port. */
export const isEncrypted = (node: DatabaseNode, at: Place): boolean =>
  clientsAt(node, at).some(({ encrypted }) => encrypted);

/**
 * Returns the port on which a server of a node accepts its standbys. The port has no TLS: each server makes its own
 * certificate, so servers cannot verify each other.
 */
export const copiedPort = (node: DatabaseNode, at: Place): number => {
  const port = portOf(node) ?? 6379;
  return isEncrypted(node, at) ? redisServersPort(port) : port;
};

const upstreamAt = (node: DatabaseNode, at: Place): RedisSpecification["upstream"] => {
  const upstream = upstreamOf(node, at);
  const source = upstream === undefined ? undefined : at.topology.nodes.get(upstream.node);
  if (upstream === undefined || source?.type !== "database") return undefined;
  const [host] = at.topology.hostsOf(source.id);
  return {
    address: upstream.address,
    port: host === undefined ? upstream.port : copiedPort(source, { ...at, host }),
  };
};

/** Returns the file with the password of a server. The operator may leave it out. */
export const passwordFileOf = (node: DatabaseNode, { topology }: Place): string =>
  secretFile(rootOf(node, topology).id, "password");

/** Returns the server of a node on a host, without the requirements that edges put on its unit. */
export const serverAt = (node: DatabaseNode, at: Place): Omit<RedisSpecification, "unit"> => {
  const port = portOf(node) ?? 6379;
  const encrypted = isEncrypted(node, at);
  const persistent = node.persistent ?? true;
  return defined({
    type: "database",
    engine: "redis",
    id: node.id,
    version: node.version,
    port,
    persistent,
    reachable: standbysOf(node, at).length + clientsAt(node, at).length > 0,
    tls: encrypted ? { subjects: subjectsOf(node.id, at.host) } : undefined,
    standbyPort: encrypted && isCopied(node, at) ? redisServersPort(port) : undefined,
    upstream: upstreamAt(node, at),
    password: passwordFileOf(node, at),
    folder: persistent ? dataFolderOf(node, at, `/var/lib/${redisUnit(node.id)}`) : undefined,
    backups: isFirst(node, at) ? backupPlanOf(node) : noBackup,
  });
};
