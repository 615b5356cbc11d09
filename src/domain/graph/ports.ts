import type { DatabaseNode, MessageBusNode, Node } from "./node.ts";

const databasePorts: Readonly<Record<DatabaseNode["engine"], number | undefined>> = {
  postgresql: 5432,
  mysql: 3306,
  mongodb: 27017,
  redis: 6379,
  sqlite: undefined,
};

const busPorts: Readonly<Record<MessageBusNode["engine"], number>> = {
  nats: 4222,
  kafka: 9092,
  rabbitmq: 5672,
  redis: 6379,
};

/** The port that a node listens on: its own, else its engine's usual one; a host's is that of ssh. */
export const portOf = (node: Node): number | undefined => {
  switch (node.type) {
    case "host":
      return node.ssh?.port ?? 22;
    case "database":
      return node.engine === "sqlite" ? undefined : (node.port ?? databasePorts[node.engine]);
    case "message-bus":
      return busPorts[node.engine];
    case "service":
    case "load-balancer":
      return node.port;
    default:
      return undefined;
  }
};
