import type { AgentNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface AgentSpecification {
  readonly type: "agent";

  readonly id: string;
  readonly unit: UnitRequirements;
}

export const agent: NodeKind<AgentNode, AgentSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "agent", id, unit }),
  options: () => [],
};
