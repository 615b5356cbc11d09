import type { MessageBusNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface RabbitmqSpecification {
  readonly type: "message-bus";
  readonly engine: "rabbitmq";
  readonly id: string;
  readonly unit: UnitRequirements;
}

export const rabbitmq: NodeKind<MessageBusNode, RabbitmqSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "message-bus", engine: "rabbitmq", id, unit }),
  options: () => [],
};
