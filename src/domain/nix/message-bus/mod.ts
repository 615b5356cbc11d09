import type { MessageBusNode } from "../../graph/node.ts";
import { byEngine } from "../engines.ts";
import { type KafkaSpecification, kafka } from "./kafka/mod.ts";
import { type NatsSpecification, nats } from "./nats/mod.ts";
import { type RabbitmqSpecification, rabbitmq } from "./rabbitmq/mod.ts";
import { type RedisBusSpecification, redisBus } from "./redis/mod.ts";

/** What each engine becomes. An engine more is a file, a line here and one in {@link messageBus}. */
interface Specifications {
  nats: NatsSpecification;
  kafka: KafkaSpecification;
  rabbitmq: RabbitmqSpecification;
  redis: RedisBusSpecification;
}

export type MessageBusSpecification = Specifications[MessageBusNode["engine"]];

/** Message buses become what NixOS has for their engine. */
export const messageBus = byEngine<MessageBusNode, Specifications>({ nats, kafka, rabbitmq, redis: redisBus });
