import { isUdp } from "../../graph/edge.ts";
import type { AgentNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { hostInUrl, loopback } from "../host/addresses.ts";
import { busesOf, type Permission, type PublishRight, permissionsOf } from "../message-bus/clients.ts";
import type { Place } from "../node-kind.ts";

/** How an agent gets to its NATS servers. */
export interface NatsAccess {
  readonly bus: string;
  readonly urls: ReadonlyArray<string>;
  /** Whether the bus knows it by a password. */
  readonly guarded: boolean;
  /** What its edges let it do there. */
  readonly rights: Permission | undefined;
}

/** The NATS bus of an agent: where it uses several, the first by name. */
export const busAccessOf = (node: AgentNode, { topology, host }: Place): NatsAccess | undefined => {
  const bus = busesOf(topology, node.id).find(({ engine }) => engine === "nats");
  if (bus === undefined) return undefined;
  const connections = topology
    .from(node.id, "connects-to")
    .filter(({ to, protocol }) => to === bus.id && !isUdp(protocol));
  const scheme = connections.some(({ encrypted }) => encrypted === true) ? "tls" : "nats";
  const port = connections.find((edge) => edge.port !== undefined)?.port ?? portOf(bus);
  const addresses = topology.runsOn(bus.id, host.id)
    ? [loopback]
    : topology.hostsOf(bus.id).map(({ address }) => hostInUrl(address));
  const rights = permissionsOf(topology, bus.id).find((permission) => permission.node === node.id);
  return {
    bus: bus.id,
    urls: addresses.map((address) => `${scheme}://${address}:${port}`),
    guarded: rights !== undefined,
    rights,
  };
};

/** What the agent is told of its bus: the servers, who it is there, and the rates that it is to keep. */
export const busEnvironment = (id: string, access: NatsAccess | undefined): Readonly<Record<string, string>> => {
  if (access === undefined) return {};
  const limits = ratesOf(access.rights);
  return {
    NATS_URL: access.urls.join(","),
    ...(access.guarded ? { NATS_USER: id } : {}),
    ...(limits.length === 0 ? {} : { CIM_TOPIC_RATE_LIMITS: JSON.stringify(limits) }),
  };
};

const ratesOf = (rights: Permission | undefined): ReadonlyArray<PublishRight> =>
  rights === undefined
    ? []
    : [...rights.publish, ...rights.subscribe].flatMap(({ topic, rateLimit }) =>
        rateLimit === undefined ? [] : [{ topic, rateLimit }],
      );
