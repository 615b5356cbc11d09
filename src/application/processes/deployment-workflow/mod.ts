import { proposal } from "../../../domain/consensus/decider.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { task } from "../../../domain/task/decider.ts";
import type { CommandHandling } from "../../command-handling.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../../ports/mod.ts";
import type { ProcessManager } from "../../process-manager.ts";
import { ballots } from "../actions.ts";
import { workflowName } from "./name.ts";
import { amend, generate, propose } from "./operations.ts";
import { react } from "./react.ts";
import { evolve, initialState, type WorkflowState } from "./state.ts";

/** Leads deployments from their request through discussion, vote, generation, deploying and monitoring, or back. */
export const deploymentWorkflow: ProcessManager<
  WorkflowState,
  EventStore | Snapshots | Digests | Artifacts | CommandHandling
> = {
  name: workflowName,
  aggregates: [deployment.name, dialog.name, proposal.name, task.name],
  ignores: ballots,
  initial: initialState,
  evolve,
  react,
  operations: { propose, generate, amend },
};
