import { Schema } from "effect";
import { always, anotherPort, identity, type NodeRule, type NodeTypeDefinition, none, nothing } from "../node-type.ts";
import { error } from "../problem.ts";
import { AbsolutePath, described, NonEmptyText, optional, Port, PositiveNumber } from "../values.ts";

/** Spreads requests over the services it has `load-balances` edges to. */
export const LoadBalancerNode = Schema.Struct({
  ...identity("load-balancer"),
  strategy: described(
    Schema.Literals(["round-robin", "least-connections", "ip-hash", "random", "weighted"]),
    "How the next service is chosen.",
  ),
  port: described(Port, "The TCP port that clients use."),
  public: optional(Schema.Boolean, "Whether the port is open to everyone outside the deployment; false unless given."),
  serverName: optional(NonEmptyText, "The DNS name that clients use."),
  tls: optional(
    Schema.Struct({
      certificateFile: described(AbsolutePath, "The file of the certificate chain on the host, as PEM."),
      keyFile: described(AbsolutePath, "The file of the private key on the host, as PEM."),
    }),
    "The certificate that clients see; without it they talk unencrypted.",
  ),
  healthCheckIntervalSeconds: optional(PositiveNumber, "The time between two checks of a service, in seconds."),
}).annotate({ identifier: "LoadBalancerNode" });
export type LoadBalancerNode = typeof LoadBalancerNode.Type;

/** Returns the monitoring port. It derives from the load balancer's own port, so it is unique on the host too. */
const metricsPort = ({ port }: LoadBalancerNode): number => (port <= 55_535 ? port + 10_000 : port - 10_000);

/** `no-backend`: a load balancer without a `load-balances` edge to a service. */
const noBackend: NodeRule<LoadBalancerNode> = (_, { types, edges }) => {
  const served = new Set(
    edges.filter(({ type, to }) => type === "load-balances" && types.get(to) === "service").map(({ from }) => from),
  );
  // The type is enough for this rule, so it also covers load balancers that are otherwise invalid.
  return [...types]
    .filter(([id, type]) => type === "load-balancer" && !served.has(id))
    .map(([id]) =>
      error(
        "no-backend",
        { nodes: [id] },
        `load balancer \`${id}\`: it has no service to pass requests to: add a \`load-balances\` edge`,
      ),
    );
};

export const loadBalancer: NodeTypeDefinition<LoadBalancerNode> = {
  schema: LoadBalancerNode,
  meaning: "Spreads requests over the services it has `load-balances` edges to.",
  port: ({ port }) => port,
  portUse: { choice: anotherPort },
  innerPorts: none,
  programs: none,
  metricsPort,
  monitoredPorts: (node) => [
    { port: metricsPort(node), node: node.id, what: "its monitoring port", choice: anotherPort },
  ],
  onceAHost: nothing,
  needsHost: always,
  encryptionRemedy: (node) => (node.public === true && node.tls === undefined ? "add `tls`" : undefined),
  picture: { detail: ({ port }) => `port ${port}`, mermaid: ["{{", "}}"], graphviz: "hexagon" },
  rules: [noBackend],
};
