import type { ServiceNode } from "../../graph/node.ts";
import { defined } from "../../kernel/mod.ts";
import { guardedBusesOf } from "../message-bus/clients.ts";
import type { Site } from "../node-kind.ts";
import { type Readiness, readinessOf } from "../unit/health.ts";
import type { ProgramUnit } from "../unit/program-unit.ts";

/** The program that a host runs for a service. */
export interface ServiceSpecification extends ProgramUnit {
  readonly type: "service";
  /** The buses that the service logs in to with a password. Its own program reads the files with these passwords. */
  readonly buses: ReadonlyArray<string>;
}

/** Returns the service on a host. */
export const specifyService = (node: ServiceNode, { unit, topology }: Site): ServiceSpecification =>
  defined({
    type: "service",
    buses: guardedBusesOf(topology, node.id),
    id: node.id,
    description: `${node.id}, a service of the deployment graph`,
    unit,
    program: node.command,
    args: node.args ?? [],
    package: node.package,
    environment: node.environment ?? {},
    environmentFiles: node.environmentFiles ?? [],
    credentials: {},
    user: node.user,
    bindsPrivilegedPort: node.port !== undefined && node.port < 1024,
    readiness: readinessAt(node),
  });

/** Returns the check that decides whether a service is healthy; undefined if the service has none. */
export const readinessAt = ({ healthCheck, port }: ServiceNode): Readiness | undefined =>
  healthCheck === undefined ? undefined : readinessOf(healthCheck, port);

/** Returns the unit that checks the health of a node, without its suffix. */
export const healthUnitName = (id: string): string => `cim-health-${id}`;

/** Returns the units that check a node's health on its host. */
export const healthUnits = (id: string): readonly [service: string, timer: string] => [
  `${healthUnitName(id)}.service`,
  `${healthUnitName(id)}.timer`,
];
