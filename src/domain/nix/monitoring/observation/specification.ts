import type { GraphIndex } from "../../../graph/graph-index.ts";
import type { HostNode, MonitoringNode, Node } from "../../../graph/node.ts";
import { nodeExporterPort } from "../../../graph/node-types/host.ts";
import { grafanaPort, lokiPort, prometheusPort } from "../../../graph/node-types/monitoring.ts";
import { byText } from "../../../graph/order.ts";
import { exportedEngine, metricsPort } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { clientsOf, everywhere, hostInUrl, loopback, type Path, pathsFrom, tcp } from "../../host/network.ts";
import type { Place } from "../../node-kind.ts";
import { isPlaced, unitOf, unitsOf } from "../../node-kinds.ts";
import { healthUnits } from "../../service/specification.ts";
import { redisTargetOf } from "../exporters/specification.ts";
import { monitoringAt, targetsOf } from "../monitored.ts";

/** The work of a host that monitors others, for all of its monitoring nodes together. */
export interface Observation {
  readonly retentionDays: number;
  /** The addresses to listen on. Each is the loopback unless a client is on another host. */
  readonly listen: { readonly prometheus: string; readonly grafana: string; readonly loki: string };
  readonly scrapes: ReadonlyArray<Scrape>;
  readonly watched: ReadonlyArray<Watched>;
  /** The monitoring node that the dashboards' secrets belong to. */
  readonly dashboardsOf?: string;
  readonly logs: boolean;
}

/** A source of metrics. */
export interface Scrape {
  readonly job: string;
  readonly host: string;
  readonly node?: string;
  /** Address and port. */
  readonly target: string;
  /** The server that the exporter must read, if one exporter reads several. */
  readonly through?: string;
}

/** A node on a host, by its units there. */
export interface Watched {
  readonly node: string;
  readonly host: string;
  readonly unit: string;
  /** The unit that fails when the health check of the node fails. */
  readonly healthUnit?: string;
  /** The timers of its backups there, and the longest time between two backups, in days. */
  readonly backups: ReadonlyArray<{ readonly timer: string; readonly days: number; readonly elsewhere: boolean }>;
}

const defaultRetentionDays = 15;

/** A hundred years: in practice for ever, and still a number that Prometheus and Loki can count in nanoseconds. */
const longestRetentionDays = 36_500;

/** Returns the observation of a host; undefined if no monitoring node runs there. */
export const specifyObservation = (place: Place): Observation | undefined => {
  const nodes = monitoringAt(place);
  if (nodes.length === 0) return undefined;
  const targets = [...new Set(nodes.flatMap(({ id }) => targetsOf(place.topology, id)))].sort(byText(({ id }) => id));
  return defined({
    retentionDays: Math.min(
      longestRetentionDays,
      Math.max(...nodes.map(({ retentionDays }) => retentionDays ?? defaultRetentionDays)),
    ),
    listen: listening(place, nodes),
    scrapes: scrapesOf(place, targets),
    watched: targets.flatMap((target) => watchedOf(place.topology, target)),
    dashboardsOf: nodes.find(({ dashboards }) => dashboards === true)?.id,
    logs: nodes.some(({ logs }) => logs === true),
  });
};

/**
 * Returns the paths into a host on which logs arrive. Hosts send their logs, but Prometheus fetches metrics, so it
 * needs no path.
 */
export const observationPaths = ({ topology, host }: Place): ReadonlyArray<Path> =>
  monitoringAt({ topology, host })
    .filter(({ logs }) => logs === true)
    .flatMap(({ id }) =>
      targetsOf(topology, id).flatMap((target) => pathsFrom(topology, host, tcp(target.id, id, lokiPort))),
    );

/**
 * Returns the addresses of the three programs. Each listens on the loopback only, unless an edge of the graph leads to
 * its port or logs arrive there.
 */
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
      return topology.hostsOf(node.id).map((other) =>
        defined({
          job: exportedEngine(node) ?? node.type,
          host: other.id,
          node: node.id,
          target: at(other, port),
          through: redisTargetOf(node, { topology, host: other })?.uri,
        }),
      );
    }),
  ];
};

const watchedOf = (topology: GraphIndex, node: Node): ReadonlyArray<Watched> => {
  if (!isPlaced(node)) return [];
  const unit = unitOf(node);
  if (unit === undefined) return [];
  return topology.hostsOf(node.id).map((host) => {
    const [healthUnit] = healthUnits(node.id).filter((name) => unitsOf(node, { topology, host }).includes(name));
    const units = unitsOf(node, { topology, host });
    return defined({ node: node.id, host: host.id, unit, healthUnit, backups: backupsIn(node, units) });
  });
};

/** Returns the timers of backups among the units of a node. */
const backupsIn = (node: Node, units: ReadonlyArray<string>): Watched["backups"] => {
  if (node.type !== "database" || node.backupSchedule === undefined) return [];
  const days = longestPause(node.backupSchedule);
  return (["backup", "copy"] as const)
    .map((kind) => ({ timer: `cim-${kind}-${node.id}.timer`, days, elsewhere: kind === "copy" }))
    .filter(({ timer }) => units.includes(timer));
};

/** Returns the longest time between two times of a schedule, in days. */
const longestPause = (schedule: string): number => {
  const [, , days = "*", months = "*", weekdays = "*"] = schedule.trim().split(/\s+/);
  if (months !== "*") return 366;
  if (days !== "*") return 62;
  return weekdays === "*" ? 1 : 7;
};
