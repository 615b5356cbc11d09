import { Schema } from "effect";
import { bounds, List, maxKeys } from "../../kernel/mod.ts";
import {
  always,
  anotherPort,
  askedResources,
  identity,
  type NodeRule,
  type NodeTypeDefinition,
  none,
  nothing,
} from "../node-type.ts";
import { warning } from "../problem.ts";
import {
  described,
  EnvironmentFile,
  EnvironmentName,
  HealthCheck,
  NonEmptyText,
  optional,
  Port,
  Resources,
  Text,
  UserName,
} from "../values.ts";

/** A program that its hosts keep running. */
export const ServiceNode = Schema.Struct({
  ...identity("service"),
  command: described(NonEmptyText, "The program that runs, by its path or as a command of `package`."),
  args: optional(List(Text, bounds.many), "The arguments of the program, each exactly as it is given."),
  environment: optional(
    Schema.Record(EnvironmentName, Text).check(maxKeys(bounds.list)),
    "Variables of the program's environment; anyone on the host can read them.",
  ),
  environmentFiles: optional(
    List(EnvironmentFile),
    "Files on the host with `NAME=value` lines, for secrets; one that begins with `-` may be missing.",
  ),
  package: optional(NonEmptyText, "The package of nixpkgs that has the command."),
  port: optional(Port, "The TCP port that the service listens on."),
  public: optional(Schema.Boolean, "Whether the port is open to everyone outside the deployment; false unless given."),
  healthCheck: optional(HealthCheck, "How to see that the service is well."),
  resources: optional(Resources, askedResources),
  user: optional(UserName, "The user that the program runs as; one of its own unless given."),
}).annotate({ identifier: "ServiceNode" });
export type ServiceNode = typeof ServiceNode.Type;

/** Ports that use TLS from the first byte: https, smtps, ldaps, dns, imaps, pop3s, amqps, mqtts. */
const tlsPorts: ReadonlySet<number> = new Set([443, 465, 636, 853, 993, 995, 5671, 8443, 8883]);

const faultOf = ({ healthCheck, port }: ServiceNode): string | undefined => {
  if (healthCheck === undefined) return "it has no health check: add `healthCheck`";
  if (healthCheck.kind === "exec")
    return healthCheck.command === undefined ? "its health check has nothing to execute: add `command`" : undefined;
  if (healthCheck.kind === "http" && healthCheck.path?.includes("://") === true)
    return "its health check has a whole address as `path`, which is requested below its own port by plain HTTP: give the path alone, or check HTTPS by `tcp` or `exec`";
  return port === undefined ? `its ${healthCheck.kind} health check has no port to ask: add \`port\`` : undefined;
};

/** `no-health-check`: a service without a working health check, so that its health is unknown. */
export const healthChecks: NodeRule<ServiceNode> = (services) =>
  services.flatMap((service) => {
    const fault = faultOf(service);
    return fault === undefined
      ? []
      : [warning("no-health-check", { nodes: [service.id] }, `service \`${service.id}\`: ${fault}`)];
  });

export const service: NodeTypeDefinition<ServiceNode> = {
  schema: ServiceNode,
  meaning: "A program that its hosts keep running.",
  port: ({ port }) => port,
  portUse: { choice: anotherPort },
  innerPorts: none,
  programs: none,
  metricsPort: nothing,
  monitoredPorts: none,
  onceAHost: nothing,
  needsHost: always,
  encryptionRemedy: (node) =>
    node.public === true && node.port !== undefined && !tlsPorts.has(node.port)
      ? "serve TLS on port 443 or 8443, or put a load balancer with `tls` before it"
      : undefined,
  picture: {
    detail: ({ port }) => (port === undefined ? undefined : `port ${port}`),
    mermaid: ["[", "]"],
    graphviz: "box",
  },
  rules: [healthChecks],
};
