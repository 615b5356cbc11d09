import type { MessageBusNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface KafkaSpecification {
  readonly type: "message-bus";
  readonly engine: "kafka";
  readonly id: string;
  readonly unit: UnitRequirements;
}

export const kafka: NodeKind<MessageBusNode, KafkaSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "message-bus", engine: "kafka", id, unit }),
  options: () => [],
};
