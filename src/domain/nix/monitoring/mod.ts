import type { MonitoringNode } from "../../graph/node.ts";
import { kept, type NodeKind } from "../node-kind.ts";
import { type UnitRequirements, unitBindings } from "../unit/systemd.ts";

/**
 * A monitoring node. The host's `observation` describes the work of its host, for this and for other monitoring nodes.
 */
export interface MonitoringSpecification {
  readonly type: "monitoring";
  readonly id: string;
  readonly unit: UnitRequirements;
}

const unitName = "prometheus";

/** The node kind of monitoring nodes. A host has one Prometheus, one Grafana and one Loki for all of them. */
export const monitoring: NodeKind<MonitoringNode, MonitoringSpecification> = {
  unit: () => `${unitName}.service`,
  units: ({ dashboards, logs }) => [
    `${unitName}.service`,
    ...(dashboards === true ? ["grafana.service"] : []),
    ...(logs === true ? ["loki.service"] : []),
  ],
  data: () => kept("/var/lib/prometheus2"),
  specify: ({ id }, { unit }) => ({ type: "monitoring", id, unit }),
  options: () => [],
  sharedOptions: (specifications) => unitBindings(unitName, together(specifications.map(({ unit }) => unit))),
};

/** Returns the requirements of several nodes that share one unit. */
const together = (units: ReadonlyArray<UnitRequirements>): UnitRequirements => ({
  dependencies: [
    ...Map.groupBy(
      units.flatMap(({ dependencies }) => dependencies),
      ({ unit }) => unit,
    ),
  ].map(([unit, alike]) => ({
    unit,
    required: alike.some(({ required }) => required),
    ordered: alike.some(({ ordered }) => ordered),
  })),
  waits: [...new Map(units.flatMap(({ waits }) => waits).map((wait) => [`${wait.node} ${wait.port}`, wait])).values()],
  startupDelaySeconds: Math.max(...units.map(({ startupDelaySeconds }) => startupDelaySeconds)),
  limits: {},
  mounts: [...new Map(units.flatMap(({ mounts }) => mounts).map((mount) => [mount.path, mount])).values()],
  groups: [...new Set(units.flatMap(({ groups }) => groups))],
});
