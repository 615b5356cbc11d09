import { natsMonitorPort } from "../../../graph/node-types/message-bus-engines.ts";
import { loopback } from "../../host/addresses.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  force,
  integer,
  list,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateFile, keyFile } from "../../unit/certificate.ts";
import type { LeafRemote } from "./leaves.ts";
import type { NatsSpecification } from "./mod.ts";
import type { NatsUser } from "./users.ts";

/** The name that stands for a user's password in the settings. */
export const userPassword = (user: string): string => `${user}.password`;

/** The name that stands for the password by which a leaf node proves itself to a bus that it dials. */
export const leafPassword = (hub: string): string => `${hub}_leaf.password`;

/** `services.nats`. For a password there is the name of the file in the unit's credentials that holds it. */
export const natsSettings = (specification: NatsSpecification, clusterPort: number): Expression => {
  const { id, cluster, tls, users } = specification;
  return attributes([
    binding("enable", boolean(true)),
    binding("serverName", string(specification.serverName)),
    binding("port", integer(specification.port)),
    binding("jetstream", boolean(specification.jetstream !== undefined)),
    binding("settings.host", string(specification.listen)),
    binding("settings.http", string(`${loopback}:${natsMonitorPort}`)),
    ...jetstreamBindings(specification),
    ...(users.length === 0 ? [] : [binding("settings.authorization.users", list(users.map(userSettings)))]),
    ...(tls === undefined
      ? []
      : [
          binding("settings.tls.cert_file", string(certificateFile("nats"))),
          binding("settings.tls.key_file", string(keyFile("nats"))),
          ...(tls.plain ? [binding("settings.allow_non_tls", boolean(true))] : []),
        ]),
    ...(cluster === undefined
      ? []
      : [
          binding("settings.cluster.name", string(id)),
          binding("settings.cluster.host", string(cluster.listen)),
          binding("settings.cluster.port", integer(clusterPort)),
          binding("settings.cluster.routes", strings(cluster.routes)),
        ]),
    ...leafBindings(specification),
  ]);
};

const jetstreamBindings = ({ jetstream }: NatsSpecification): ReadonlyArray<Binding> => {
  // NixOS would leave an empty set there, which turns JetStream on, under /tmp.
  if (jetstream === undefined) return [binding("settings.jetstream", force(boolean(false)))];
  const { domain, maxFileBytes, maxMemoryBytes } = jetstream;
  return [
    ...(domain === undefined ? [] : [binding("settings.jetstream.domain", string(domain))]),
    ...(maxFileBytes === undefined ? [] : [binding("settings.jetstream.max_file_store", integer(maxFileBytes))]),
    ...(maxMemoryBytes === undefined ? [] : [binding("settings.jetstream.max_memory_store", integer(maxMemoryBytes))]),
  ];
};

const userSettings = ({ name, publish, subscribe, replies }: NatsUser): Expression =>
  attributes([
    binding("user", string(name)),
    binding("password", string(userPassword(name))),
    // An empty list would allow everything.
    binding(
      "permissions.publish",
      attributes([publish.length === 0 ? binding("deny", strings([">"])) : binding("allow", strings(publish))]),
    ),
    binding("permissions.subscribe.allow", strings(subscribe)),
    ...(replies ? [binding("permissions.allow_responses", boolean(true))] : []),
  ]);

const leafBindings = ({ id, leaves, leafRemotes }: NatsSpecification): ReadonlyArray<Binding> => [
  ...(leaves === undefined
    ? []
    : [
        binding("settings.leafnodes.host", string(leaves.listen)),
        binding("settings.leafnodes.port", integer(leaves.port)),
        ...(leaves.users.length === 0
          ? []
          : [
              binding(
                "settings.leafnodes.authorization.users",
                list(
                  leaves.users.map((user) =>
                    attributes([binding("user", string(user)), binding("password", string(userPassword(user)))]),
                  ),
                ),
              ),
            ]),
      ]),
  ...(leafRemotes.length === 0
    ? []
    : [binding("settings.leafnodes.remotes", list(leafRemotes.map((remote) => remoteSettings(id, remote))))]),
];

const remoteSettings = (id: string, { url, credentialsFile, hub }: LeafRemote): Expression =>
  attributes([
    binding("url", string(hub === undefined ? url : url.replace("://", `://${id}:${leafPassword(hub)}@`))),
    ...(credentialsFile === undefined ? [] : [binding("credentials", string(credentialsFile))]),
  ]);
