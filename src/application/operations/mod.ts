import type { Artifacts, Checkpoints, Digests, EventStore, Snapshots } from "../ports/mod.ts";
import type { Operations } from "../queries.ts";
import type { ReadModels } from "../read-models.ts";
import { auditOperations } from "./audit.ts";
import { graphOperations } from "./graphs.ts";
import { deploymentOperations } from "./plan.ts";
import { policyOperations } from "./policies.ts";
import { hostOperations } from "./why.ts";

/** What can be asked besides the documents of a view, by view. */
export const operations: Operations<Artifacts | Checkpoints | Digests | EventStore | ReadModels | Snapshots> = {
  graphs: graphOperations,
  deployments: deploymentOperations,
  policies: policyOperations,
  hosts: hostOperations,
  audit: auditOperations,
};
