import type { Node } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { isGuarded, monitoredServer } from "../../database/mongodb/specification.ts";
import { loopback } from "../../host/addresses.ts";
import type { Place } from "../../node-kind.ts";
import { monitorPasswordFile, monitorPasswordUnit } from "../monitor-password.ts";
import { redisTargetOf } from "./redis-target.ts";

/** A server that asks an exporter for a password. */
export interface Account {
  /** What the exporter knows the server by. */
  readonly uri: string;
  /** The file with the password, for root alone. The server has none where the operator has not put one there. */
  readonly password: string;
  /** The unit that makes the file, if the host does. */
  readonly unit?: string;
}

/** How an exporter gets into the servers that it looks at. */
export interface ExporterAccess {
  readonly accounts: ReadonlyArray<Account>;
  /** One of them speaks TLS only, with a certificate that it has made for itself. */
  readonly encrypted: boolean;
}

/**
 * What the exporter of a node on a host needs to get in. PostgreSQL and MySQL know theirs as a user of the host, and
 * NATS and RabbitMQ show their figures to whoever reaches their port for that.
 */
export const accessOf = (node: Node, at: Place): ExporterAccess => {
  const redis = redisTargetOf(node, at);
  if (redis !== undefined)
    return {
      accounts: redis.account === undefined ? [] : [redis.account],
      encrypted: redis.uri.startsWith("rediss:"),
    };
  return { accounts: mongodbAccounts(node, at), encrypted: false };
};

const mongodbAccounts = (node: Node, at: Place): ReadonlyArray<Account> =>
  node.type === "database" && node.engine === "mongodb" && isGuarded(node, at)
    ? [
        {
          uri: `mongodb://${loopback}:${portOf(node) ?? 27017}`,
          password: monitorPasswordFile(monitoredServer),
          unit: monitorPasswordUnit(monitoredServer),
        },
      ]
    : [];
