import type { Node } from "./node.ts";

/*
 * The ports that servers take beside the one of their clients (see `portOf`), which some are counted from.
 */

/** Where the NATS servers of one bus talk. */
export const natsClusterPort = 6222;

/** Where Kafka's controllers talk, and its brokers. */
export const kafkaControllersPort = (port: number): number => port + 1;
export const kafkaBrokersPort = (port: number): number => port + 2;

/** Where Erlang's programs, such as RabbitMQ, find each other on every host that they run on, and where they talk. */
export const erlangPort = 4369;
export const rabbitmqServersPort = (port: number): number => port + 20_000;

/** Where Redis takes other servers where its own port speaks TLS: it has one port for each kind of connection. */
export const redisServersPort = (port: number): number => (port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000);

/** Where a host lets other hosts mount its folders. */
export const nfsPort = 2049;

/** What NixOS runs on the servers and clients of NFS (rpcbind(8)). */
export const rpcPort = 111;

/** The port of the first object store of a host. */
const firstObjectStorePort = 9000;

/** The ports on which a host serves the object stores among its nodes: they are numbered in the order of these. */
export const objectStorePorts = (residents: ReadonlyArray<Node>): ReadonlyMap<string, number> =>
  new Map(
    residents
      .filter((node) => node.type === "storage" && node.kind === "object-store")
      .map(({ id }, index) => [id, firstObjectStorePort + index]),
  );
