import type { LoadBalancerNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface LoadBalancerSpecification {
  readonly type: "load-balancer";

  readonly id: string;
  readonly unit: UnitRequirements;
}

export const loadBalancer: NodeKind<LoadBalancerNode, LoadBalancerSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "load-balancer", id, unit }),
  options: () => [],
};
