import type { GraphIndex } from "../../../graph/graph-index.ts";
import {
  exportedEngine,
  grafanaPort,
  lokiPort,
  metricsPort,
  nodeExporterPort,
  prometheusPort,
} from "../../../graph/monitoring-ports.ts";
import type { HostNode, MonitoringNode, Node } from "../../../graph/node.ts";
import { byText } from "../../../graph/order.ts";
import { everywhere, hostInUrl, loopback } from "../../host/addresses.ts";
import { clientsOf, pathsFrom, tcp } from "../../host/network.ts";
import type { HostAspect, Place } from "../../node-kind.ts";
import { isPlaced, unitOf, unitsOf } from "../../node-kinds.ts";
import { healthUnits } from "../../service/health.ts";
import { redisTargetOf } from "../exporters/redis-target.ts";
import { monitoringAt, targetsOf } from "../monitored.ts";
import { grafanaOptions, grafanaSecrets } from "./grafana.ts";
import { lokiOptions } from "./loki.ts";
import { prometheusOptions } from "./prometheus.ts";

/** What a host does that monitors others, for all of its monitoring nodes together. */
export interface Observation {
  readonly retentionDays: number;
  /** Addresses to listen on: the loopback unless someone elsewhere connects. */
  readonly listen: { readonly prometheus: string; readonly grafana: string; readonly loki: string };
  readonly scrapes: ReadonlyArray<Scrape>;
  readonly watched: ReadonlyArray<Watched>;
  /** The monitoring node that the dashboards' secrets belong to. */
  readonly dashboardsOf?: string;
  readonly logs: boolean;
}

/** Something with figures of its own. */
export interface Scrape {
  readonly job: string;
  readonly host: string;
  readonly node?: string;
  /** Address and port. */
  readonly target: string;
  /** The server that the exporter is to look at, where it looks at several. */
  readonly through?: string;
}

/** A node on a host, by what systemd knows of it there. */
export interface Watched {
  readonly node: string;
  readonly host: string;
  readonly unit: string;
  /** The unit that fails when the node is not well. */
  readonly healthUnit?: string;
}

const defaultRetentionDays = 15;

/** A hundred years: as good as for ever, and a number that Prometheus and Loki can count in nanoseconds. */
const longestRetentionDays = 36_500;

export const observation: HostAspect<Observation> = {
  specify: (place) => {
    const nodes = monitoringAt(place);
    if (nodes.length === 0) return undefined;
    const [withDashboards] = nodes.filter(({ dashboards }) => dashboards === true);
    const targets = [...new Set(nodes.flatMap(({ id }) => targetsOf(place.topology, id)))].sort(byText(({ id }) => id));
    return {
      retentionDays: Math.min(
        longestRetentionDays,
        Math.max(...nodes.map(({ retentionDays }) => retentionDays ?? defaultRetentionDays)),
      ),
      listen: listening(place, nodes),
      scrapes: scrapesOf(place, targets),
      watched: targets.flatMap((target) => watchedOf(place.topology, target)),
      ...(withDashboards === undefined ? {} : { dashboardsOf: withDashboards.id }),
      logs: nodes.some(({ logs }) => logs === true),
    };
  },
  // Logs are sent by those who have them; figures are fetched.
  paths: ({ topology, host }) =>
    monitoringAt({ topology, host })
      .filter(({ logs }) => logs === true)
      .flatMap(({ id }) =>
        targetsOf(topology, id).flatMap((target) => pathsFrom(topology, host, tcp(target.id, id, lokiPort))),
      ),
  secrets: ({ dashboardsOf }) => (dashboardsOf === undefined ? [] : grafanaSecrets(dashboardsOf)),
  options: (host) => [
    ...prometheusOptions(host),
    ...(host.dashboardsOf === undefined ? [] : grafanaOptions(host, host.dashboardsOf)),
    ...(host.logs ? lokiOptions(host) : []),
  ],
};

/** Each of the three listens beyond the loopback only if an edge of the graph leads to its port, or logs come in. */
const listening = ({ topology, host }: Place, nodes: ReadonlyArray<MonitoringNode>): Observation["listen"] => {
  const clients = nodes.flatMap((node) => clientsOf(topology, node, host));
  const senders = nodes
    .filter(({ logs }) => logs === true)
    .flatMap(({ id }) => targetsOf(topology, id))
    .flatMap(({ id }) => topology.hostsOf(id))
    .filter(({ id }) => id !== host.id);
  const address = (ends: ReadonlyArray<{ readonly address: string }>) =>
    ends.length === 0 ? loopback : everywhere([host, ...ends]);
  const at = (port: number) => clients.filter((client) => client.port === port);
  return {
    prometheus: address(at(prometheusPort)),
    grafana: address(at(grafanaPort)),
    loki: address([...at(lokiPort), ...senders]),
  };
};

const scrapesOf = (place: Place, targets: ReadonlyArray<Node>): ReadonlyArray<Scrape> => {
  const { topology, host } = place;
  const at = (other: HostNode, port: number) => `${other.id === host.id ? loopback : hostInUrl(other.address)}:${port}`;
  const hosts = [...new Set(targets.flatMap(({ id }) => topology.hostsOf(id)))].sort(byText(({ id }) => id));
  return [
    ...hosts.map((other) => ({ job: "host", host: other.id, target: at(other, nodeExporterPort) })),
    ...targets.flatMap((node) => {
      const port = metricsPort(node);
      if (port === undefined) return [];
      const engine = exportedEngine(node);
      return topology.hostsOf(node.id).map((other) => {
        const through = redisTargetOf(node, { topology, host: other })?.uri;
        return {
          ...{ job: engine ?? node.type, host: other.id, node: node.id, target: at(other, port) },
          ...(through === undefined ? {} : { through }),
        };
      });
    }),
  ];
};

const watchedOf = (topology: GraphIndex, node: Node): ReadonlyArray<Watched> => {
  if (!isPlaced(node)) return [];
  const unit = unitOf(node);
  if (unit === undefined) return [];
  const [healthUnit] = healthUnits(node.id);
  return topology.hostsOf(node.id).map((host) => ({
    ...{ node: node.id, host: host.id, unit },
    ...(healthUnit !== undefined && unitsOf(node, { topology, host }).includes(healthUnit) ? { healthUnit } : {}),
  }));
};
