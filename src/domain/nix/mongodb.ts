import type { DatabaseNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface MongodbSpecification {
  readonly type: "database";
  readonly engine: "mongodb";
  readonly id: string;
  readonly unit: UnitRequirements;
}

export const mongodb: NodeKind<DatabaseNode, MongodbSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "database", engine: "mongodb", id, unit }),
  options: () => [],
};
