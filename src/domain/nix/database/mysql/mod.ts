import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import type { NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { ownerSecrets } from "../access.ts";
import { backupUnits } from "../backup.ts";
import { dataFolderUnit, dataPathIn } from "../data-folder.ts";
import { isFirst } from "../replication.ts";
import { accountUnit, mysqlOptions, standbyUnit } from "./options.ts";
import { type MysqlSpecification, serverAt, usualFolder } from "./specification.ts";

/** MySQL: `services.mysql` of NixOS, which runs one server on a host. */
export const mysql: NodeKind<DatabaseNode, MysqlSpecification> = {
  unit: () => "mysql.service",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      "mysql.service",
      ...(server.tls === undefined ? [] : [certificateUnit("mysql")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      server.upstream === undefined ? accountUnit : standbyUnit,
      ...backupUnits(node.id, server.backups),
    ];
  },
  data: (node, at) => dataPathIn(serverAt(node, at).folder, usualFolder),
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  ownPaths: (node, at) =>
    isFirst(node, at) ? pathsFrom(at.topology, at.host, tcp(node.id, node.id, portOf(node) ?? 3306)) : [],
  secrets: ({ id, databases, upstream, isCopied, replicationPassword: path }) => [
    ...(upstream === undefined ? ownerSecrets(id, databases) : []),
    ...(upstream === undefined && !isCopied
      ? []
      : [
          {
            path,
            node: id,
            content: "password that standbys of MySQL log in with, at most 32 characters; the same on all their hosts",
          },
        ]),
  ],
  options: mysqlOptions,
};
