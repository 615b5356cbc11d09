import type { MessageBusNode } from "../../../graph/node.ts";
import { erlangPort, rabbitmqServersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { kept, type NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { encryptionOf, passwordSecret } from "../clients.ts";
import { cookieFile, rabbitmqOptions, setupUnit } from "./options.ts";
import { type RabbitmqSpecification, rabbitmqPort, setsUp, specifyRabbitmq } from "./specification.ts";

/** RabbitMQ: `services.rabbitmq` of NixOS, which runs one server on a host. */
export const rabbitmq: NodeKind<MessageBusNode, RabbitmqSpecification> = {
  unit: () => "rabbitmq.service",
  units: (node, place) => [
    "rabbitmq.service",
    ...(setsUp(node, place) ? [`${setupUnit}.service`] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit("rabbitmq")] : []),
  ],
  // RabbitMQ names its folder after the host.
  data: ({ persistence }, { host }) =>
    persistence === true ? kept(`/var/lib/rabbitmq/mnesia/rabbit@${host.id}`) : undefined,
  specify: specifyRabbitmq,
  ownPaths: (node, { topology, host }) =>
    [erlangPort, rabbitmqServersPort(rabbitmqPort(node))].flatMap((port) =>
      pathsFrom(topology, host, tcp(node.id, node.id, port)),
    ),
  secrets: ({ id, cluster, setsUp: first, permissions }) => [
    ...(cluster === undefined
      ? []
      : [
          {
            path: cookieFile(id),
            node: id,
            content: `the Erlang cookie of ${id}: up to 255 letters and digits, the same on all its hosts`,
          },
        ]),
    ...(first ? permissions.map(({ node }) => passwordSecret(id, node, id)) : []),
  ],
  options: rabbitmqOptions,
};
