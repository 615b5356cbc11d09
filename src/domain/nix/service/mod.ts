import type { ServiceNode } from "../../graph/node.ts";
import { passwordSecret } from "../message-bus/clients.ts";
import type { NodeKind } from "../node-kind.ts";
import { unitName } from "../unit/names.ts";
import { serviceOptions } from "./options.ts";
import { healthUnits, readinessAt, type ServiceSpecification, specifyService } from "./specification.ts";

/** The node kind of services. Each becomes a systemd service of the same name. */
export const service: NodeKind<ServiceNode, ServiceSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: (node) => [`${unitName(node.id)}.service`, ...(readinessAt(node) === undefined ? [] : healthUnits(node.id))],
  specify: specifyService,
  publicPorts: ({ public: open, port }) => (open === true && port !== undefined ? [port] : []),
  secrets: ({ id, buses }) => buses.map((bus) => passwordSecret(bus, id, id)),
  options: serviceOptions,
};
