import type { MessageBusNode } from "../../../graph/node.ts";
import { natsClusterPort } from "../../../graph/node-types/message-bus-engines.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { kept, type NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { encryptionOf, passwordSecret } from "../clients.ts";
import { natsOptions, streamUnit } from "./options.ts";
import { keptAt, type NatsSpecification, specifyNats } from "./specification.ts";

/** NATS: `services.nats` of NixOS, which runs one server on a host. */
export const nats: NodeKind<MessageBusNode, NatsSpecification> = {
  unit: () => "nats.service",
  units: (node, place) => [
    "nats.service",
    ...(keptAt(node, place).makesStreams ? [`${streamUnit}.service`] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit("nats")] : []),
  ],
  data: ({ persistence }) => (persistence === true ? kept("/var/lib/nats") : undefined),
  specify: specifyNats,
  ownPaths: (node, { topology, host }) => [
    ...pathsFrom(topology, host, tcp(node.id, node.id, natsClusterPort)),
    ...topology
      .leavesOf(node.id, host.id)
      .flatMap(({ bus, port }) => pathsFrom(topology, host, tcp(bus, node.id, port))),
  ],
  secrets: ({ id, permissions, leaves, leafRemotes }) => [
    ...[...permissions.map(({ node }) => node), ...(leaves?.users ?? [])].map((user) => passwordSecret(id, user, id)),
    ...leafRemotes.flatMap(({ hub }) => (hub === undefined ? [] : [passwordSecret(hub, id, id)])),
    ...leafRemotes.flatMap(({ credentialsFile }) =>
      credentialsFile === undefined
        ? []
        : [
            {
              path: credentialsFile,
              node: id,
              content: `what ${id} proves itself with as a leaf node (a .creds file)`,
            },
          ],
    ),
  ],
  options: natsOptions,
};
