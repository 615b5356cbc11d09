import type { StorageNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface StorageSpecification {
  readonly type: "storage";

  readonly id: string;
  readonly unit: UnitRequirements;
}

export const storage: NodeKind<StorageNode, StorageSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "storage", id, unit }),
  options: () => [],
};
