import type { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { Artifacts, Checkpoints, Digests, EventStore, Snapshots, TextIndexes } from "../ports/mod.ts";
import type { Operations } from "../queries.ts";
import type { ReadModels } from "../read-models.ts";
import { agentOperations } from "./agents.ts";
import { auditOperations } from "./audit.ts";
import { dialogOperations } from "./dialogs.ts";
import { graphOperations } from "./graphs.ts";
import { knowledgeOperations } from "./knowledge.ts";
import { deploymentOperations } from "./plan.ts";
import { policyOperations } from "./policies.ts";
import { taskOperations } from "./tasks.ts";
import { hostOperations } from "./why.ts";

/** What can be asked besides the documents of a view, by view. */
export const operations: Operations<
  Artifacts | Checkpoints | Digests | EventStore | KnowledgeSpaces | ReadModels | Snapshots | TextIndexes
> = {
  agents: agentOperations,
  graphs: graphOperations,
  tasks: taskOperations,
  deployments: deploymentOperations,
  dialogs: dialogOperations,
  policies: policyOperations,
  hosts: hostOperations,
  knowledge: knowledgeOperations,
  audit: auditOperations,
};
