import type { ViewName } from "../../contract/views/mod.ts";
import type { Authority } from "../authority.ts";
import type { CheckedLog } from "../checked-log.ts";
import type { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { Artifacts, Checkpoints, Digests, EventStore, Snapshots, TextIndexes } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import type { ReadModels } from "../read-models.ts";
import { agentAnswers } from "./agents.ts";
import { auditAnswers } from "./audit.ts";
import { deploymentAnswers } from "./deployments.ts";
import { dialogAnswers } from "./dialogs.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { graphAnswers } from "./graphs.ts";
import { hostAnswers } from "./hosts.ts";
import { knowledgeAnswers } from "./knowledge.ts";
import { policyAnswers } from "./policies.ts";
import { principalAnswers } from "./principals.ts";
import { taskAnswers } from "./tasks.ts";

type Services =
  | Artifacts
  | Authority
  | CheckedLog
  | Checkpoints
  | Digests
  | EventStore
  | KnowledgeSpaces
  | ReadModels
  | Snapshots
  | TextIndexes;

/** The answer to every operation of every published view. */
export const answers: { readonly [V in ViewName]: AnswersOf<V, Services> } = {
  graphs: graphAnswers,
  agents: agentAnswers,
  parked: { get: getDocument("parked step"), list: listDocuments },
  principals: principalAnswers,
  capabilities: { get: getDocument("capability"), list: listDocuments },
  tasks: taskAnswers,
  dialogs: dialogAnswers,
  contexts: { get: getDocument("context"), list: listDocuments },
  proposals: { get: getDocument("proposal"), list: listDocuments },
  policies: policyAnswers,
  deployments: deploymentAnswers,
  freezes: { get: getDocument("freeze"), list: listDocuments },
  hosts: hostAnswers,
  knowledge: knowledgeAnswers,
  audit: auditAnswers,
};
