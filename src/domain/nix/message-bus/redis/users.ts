import { monitorPasswordFile } from "../../monitoring/monitor-password.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import { type Permission, passwordFile } from "../clients.ts";

/** Somebody whom the server knows by a password, and what it may do, as an ACL file says it. */
export interface RedisUser {
  readonly name: string;
  readonly rules: string;
  /** The file with the password; without any the server makes one up whenever it starts. */
  readonly password?: string;
}

/** Whom followers are to their leader. No node has an id with an underscore. */
export const replicaUser = "cim_replica";

/** Whom the exporter is. */
export const monitorUser = "cim_monitor";

/** Whom the unit is that drops old messages. */
export const trimUser = "cim_trim";

/**
 * A pattern for exactly this name. White space separates the rules of an ACL file, which has no quotes: it is matched by
 * any character.
 */
const exactly = (name: string): string => name.replaceAll(/[*?[\]\\^]/g, "\\$&").replaceAll(/[\s\u0000-\u001f]/g, "?");

/** What every client may do: say who it is, and stop listening. */
const common = [
  ...["+auth", "+hello", "+ping", "+echo", "+reset", "+quit"],
  ...["+client|id", "+client|getname", "+client|setname", "+command"],
  ...["+unsubscribe", "+punsubscribe", "+sunsubscribe"],
];

/** The channels of a topic: its own name and what is below it. */
const channels = (topic: string): string => `&${exactly(topic)} &${exactly(topic)}.*`;

const publishing = (topic: string): string => `(+publish +spublish +xadd ${channels(topic)} %W~${exactly(topic)})`;

const subscribing = (topic: string): string =>
  `(+subscribe +psubscribe +ssubscribe +xread +xrange +xrevrange +xlen ${channels(topic)} %R~${exactly(topic)})`;

/** Groups are in the stream itself: who belongs to one writes there, if no messages. */
const grouped = (topic: string): string =>
  `(+xgroup|create +xgroup|createconsumer +xreadgroup +xack +xpending +xclaim +xautoclaim ~${exactly(topic)})`;

/** What an exporter reads: figures and settings, no message. */
const monitoring = [
  ...["+ping", "+info", "+config|get", "+client|setname", "+command|info"],
  ...["+latency|latest", "+latency|histogram", "+slowlog|get", "+slowlog|len"],
];

/** The users of a server. Nobody where the graph gives nobody a right. */
export const usersOf = (
  bus: string,
  permissions: ReadonlyArray<Permission>,
  { replicated, trimmed, monitored }: Readonly<Record<"replicated" | "trimmed" | "monitored", boolean>>,
): ReadonlyArray<RedisUser> => {
  if (permissions.length === 0) return [];
  return [
    ...permissions.map(({ node, publish, subscribe }) => ({
      name: node,
      password: passwordFile(bus, node),
      rules: [
        "resetchannels",
        "-@all",
        ...common,
        ...publish.map(({ topic }) => publishing(topic)),
        ...subscribe.map(({ topic }) => subscribing(topic)),
        ...subscribe.flatMap(({ topic, consumerGroup }) => (consumerGroup === undefined ? [] : [grouped(topic)])),
      ].join(" "),
    })),
    ...(replicated
      ? [
          {
            ...{ name: replicaUser, password: passwordFile(bus, replicaUser) },
            rules: "resetchannels -@all +psync +replconf +ping",
          },
        ]
      : []),
    ...(trimmed ? [{ name: trimUser, rules: "resetchannels ~* -@all +xtrim" }] : []),
    ...(monitored
      ? [
          {
            ...{ name: monitorUser, password: monitorPasswordFile(redisUnit(bus)) },
            rules: ["resetchannels", "-@all", ...monitoring].join(" "),
          },
        ]
      : []),
  ];
};
