import type { MonitoringNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface MonitoringSpecification {
  readonly type: "monitoring";

  readonly id: string;
  readonly unit: UnitRequirements;
}

export const monitoring: NodeKind<MonitoringNode, MonitoringSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "monitoring", id, unit }),
  options: () => [],
};
