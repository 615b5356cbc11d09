import type { LoadBalancerNode, ServiceNode } from "../../graph/node.ts";
import { metricsPort } from "../../graph/ports.ts";
import { defined } from "../../kernel/mod.ts";
import { backendPort, everywhere, hostInUrl, loopback } from "../host/network.ts";
import { isMonitored, observersOf } from "../monitoring/monitored.ts";
import type { Place, Site } from "../node-kind.ts";
import type { UnitRequirements } from "../unit/systemd.ts";

/** The HAProxy of one load balancer on a host. */
export interface LoadBalancerSpecification {
  readonly type: "load-balancer";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly balancing: Balancing;
  /** Files that only root can read, by the names that the program uses for them. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly bindsPrivilegedPort: boolean;
}

/** The configuration of HAProxy as data. */
export interface Balancing {
  readonly mode: "http" | "tcp";
  readonly strategy: LoadBalancerNode["strategy"];
  /** Addresses with ports, in the form that HAProxy binds. */
  readonly listen: string;
  /** If it is set, only requests for this name are served. */
  readonly serverName?: string;
  /** Whether TLS ends here. */
  readonly tls: boolean;
  readonly metricsListen?: string;
  readonly backends: ReadonlyArray<Backend>;
}

/** A service that receives the requests. */
export interface Backend {
  readonly node: string;
  readonly port: number;
  /** The share of each of its replicas, in proportion to those of the other backends. */
  readonly weight: number;
  /** If there is no check, all replicas always count as healthy. */
  readonly check?: BackendCheck;
  readonly replicas: ReadonlyArray<{ readonly host: string; readonly address: string }>;
}

export interface BackendCheck {
  /** The path that the check requests. If it is absent, the check only connects. */
  readonly path?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** The number of checks in a row that must fail before a replica is taken out. */
  readonly failures: number;
}

/** The name of the certificate in its folder. HAProxy looks for the key beside it, as `<name>.key`. */
export const certificateName = "tls.pem";
export const keyName = `${certificateName}.key`;

/**
 * The environment variable with the folder of the certificate. The check of a reload reads another folder than the
 * program.
 */
export const certificateVariable = "CERTIFICATE_FOLDER";

/** Returns the load balancer on a host. */
export const specifyLoadBalancer = (node: LoadBalancerNode, site: Site): LoadBalancerSpecification => ({
  type: "load-balancer",
  id: node.id,
  unit: site.unit,
  balancing: balancingOf(node, site),
  credentials:
    node.tls === undefined ? {} : { [certificateName]: node.tls.certificateFile, [keyName]: node.tls.keyFile },
  bindsPrivilegedPort: node.port < 1024,
});

const balancingOf = (node: LoadBalancerNode, { host, topology, clients }: Site): Balancing => {
  const targets = targetsOf(node, { host, topology });
  const observers = observersOf(topology, node).filter(({ id }) => id !== host.id);
  const port = metricsPort(node);
  return defined({
    mode: targets.some(({ service }) => service.healthCheck?.kind === "tcp") ? "tcp" : "http",
    strategy: node.strategy,
    listen: node.public === true ? `:::${node.port} v4v6` : listening([host, ...clients], node.port),
    serverName: node.serverName,
    tls: node.tls !== undefined,
    metricsListen:
      isMonitored(topology, node) && port !== undefined ? listening([host, ...observers], port) : undefined,
    backends: targets.map(({ backend }) => backend),
  });
};

/** Returns the address to listen on for clients on these hosts. The first host is the load balancer's own. */
const listening = (ends: ReadonlyArray<{ readonly address: string }>, port: number): string => {
  const address = ends.length === 1 ? loopback : everywhere(ends);
  return address === "::" ? `:::${port} v4v6` : `${hostInUrl(address)}:${port}`;
};

interface Target {
  readonly service: ServiceNode;
  readonly backend: Backend;
}

/**
 * Returns the services behind a load balancer, with all of their replicas. If several edges lead to one service, their
 * weights add up.
 */
const targetsOf = (node: LoadBalancerNode, { host, topology }: Place): ReadonlyArray<Target> =>
  [...Map.groupBy(topology.from(node.id, "load-balances"), ({ to }) => to)].flatMap(([to, edges]) => {
    const service = topology.nodes.get(to);
    if (service?.type !== "service") return [];
    const checked = edges.some(({ healthCheck = true }) => healthCheck);
    const backend = defined({
      node: to,
      port: backendPort(service),
      weight: Math.min(
        Number.MAX_VALUE,
        edges.reduce((sum, { weight = 1 }) => sum + weight, 0),
      ),
      check: checked ? checkOf(node, service) : undefined,
      replicas: topology
        .hostsOf(to)
        .map(({ id, address }) => ({ host: id, address: id === host.id ? loopback : address })),
    });
    return [{ service, backend }];
  });

/** The values for what a service's health check leaves out. */
const checkDefaults = { intervalSeconds: 5, timeoutSeconds: 5, retries: 2 };

const checkOf = (
  { healthCheckIntervalSeconds }: LoadBalancerNode,
  { healthCheck }: ServiceNode,
): NonNullable<Backend["check"]> =>
  defined({
    path: healthCheck?.kind === "http" ? (healthCheck.path ?? "/") : undefined,
    intervalSeconds: healthCheckIntervalSeconds ?? healthCheck?.intervalSeconds ?? checkDefaults.intervalSeconds,
    timeoutSeconds: healthCheck?.timeoutSeconds ?? checkDefaults.timeoutSeconds,
    failures: Math.min((healthCheck?.retries ?? checkDefaults.retries) + 1, 1000),
  });
