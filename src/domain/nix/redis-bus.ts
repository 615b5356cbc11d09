import type { MessageBusNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface RedisBusSpecification {
  readonly type: "message-bus";
  readonly engine: "redis";
  readonly id: string;
  readonly unit: UnitRequirements;
}

export const redisBus: NodeKind<MessageBusNode, RedisBusSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "message-bus", engine: "redis", id, unit }),
  options: () => [],
};
