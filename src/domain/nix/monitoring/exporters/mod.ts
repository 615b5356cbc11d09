import { exportedEngine, lokiPort, metricsPort, nodeExporterPort } from "../../../graph/monitoring-ports.ts";
import type { Node } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { everywhere, hostInUrl, loopback } from "../../host/addresses.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { attributes, type Binding, binding, boolean, integer, string, strings } from "../../language/expression.ts";
import type { HostAspect, Place } from "../../node-kind.ts";
import { isPlaced, unitsOf } from "../../node-kinds.ts";
import { type Monitor, monitorsAt } from "../monitored.ts";
import { accessOf } from "./access.ts";
import { alloyOptions, type LogShipping } from "./alloy.ts";
import { type EngineExporter, engineExporterOptions } from "./options.ts";

/** What a host tells about itself and its nodes, because something monitors them. */
export interface Exporters {
  /** The loopback unless the host is monitored from another one. */
  readonly listen: string;
  readonly engines: ReadonlyArray<EngineExporter>;
  readonly logs?: LogShipping;
}

export const exporters: HostAspect<Exporters> = {
  specify: (place) => {
    const monitors = monitorsAt(place);
    if (monitors.length === 0) return undefined;
    const observers = monitors
      .flatMap(({ monitoring }) => place.topology.hostsOf(monitoring.id))
      .filter(({ id }) => id !== place.host.id);
    const logs = logsOf(place, monitors);
    return {
      listen: observers.length === 0 ? loopback : everywhere([place.host, ...observers]),
      engines: enginesOf([...new Set(monitors.map(({ target }) => target))], place),
      ...(logs === undefined ? {} : { logs }),
    };
  },
  paths: (place) =>
    monitorsAt(place).flatMap(({ monitoring, target }) =>
      [nodeExporterPort, metricsPort(target)]
        .filter((port) => port !== undefined)
        .flatMap((port) => pathsFrom(place.topology, place.host, tcp(monitoring.id, target.id, port))),
    ),
  options: ({ listen, engines, logs }) => [
    nodeExporter(listen),
    ...engineExporterOptions(engines, listen),
    ...(logs === undefined ? [] : alloyOptions(logs)),
  ],
};

/** What systemd knows of each unit is among the figures of the host: so is whether health checks pass. */
const nodeExporter = (listen: string): Binding =>
  binding(
    "services.prometheus.exporters.node",
    attributes([
      binding("enable", boolean(true)),
      binding("listenAddress", string(hostInUrl(listen))),
      binding("port", integer(nodeExporterPort)),
      binding("enabledCollectors", strings(["systemd"])),
    ]),
  );

/** One exporter for each engine: a host runs an engine once, but for redis, whose exporter looks at several. */
const enginesOf = (targets: ReadonlyArray<Node>, place: Place): ReadonlyArray<EngineExporter> => {
  const engines = targets.flatMap((target) => {
    const engine = exportedEngine(target);
    const port = portOf(target);
    return engine === undefined || port === undefined ? [] : [{ engine, port, ...accessOf(target, place) }];
  });
  return [...Map.groupBy(engines, ({ engine }) => engine).values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined
      ? []
      : [
          {
            ...first,
            accounts: alike.flatMap(({ accounts }) => accounts),
            encrypted: alike.some(({ encrypted }) => encrypted),
          },
        ];
  });
};

const logsOf = ({ topology, host }: Place, monitors: ReadonlyArray<Monitor>): LogShipping | undefined => {
  const readers = monitors.filter(({ monitoring }) => monitoring.logs === true);
  if (readers.length === 0) return undefined;
  const receivers = new Set(readers.flatMap(({ monitoring }) => topology.hostsOf(monitoring.id)));
  const targets = readers.map(({ target }) => target);
  const units = targets.flatMap((target) => (isPlaced(target) ? unitsOf(target, { topology, host }) : []));
  return {
    host: host.id,
    urls: [...receivers]
      .map(({ id, address }) => `http://${id === host.id ? loopback : hostInUrl(address)}:${lokiPort}/loki/api/v1/push`)
      .sort(),
    ...(targets.some(({ type }) => type === "host") ? {} : { units: [...new Set(units)].sort() }),
  };
};
