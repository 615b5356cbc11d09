import type { GraphDocument } from "../../../domain/graph/document.ts";
import { indexOf } from "../../../domain/graph/graph-index.ts";
import type { DatabaseNode } from "../../../domain/graph/node.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { graphSource, readGraph } from "./source.ts";

/** The backup of a database, and what restores the newest copies on its host. */
export interface BackupPlace {
  readonly node: string;
  readonly host: string;
  readonly engine: DatabaseNode["engine"];
  readonly schedule: string;
  readonly folder: string;
  /** Where they are copied to, on another disk. */
  readonly elsewhere?: string;
  readonly restore: string;
}

/** Each engine's way to restore copies, for a person on the host. */
const restores: Readonly<Record<DatabaseNode["engine"], (node: DatabaseNode, folder: string) => string>> = {
  postgresql: ({ id, databases = [] }, folder) =>
    databases.length === 0
      ? `zcat ${folder}/${id}.TIME.sql.gz | sudo -u postgres psql -d postgres`
      : `systemctl start cim-restore-${id}`,
  mysql: (_, folder) => `zcat ${folder}/NAME.TIME.sql.gz | mysql`,
  mongodb: (_, folder) => `zcat ${folder}/NAME.TIME.archive.gz | mongorestore --archive --drop`,
  redis: ({ id }, folder) =>
    `stop the server, move its appendonlydir away, unpack ${folder}/${id}.TIME.rdb.gz as its dump.rdb, start it once with --appendonly no, then CONFIG SET appendonly yes`,
  sqlite: ({ id }, folder) => `stop what uses it, then: zcat ${folder}/NAME.TIME.db.gz > /var/lib/sqlite/${id}/NAME.db`,
};

/** The backups that a graph has, each on the host of the primary. */
export const backupsOf = (document: GraphDocument): ReadonlyArray<BackupPlace> => {
  const graph = indexOf(document);
  return graph.nodesOf("database").flatMap((node) => {
    const [host] = graph.hostsOf(node.id);
    const { id, engine, backupSchedule: schedule, backupCopyTo } = node;
    if (host === undefined || schedule === undefined) return [];
    const folder = `/var/backup/${id}`;
    const elsewhere = backupCopyTo === undefined ? undefined : `${backupCopyTo}/${id}`;
    const restore = restores[engine](node, folder);
    return [defined({ node: id, host: host.id, engine, schedule, folder, elsewhere, restore })];
  });
};

/** `cim graph backups`: where the copies of a graph's databases are, and how they are restored. Touches nothing. */
export const graphBackups =
  (argument: string) =>
  async (cli: Invocation): Promise<number> => {
    const document = await readGraph(cli, await graphSource(argument));
    const backups = backupsOf(document);
    if (cli.output.json) cli.output.document({ graph: document.id, backups });
    const lines = backups.flatMap(({ node, host, engine, schedule, folder, elsewhere, restore }) => [
      `${node} (${engine}) on ${host}: ${schedule}, copies in ${folder}${elsewhere === undefined ? "" : ` and ${elsewhere}`}`,
      `  to restore on ${host}: ${restore}`,
    ]);
    cli.output.result(lines.length === 0 ? "no database of this graph has a backupSchedule" : lines);
    return exitCode.done;
  };
