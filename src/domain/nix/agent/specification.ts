import { isUdp, type ManagesEdge } from "../../graph/edge.ts";
import type { AgentNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { defined } from "../../kernel/mod.ts";
import { hostInUrl, loopback } from "../host/network.ts";
import {
  busesOf,
  guardedBusesOf,
  type Permission,
  type PublishRight,
  passwordFile,
  permissionsOf,
} from "../message-bus/clients.ts";
import type { Management, Place, Site } from "../node-kind.ts";
import { decimal } from "../unit/command-line.ts";
import { type ProgramUnit, userOf } from "../unit/program-unit.ts";

/** The program that a host runs for an agent. */
export interface AgentSpecification extends ProgramUnit {
  readonly type: "agent";
  /** The buses that the agent logs in to with a password. */
  readonly buses: ReadonlyArray<string>;
  /** The units that the agent may start and stop. */
  readonly grants: ReadonlyArray<UnitGrant>;
}

/**
 * The rights of a user on units. The verbs are those that systemd gives polkit for
 * `org.freedesktop.systemd1.manage-units`.
 */
export interface UnitGrant {
  readonly user: string;
  readonly units: ReadonlyArray<string>;
  readonly verbs: ReadonlyArray<string>;
}

/** Returns the program of an agent on a host. The agent finds in its environment what the graph says about it. */
export const specifyAgent = (node: AgentNode, site: Site): AgentSpecification => {
  const buses = guardedBusesOf(site.topology, node.id);
  const access = busAccessOf(node, site);
  const program: ProgramUnit = {
    id: node.id,
    description: `${node.id}, an agent of the deployment graph`,
    unit: site.unit,
    program: node.command ?? node.id,
    args: [],
    environment: { ...environmentOf(node, site), ...busEnvironment(node.id, access) },
    environmentFiles: [],
    credentials: Object.fromEntries(buses.map((bus) => [passwordName(bus), passwordFile(bus, node.id)])),
    credentialVariables: access?.guarded === true ? { NATS_PASSWORD_FILE: passwordName(access.bus) } : {},
    bindsPrivilegedPort: false,
  };
  return { type: "agent", ...program, buses, grants: grantsOf(userOf(program), site.manages) };
};

/** The name under which an agent finds its password for a bus. */
const passwordName = (bus: string): string => `${bus}.password`;

/** What the graph says about the agent. Lists are JSON. */
const environmentOf = (
  { id, capabilities, subscriptions = [], rateLimit }: AgentNode,
  { manages }: Site,
): Readonly<Record<string, string>> =>
  defined({
    CIM_AGENT_ID: id,
    CIM_AGENT_CAPABILITIES: JSON.stringify(capabilities),
    CIM_AGENT_SUBSCRIPTIONS: JSON.stringify(subscriptions),
    CIM_AGENT_MANAGES:
      manages.length === 0
        ? undefined
        : JSON.stringify(manages.map(({ node, permissions }) => ({ node, permissions }))),
    CIM_RATE_LIMIT_REQUESTS_PER_SECOND: rateLimit === undefined ? undefined : decimal(rateLimit.requestsPerSecond),
    CIM_RATE_LIMIT_BURST: rateLimit === undefined ? undefined : decimal(rateLimit.burstSize),
  });

/** The access of an agent to its NATS servers. */
interface NatsAccess {
  readonly bus: string;
  readonly urls: ReadonlyArray<string>;
  /** Whether the agent logs in to the bus with a password. */
  readonly guarded: boolean;
  /** The rights on the bus that the agent's edges give it. */
  readonly rights: Permission | undefined;
}

/** Returns an agent's access to its NATS bus. If the agent uses several buses, this is the first by name. */
const busAccessOf = (node: AgentNode, { topology, host }: Place): NatsAccess | undefined => {
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

/**
 * Returns the environment about the bus: its servers, the agent's user there, and the rates that the agent must keep
 * to.
 */
const busEnvironment = (id: string, access: NatsAccess | undefined): Readonly<Record<string, string>> => {
  if (access === undefined) return {};
  const limits = ratesOf(access.rights);
  return defined({
    NATS_URL: access.urls.join(","),
    NATS_USER: access.guarded ? id : undefined,
    CIM_TOPIC_RATE_LIMITS: limits.length === 0 ? undefined : JSON.stringify(limits),
  });
};

const ratesOf = (rights: Permission | undefined): ReadonlyArray<PublishRight> =>
  rights === undefined
    ? []
    : [...rights.publish, ...rights.subscribe].flatMap(({ topic, rateLimit }) =>
        rateLimit === undefined ? [] : [{ topic, rateLimit }],
      );

/**
 * The verbs of systemd for each permission. systemd cannot check the other permissions, so the programs must keep to
 * them.
 */
const verbsOf: Readonly<Partial<Record<ManagesEdge["permissions"][number], ReadonlyArray<string>>>> = {
  start: ["start"],
  stop: ["stop"],
  restart: ["restart", "try-restart"],
};

/** The rights of an agent on the units of its host. */
const grantsOf = (user: string, manages: ReadonlyArray<Management>): ReadonlyArray<UnitGrant> =>
  manages.flatMap(({ units, permissions }) => {
    const verbs = permissions.flatMap((permission) => verbsOf[permission] ?? []);
    return units.length === 0 || verbs.length === 0 ? [] : [{ user, units, verbs }];
  });
