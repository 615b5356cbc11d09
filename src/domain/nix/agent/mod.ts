import type { AgentNode } from "../../graph/node.ts";
import { passwordSecret } from "../message-bus/clients.ts";
import type { NodeKind } from "../node-kind.ts";
import { unitName } from "../unit/names.ts";
import { programUnit } from "../unit/program-unit.ts";
import { agentGrants } from "./options.ts";
import { type AgentSpecification, specifyAgent } from "./specification.ts";

/** Agents become systemd services of the same name. */
export const agent: NodeKind<AgentNode, AgentSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: ({ id }) => [`${unitName(id)}.service`],
  specify: specifyAgent,
  secrets: ({ id, buses }) => buses.map((bus) => passwordSecret(bus, id, id)),
  options: (specification) => [programUnit(specification)],
  sharedOptions: agentGrants,
};
