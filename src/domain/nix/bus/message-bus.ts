import type { MessageBusNode } from "../../graph/node.ts";
import type { NodeKind } from "../node-kind.ts";
import { type KafkaSpecification, kafka } from "./kafka.ts";
import { type NatsSpecification, nats } from "./nats.ts";
import { type RabbitmqSpecification, rabbitmq } from "./rabbitmq.ts";
import { type RedisBusSpecification, redisBus } from "./redis-bus.ts";

/** What each engine becomes. An engine more is a file, a line here and one in {@link engines}. */
interface Specifications {
  nats: NatsSpecification;
  kafka: KafkaSpecification;
  rabbitmq: RabbitmqSpecification;
  redis: RedisBusSpecification;
}

type Engine = MessageBusNode["engine"];
type SpecificationOf<E extends Engine = Engine> = { [K in E]: Specifications[K] }[E];

export type MessageBusSpecification = SpecificationOf;

const engines: { readonly [E in Engine]: NodeKind<MessageBusNode, SpecificationOf<E>> } = {
  nats,
  kafka,
  rabbitmq,
  redis: redisBus,
};

const engineOf = <E extends Engine>({ engine }: { readonly engine: E }): NodeKind<MessageBusNode, SpecificationOf<E>> =>
  engines[engine];

/** Message buses become what NixOS has for their engine. */
export const messageBus: NodeKind<MessageBusNode, MessageBusSpecification> = {
  unit: (node) => engineOf(node).unit(node),
  units: (node, place) => engineOf(node).units(node, place),
  specify: (node, site) => engineOf(node).specify(node, site),
  ownPaths: (node, place) => engineOf(node).ownPaths?.(node, place) ?? [],
  secrets: (specification) => engineOf(specification).secrets?.(specification) ?? [],
  options: (specification) => engineOf(specification).options(specification),
  sharedOptions: (specifications) =>
    [...Map.groupBy(specifications, ({ engine }) => engine).values()].flatMap((alike) => {
      const [first] = alike;
      return first === undefined ? [] : (engineOf(first).sharedOptions?.(alike) ?? []);
    }),
};
