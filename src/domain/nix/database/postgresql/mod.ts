import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import type { NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { ownerSecrets } from "../access.ts";
import { backupUnits, restoreUnit } from "../backup.ts";
import { dataFolderUnit, dataPathIn } from "../data-folder.ts";
import { isFirst } from "../replication.ts";
import { passwordUnit, postgresqlOptions, slotsUnit, standbyUnit } from "./options.ts";
import { ownedDatabases, type PostgresqlSpecification, serverAt } from "./specification.ts";

/** PostgreSQL: `services.postgresql` of NixOS, which runs one server on a host. */
export const postgresql: NodeKind<DatabaseNode, PostgresqlSpecification> = {
  unit: () => "postgresql.target",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      "postgresql.service",
      "postgresql.target",
      "postgresql-setup.service",
      ...(server.tls === undefined ? [] : [certificateUnit("postgresql")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      server.upstream === undefined ? passwordUnit : standbyUnit,
      slotsUnit,
      ...backupUnits(node.id, server.backups),
      ...(server.backups.times.length > 0 && server.databases.length > 0 ? [`${restoreUnit(node.id)}.service`] : []),
    ];
  },
  data: (node, at) => {
    const { folder, version } = serverAt(node, at);
    const major = version?.split(".")[0];
    return dataPathIn(folder, "/var/lib/postgresql", major === undefined ? "" : `/${major}`);
  },
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  ownPaths: (node, at) =>
    isFirst(node, at) ? pathsFrom(at.topology, at.host, tcp(node.id, node.id, portOf(node) ?? 5432)) : [],
  secrets: ({ id, databases, upstream, standbys, replicationPassword: path }) => [
    ...(upstream === undefined ? ownerSecrets(id, ownedDatabases(databases)) : []),
    ...(upstream === undefined && standbys.length === 0
      ? []
      : [{ path, node: id, content: "password that standbys of PostgreSQL log in with; the same on all their hosts" }]),
  ],
  options: postgresqlOptions,
};
