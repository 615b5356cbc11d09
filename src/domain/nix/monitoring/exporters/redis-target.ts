import type { Node } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { isEncrypted, passwordFileOf } from "../../database/redis/specification.ts";
import { loopback } from "../../host/addresses.ts";
import { encryptionOf, permissionsOf } from "../../message-bus/clients.ts";
import { monitorUser } from "../../message-bus/redis/specification.ts";
import type { Place } from "../../node-kind.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import { monitorPasswordFile, monitorPasswordUnit } from "../monitor-password.ts";
import type { Account } from "./access.ts";

/** How the exporter on a host reaches a Redis server there: what it knows it by, and the password, if there may be one. */
export interface RedisTarget {
  readonly uri: string;
  readonly account?: Account;
}

/**
 * The Redis server of a node on a host; undefined where the node is none. redis_exporter takes a user from the URI since
 * its version 1.69, and looks for the password of exactly that URI.
 */
export const redisTargetOf = (node: Node, at: Place): RedisTarget | undefined => {
  const address = `${loopback}:${portOf(node) ?? 6379}`;
  if (node.type === "database" && node.engine === "redis") {
    const uri = `${isEncrypted(node, at) ? "rediss" : "redis"}://${address}`;
    return { uri, account: { uri, password: passwordFileOf(node, at) } };
  }
  if (node.type === "message-bus" && node.engine === "redis") {
    const scheme = encryptionOf(at.topology, node.id).encrypted ? "rediss" : "redis";
    if (permissionsOf(at.topology, node.id).length === 0) return { uri: `${scheme}://${address}` };
    const server = redisUnit(node.id);
    const uri = `${scheme}://${monitorUser}@${address}`;
    return { uri, account: { uri, password: monitorPasswordFile(server), unit: monitorPasswordUnit(server) } };
  }
  return undefined;
};
