import type { CommandHandling } from "../command-handling.ts";
import type { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../ports/mod.ts";
import type { ProcessManager } from "../process-manager.ts";
import type { ReadModels } from "../read-models.ts";
import { authority } from "./authority.ts";
import { deliveries } from "./deliveries/mod.ts";
import { deploymentWorkflow } from "./deployment-workflow/mod.ts";
import { hostOperations } from "./host-operations/mod.ts";
import { hostWatching } from "./host-watching/mod.ts";
import { knowledgeEpochs } from "./knowledge-epochs.ts";
import { knowledgeVotes } from "./knowledge-votes.ts";
import { proposalDeadlines } from "./proposal-deadlines.ts";
import { ruleVotes } from "./rule-votes.ts";
import { systemKnowledge } from "./system-knowledge/mod.ts";
import { taskAssignment } from "./task-assignment.ts";
import { taskDelegation } from "./task-delegation.ts";

type Services = EventStore | Snapshots | Digests | Artifacts | CommandHandling | KnowledgeSpaces | ReadModels;

/**
 * Returns a process manager with an untyped state, for the list. This is safe because each manager only receives states
 * that it returned.
 */
const anyState = <State>(manager: ProcessManager<State, Services>): ProcessManager<unknown, Services> => ({
  ...manager,
  evolve: (state, event) => manager.evolve(state as State, event),
  react: (state, event) => manager.react(state as State, event),
  owners: (state) => manager.owners?.(state as State) ?? [],
  stillMatters: (state, delivery) => manager.stillMatters?.(state as State, delivery),
});

/** Every process manager of the backend. */
export const processes: ReadonlyArray<ProcessManager<unknown, Services>> = [
  anyState(deploymentWorkflow),
  anyState(authority),
  anyState(taskAssignment),
  anyState(taskDelegation),
  anyState(proposalDeadlines),
  anyState(ruleVotes),
  anyState(deliveries),
  anyState(hostWatching),
  anyState(hostOperations),
  anyState(systemKnowledge),
  anyState(knowledgeVotes),
  anyState(knowledgeEpochs),
];
