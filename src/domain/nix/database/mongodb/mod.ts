import type { DatabaseNode } from "../../../graph/node.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { monitorPasswordUnit } from "../../monitoring/monitor-password.ts";
import type { NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { ownerSecrets } from "../access.ts";
import { backupUnits } from "../backup.ts";
import { dataFolderUnit, dataPathIn } from "../data-folder.ts";
import { membersOf } from "../replication.ts";
import { keyUnit, mongodbOptions, setupUnit } from "./options.ts";
import {
  type MongodbSpecification,
  mongodbPort,
  monitoredServer,
  needsSetup,
  serverAt,
  usualFolder,
} from "./specification.ts";

/** MongoDB: `services.mongodb` of NixOS, which runs one server on a host. */
export const mongodb: NodeKind<DatabaseNode, MongodbSpecification> = {
  unit: () => "mongodb.service",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      "mongodb.service",
      ...(server.tls === undefined ? [] : [certificateUnit("mongodb")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      ...(server.replicaSet === undefined ? [] : [keyUnit]),
      ...(server.monitored ? [monitorPasswordUnit(monitoredServer)] : []),
      ...(needsSetup(server) ? [setupUnit] : []),
      ...backupUnits(node.id, server.backups),
    ];
  },
  data: (node, at) => dataPathIn(serverAt(node, at).folder, usualFolder),
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  // Any member of a replica set can become its primary, so each member must reach every other one.
  ownPaths: (node, { topology, host }) =>
    [...new Set(membersOf(node, topology).map((member) => member.node.id))].flatMap((member) =>
      pathsFrom(topology, host, tcp(member, node.id, mongodbPort(node))),
    ),
  secrets: (specification) => [
    ...(needsSetup(specification) ? ownerSecrets(specification.id, specification.databases) : []),
    ...(specification.replicaSet === undefined
      ? []
      : [
          {
            path: specification.replicaSet.key,
            node: specification.id,
            content: "key of the replica set: 6 to 1024 characters of base64, the same on the hosts of all members",
          },
        ]),
  ],
  options: mongodbOptions,
};
