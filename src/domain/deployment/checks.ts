import { prometheusPort } from "../graph/monitoring-ports.ts";
import type { Node } from "../graph/node.ts";
import { portOf } from "../graph/ports.ts";
import type { HealthCheck } from "../graph/values.ts";
import type { Check } from "../host/desired.ts";
import { unitName } from "../nix/mod.ts";

/** Seconds between tries, seconds a try may take, and tries after the first, where the graph does not say. */
const defaults = { intervalSeconds: 2, timeoutSeconds: 5, retries: 10 };

const tcp = (node: string, port: number | undefined): ReadonlyArray<Check> =>
  port === undefined ? [] : [{ node, kind: "tcp", port, ...defaults }];

/** A program that does not say how to see that it is well: its unit runs, and is not started again and again. */
const running = (node: string): ReadonlyArray<Check> => [
  { node, kind: "unit", unit: `${unitName(node)}.service`, ...defaults, retries: 2 },
];

/** A service's own check, where what it needs is known: a port, or a command. */
const declared = (node: string, port: number | undefined, check: HealthCheck): ReadonlyArray<Check> => {
  const { kind, path, command, ...numbers } = check;
  const timing = { ...defaults, ...numbers };
  switch (kind) {
    case "exec":
      return command === undefined ? [] : [{ node, kind, command, ...timing }];
    case "tcp":
      return port === undefined ? [] : [{ node, kind, port, ...timing }];
    case "http":
      return port === undefined ? [] : [{ node, kind, port, path: path ?? "/", ...timing }];
  }
};

/** How one sees on a host that a node is well there; nothing where the graph gives no way to see it. */
export const checksOf = (node: Node): ReadonlyArray<Check> => {
  switch (node.type) {
    case "service":
      return node.healthCheck === undefined ? running(node.id) : declared(node.id, node.port, node.healthCheck);
    case "agent":
      return node.command === undefined ? [] : running(node.id);
    case "database":
    case "message-bus":
    case "load-balancer":
      return tcp(node.id, portOf(node));
    case "monitoring":
      return [{ node: node.id, kind: "http", port: prometheusPort, path: "/-/ready", ...defaults }];
    default:
      return [];
  }
};
