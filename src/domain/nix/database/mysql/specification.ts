import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import type { Place } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt, databasesOf, replicationPassword } from "../access.ts";
import { type BackupPlan, backupPlanOf, noBackup } from "../backup.ts";
import { type DataFolder, dataFolderOf } from "../data-folder.ts";
import { isFirst, numberOf, rootOf, standbysOf, type Upstream, upstreamOf } from "../replication.ts";

/** The MySQL server of a host. */
export interface MysqlSpecification {
  readonly type: "database";
  readonly engine: "mysql";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** The names of the databases, each owned by a user of the same name. */
  readonly databases: ReadonlyArray<string>;
  /** Whether clients or standbys on other hosts reach the server. Otherwise it listens on the loopback only. */
  readonly reachable: boolean;
  /** TLS. If the graph has clients without TLS, `plain` is true and the server accepts them. */
  readonly tls?: Tls & { readonly plain: boolean };
  /** Whether another server copies this one. */
  readonly isCopied: boolean;
  /** The server that this one copies. */
  readonly upstream?: Upstream;
  /** The server's own number among all servers that hold the same data. */
  readonly serverId: number;
  /** The file with the password of the user that standbys log in as. */
  readonly replicationPassword: string;
  readonly folder?: DataFolder;
  /** The times of its backups, and the place that they are copied to. */
  readonly backups: BackupPlan;
}

/** Schemas that every server has. No user of the graph may own them. */
const reserved = new Set(["information_schema", "mysql", "performance_schema", "sys"]);

/** The folder that NixOS uses. */
export const usualFolder = "/var/lib/mysql";

/** Returns the server of a node on a host, without the requirements that edges put on its unit. */
export const serverAt = (node: DatabaseNode, at: Place): Omit<MysqlSpecification, "unit"> => {
  const clients = clientsAt(node, at);
  const isCopied = standbysOf(node, at).length > 0;
  return defined({
    type: "database",
    engine: "mysql",
    id: node.id,
    version: node.version,
    port: portOf(node) ?? 3306,
    databases: databasesOf(node).filter((name) => !reserved.has(name.toLowerCase())),
    reachable: isCopied || clients.length > 0,
    tls: clients.some(({ encrypted }) => encrypted)
      ? { subjects: subjectsOf(node.id, at.host), plain: clients.some(({ encrypted }) => !encrypted) }
      : undefined,
    isCopied,
    upstream: upstreamOf(node, at),
    serverId: numberOf(`${node.id}/${at.host.id}`),
    replicationPassword: replicationPassword(rootOf(node, at.topology).id),
    folder: dataFolderOf(node, at, usualFolder),
    backups: isFirst(node, at) ? backupPlanOf(node) : noBackup,
  });
};
