import type { DatabaseNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface MysqlSpecification {
  readonly type: "database";
  readonly engine: "mysql";
  readonly id: string;
  readonly unit: UnitRequirements;
}

export const mysql: NodeKind<DatabaseNode, MysqlSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "database", engine: "mysql", id, unit }),
  options: () => [],
};
