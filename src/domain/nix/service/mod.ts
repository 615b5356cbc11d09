import type { ServiceNode } from "../../graph/node.ts";
import { guardedBusesOf, passwordSecret } from "../message-bus/clients.ts";
import type { NodeKind } from "../node-kind.ts";
import { unitName } from "../unit/names.ts";
import { type ProgramUnit, programUnit } from "../unit/program-unit.ts";
import { readinessOf } from "../unit/readiness.ts";
import { healthOptions, healthUnits } from "./health.ts";

/** What a host runs for a service. */
export interface ServiceSpecification extends ProgramUnit {
  readonly type: "service";
  /** The buses that know it by a password, whose file its own program reads. */
  readonly buses: ReadonlyArray<string>;
}

/** Services become systemd services of the same name. */
export const service: NodeKind<ServiceNode, ServiceSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: (node) => [
    `${unitName(node.id)}.service`,
    ...(node.healthCheck !== undefined && readinessOf(node.healthCheck, node.port) !== undefined
      ? healthUnits(node.id)
      : []),
  ],
  specify: (node, { unit, topology }) => {
    const readiness = node.healthCheck === undefined ? undefined : readinessOf(node.healthCheck, node.port);
    return {
      type: "service",
      buses: guardedBusesOf(topology, node.id),
      id: node.id,
      description: `${node.id}, a service of the deployment graph`,
      unit,
      program: node.command,
      args: node.args ?? [],
      environment: node.environment ?? {},
      environmentFiles: node.environmentFiles ?? [],
      credentials: {},
      bindsPrivilegedPort: node.port !== undefined && node.port < 1024,
      ...(node.package === undefined ? {} : { package: node.package }),
      ...(node.user === undefined ? {} : { user: node.user }),
      ...(readiness === undefined ? {} : { readiness }),
    };
  },
  publicPorts: ({ public: open, port }) => (open === true && port !== undefined ? [port] : []),
  secrets: ({ id, buses }) => buses.map((bus) => passwordSecret(bus, id, id)),
  options: (specification) => [programUnit(specification), ...healthOptions(specification)],
};
