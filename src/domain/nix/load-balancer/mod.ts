import type { LoadBalancerNode, ServiceNode } from "../../graph/node.ts";
import { metricsPort } from "../../graph/ports.ts";
import { everywhere, hostInUrl, loopback } from "../host/addresses.ts";
import { backendPort } from "../host/network.ts";
import { isMonitored, observersOf } from "../monitoring/monitored.ts";
import type { NodeKind, Place, Site } from "../node-kind.ts";
import { unitName } from "../unit/names.ts";
import type { UnitRequirements } from "../unit/systemd.ts";
import { type Backend, type Balancing, certificateName, keyName } from "./haproxy.ts";
import { haproxyOptions } from "./options.ts";

/** The HAProxy of one load balancer on a host. */
export interface LoadBalancerSpecification {
  readonly type: "load-balancer";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly balancing: Balancing;
  /** `LoadCredential`s: files that only root can read, by the name that the program finds them under. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly bindsPrivilegedPort: boolean;
}

/** Each load balancer is a program of its own, so that none fails or restarts with another one. */
export const loadBalancer: NodeKind<LoadBalancerNode, LoadBalancerSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: ({ id }) => [`${unitName(id)}.service`],
  specify: (node, site) => ({
    type: "load-balancer",
    id: node.id,
    unit: site.unit,
    balancing: balancingOf(node, site),
    credentials:
      node.tls === undefined ? {} : { [certificateName]: node.tls.certificateFile, [keyName]: node.tls.keyFile },
    bindsPrivilegedPort: node.port < 1024,
  }),
  publicPorts: ({ public: open, port }) => (open === true ? [port] : []),
  secrets: ({ id, credentials }) =>
    Object.entries(credentials).map(([name, path]) => ({
      path,
      node: id,
      content:
        name === keyName
          ? "the private key of the load balancer's TLS certificate (PEM)"
          : "the load balancer's TLS certificate, followed by its chain (PEM)",
    })),
  options: haproxyOptions,
};

const balancingOf = (node: LoadBalancerNode, { host, topology, clients }: Site): Balancing => {
  const targets = targetsOf(node, { host, topology });
  const observers = observersOf(topology, node).filter(({ id }) => id !== host.id);
  const port = metricsPort(node);
  return {
    mode: targets.some(({ service }) => service.healthCheck?.kind === "tcp") ? "tcp" : "http",
    strategy: node.strategy,
    listen: node.public === true ? `:::${node.port} v4v6` : listening([host, ...clients], node.port),
    ...(node.serverName === undefined ? {} : { serverName: node.serverName }),
    tls: node.tls !== undefined,
    ...(isMonitored(topology, node) && port !== undefined
      ? { metricsListen: listening([host, ...observers], port) }
      : {}),
    backends: targets.map(({ backend }) => backend),
  };
};

/** Where to listen for clients on these hosts, of which the first is the own one. */
const listening = (ends: ReadonlyArray<{ readonly address: string }>, port: number): string => {
  const address = ends.length === 1 ? loopback : everywhere(ends);
  return address === "::" ? `:::${port} v4v6` : `${hostInUrl(address)}:${port}`;
};

interface Target {
  readonly service: ServiceNode;
  readonly backend: Backend;
}

/** What a load balancer takes for well, where a service's health check does not say. */
const checkDefaults = { intervalSeconds: 5, timeoutSeconds: 5, retries: 2 };

/** The services behind a load balancer, with all of their replicas. The weights of several edges to one add up. */
const targetsOf = (node: LoadBalancerNode, { host, topology }: Place): ReadonlyArray<Target> =>
  [...Map.groupBy(topology.from(node.id, "load-balances"), ({ to }) => to)].flatMap(([to, edges]) => {
    const service = topology.nodes.get(to);
    if (service?.type !== "service") return [];
    const checked = edges.some(({ healthCheck = true }) => healthCheck);
    const backend = {
      node: to,
      port: backendPort(service),
      weight: Math.min(
        Number.MAX_VALUE,
        edges.reduce((sum, { weight = 1 }) => sum + weight, 0),
      ),
      ...(checked ? { check: checkOf(node, service) } : {}),
      replicas: topology
        .hostsOf(to)
        .map(({ id, address }) => ({ host: id, address: id === host.id ? loopback : address })),
    };
    return [{ service, backend }];
  });

const checkOf = (
  { healthCheckIntervalSeconds }: LoadBalancerNode,
  { healthCheck }: ServiceNode,
): NonNullable<Backend["check"]> => ({
  ...(healthCheck?.kind === "http" ? { path: healthCheck.path ?? "/" } : {}),
  intervalSeconds: healthCheckIntervalSeconds ?? healthCheck?.intervalSeconds ?? checkDefaults.intervalSeconds,
  timeoutSeconds: healthCheck?.timeoutSeconds ?? checkDefaults.timeoutSeconds,
  failures: Math.min((healthCheck?.retries ?? checkDefaults.retries) + 1, 1000),
});
