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

/**
 * The specification of each engine. If an engine lacks a line here or in {@link messageBus}, the code does not compile.
 */
interface Specifications {
  nats: NatsSpecification;
  kafka: KafkaSpecification;
  rabbitmq: RabbitmqSpecification;
  redis: RedisBusSpecification;
}

export type MessageBusSpecification = Specifications[MessageBusNode["engine"]];

/** The node kind of message buses. Each becomes the service that NixOS has for its engine. */
export const messageBus = byEngine<MessageBusNode, Specifications>({ nats, kafka, rabbitmq, redis });
