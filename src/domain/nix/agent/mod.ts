import type { AgentNode } from "../../graph/node.ts";
import { binding, boolean, string } from "../language/expression.ts";
import { guardedBusesOf, passwordFile, passwordSecret } from "../message-bus/clients.ts";
import type { NodeKind, Site } from "../node-kind.ts";
import { decimal } from "../unit/command-line.ts";
import { unitName } from "../unit/names.ts";
import { type ProgramUnit, programUnit, userOf } from "../unit/program-unit.ts";
import { busAccessOf, busEnvironment, type NatsAccess } from "./bus.ts";
import { grantsOf, type UnitGrant, unitRules } from "./grants.ts";

/** What a host runs for an agent. */
export interface AgentSpecification extends ProgramUnit {
  readonly type: "agent";
  /** The buses that know it by a password. */
  readonly buses: ReadonlyArray<string>;
  /** The units that it may start and stop. */
  readonly grants: ReadonlyArray<UnitGrant>;
}

/** Agents become systemd services of the same name that find what the graph says of them in their environment. */
export const agent: NodeKind<AgentNode, AgentSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: ({ id }) => [`${unitName(id)}.service`],
  specify: (node, site) => {
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
      credentialVariables: passwordVariable(access),
      bindsPrivilegedPort: false,
    };
    return { type: "agent", ...program, buses, grants: grantsOf(userOf(program), site.manages) };
  },
  secrets: ({ id, buses }) => buses.map((bus) => passwordSecret(bus, id, id)),
  options: (specification) => [programUnit(specification)],
  sharedOptions: (specifications) => {
    const grants = specifications.flatMap((specification) => specification.grants);
    return grants.length === 0
      ? []
      : [
          binding("security.polkit.enable", boolean(true)),
          binding("security.polkit.extraConfig", string(unitRules(grants))),
        ];
  },
};

/** The name under which an agent finds its password for a bus. */
const passwordName = (bus: string): string => `${bus}.password`;

const passwordVariable = (access: NatsAccess | undefined): Readonly<Record<string, string>> =>
  access?.guarded === true ? { NATS_PASSWORD_FILE: passwordName(access.bus) } : {};

/** What the graph says of the agent; lists as JSON. */
const environmentOf = (
  { id, capabilities, subscriptions = [], rateLimit }: AgentNode,
  { manages }: Site,
): Readonly<Record<string, string>> => ({
  CIM_AGENT_ID: id,
  CIM_AGENT_CAPABILITIES: JSON.stringify(capabilities),
  CIM_AGENT_SUBSCRIPTIONS: JSON.stringify(subscriptions),
  ...(manages.length === 0
    ? {}
    : { CIM_AGENT_MANAGES: JSON.stringify(manages.map(({ node, permissions }) => ({ node, permissions }))) }),
  ...(rateLimit === undefined
    ? {}
    : {
        CIM_RATE_LIMIT_REQUESTS_PER_SECOND: decimal(rateLimit.requestsPerSecond),
        CIM_RATE_LIMIT_BURST: decimal(rateLimit.burstSize),
      }),
});
