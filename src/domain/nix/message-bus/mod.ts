import type { MessageBusNode } from "../../graph/node.ts";
import { byEngine } from "../node-kind.ts";
import { kafka } from "./kafka/mod.ts";
import type { KafkaSpecification } from "./kafka/specification.ts";
import { nats } from "./nats/mod.ts";
import type { NatsSpecification } from "./nats/specification.ts";
import { rabbitmq } from "./rabbitmq/mod.ts";
import type { RabbitmqSpecification } from "./rabbitmq/specification.ts";
import { redis } from "./redis/mod.ts";
import type { RedisBusSpecification } from "./redis/specification.ts";

/** The specification of each engine. The compiler asks for a line here and in {@link messageBus} for each engine. */
interface Specifications {
  nats: NatsSpecification;
  kafka: KafkaSpecification;
  rabbitmq: RabbitmqSpecification;
  redis: RedisBusSpecification;
}

export type MessageBusSpecification = Specifications[MessageBusNode["engine"]];

/** Message buses become what NixOS has for their engine. */
export const messageBus = byEngine<MessageBusNode, Specifications>({ nats, kafka, rabbitmq, redis });
