import type { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { Artifacts, Digests, EventStore, Snapshots, TextIndexes } from "../ports/mod.ts";
import type { Operations } from "../queries.ts";
import type { ReadModels } from "../read-models.ts";
import { auditOperations } from "./audit.ts";
import { graphOperations } from "./graphs.ts";
import { knowledgeOperations } from "./knowledge.ts";
import { deploymentOperations } from "./plan.ts";
import { hostOperations } from "./why.ts";

/** What can be asked besides the documents of a view, by view. */
export const operations: Operations<
  EventStore | Snapshots | Digests | Artifacts | ReadModels | KnowledgeSpaces | TextIndexes
> = {
  graphs: graphOperations,
  deployments: deploymentOperations,
  hosts: hostOperations,
  knowledge: knowledgeOperations,
  audit: auditOperations,
};
