import type { DatabaseNode } from "../../../graph/node.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import type { NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import { backupUnits } from "../backup.ts";
import { dataFolderUnit, dataPathIn } from "../data-folder.ts";
import { standbysOf } from "../replication.ts";
import { passwordUnit, redisOptions } from "./options.ts";
import { copiedPort, type RedisSpecification, serverAt } from "./specification.ts";

/** Redis as a database: a server of `services.redis` of NixOS, which runs any number of them on a host. */
export const redis: NodeKind<DatabaseNode, RedisSpecification> = {
  unit: ({ id }) => `${redisUnit(id)}.service`,
  units: (node, at) => {
    const server = serverAt(node, at);
    const { id } = node;
    return [
      `${redisUnit(id)}.service`,
      passwordUnit(id),
      ...(server.tls === undefined ? [] : [certificateUnit(redisUnit(id))]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(id)]),
      ...backupUnits(id, server.backups),
    ];
  },
  data: (node, at) => {
    const { persistent, folder } = serverAt(node, at);
    return persistent ? dataPathIn(folder, `/var/lib/${redisUnit(node.id)}`) : undefined;
  },
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  ownPaths: (node, at) =>
    standbysOf(node, at).flatMap((standby) =>
      pathsFrom(at.topology, at.host, tcp(standby.node, node.id, copiedPort(node, at))),
    ),
  secrets: ({ id, password }) => [
    {
      path: password,
      node: id,
      content: "password of the Redis server; without it everybody may use it whom the firewall lets in",
    },
  ],
  options: redisOptions,
};
