import type { MessageBusNode } from "../../../graph/node.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { monitorPasswordUnit } from "../../monitoring/monitor-password.ts";
import { isMonitored } from "../../monitoring/monitored.ts";
import { kept, type NodeKind, type Place } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import { encryptionOf, passwordSecret, permissionsOf } from "../clients.ts";
import { redisOptions, trimUnit } from "./options.ts";
import { leads, portsOf, type RedisBusSpecification, replicaUser, retentionOf, specifyRedis } from "./specification.ts";

/** Whether the exporter of a bus has its own user there. */
const hasMonitor = (node: MessageBusNode, { topology }: Place): boolean =>
  isMonitored(topology, node) && permissionsOf(topology, node.id).length > 0;

/** Redis as a message bus: a server of `services.redis` of NixOS, which runs any number of them on a host. */
export const redis: NodeKind<MessageBusNode, RedisBusSpecification> = {
  unit: ({ id }) => `${redisUnit(id)}.service`,
  units: (node, place) => [
    `${redisUnit(node.id)}.service`,
    ...(retentionOf(node, place).length === 0 ? [] : [`${trimUnit(node.id)}.service`, `${trimUnit(node.id)}.timer`]),
    ...(hasMonitor(node, place) ? [monitorPasswordUnit(redisUnit(node.id))] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit(redisUnit(node.id))] : []),
  ],
  data: ({ id, persistence }) => (persistence === true ? kept(`/var/lib/${redisUnit(id)}`) : undefined),
  specify: specifyRedis,
  ownPaths: (node, place) => {
    const { port, serverPort = port } = portsOf(place.topology, node);
    return leads(node, place) ? pathsFrom(place.topology, place.host, tcp(node.id, node.id, serverPort)) : [];
  },
  secrets: ({ id, permissions, users }) => [
    ...permissions.map(({ node }) => passwordSecret(id, node, id)),
    ...(users.some(({ name }) => name === replicaUser) ? [passwordSecret(id, replicaUser, id)] : []),
  ],
  options: redisOptions,
};
