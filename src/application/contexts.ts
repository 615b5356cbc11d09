import type { AggregateName } from "../contract/commands.ts";
import { agent } from "../domain/agent/decider.ts";
import { capability } from "../domain/capability/decider.ts";
import { proposal } from "../domain/consensus/decider.ts";
import { policy } from "../domain/consensus/policy.ts";
import { deployment } from "../domain/deployment/decider.ts";
import { dialog } from "../domain/dialog/decider.ts";
import { freeze } from "../domain/freeze/decider.ts";
import { host } from "../domain/host/decider.ts";
import { parkedStep } from "../domain/parked-step/decider.ts";
import { principal } from "../domain/principal/decider.ts";
import { task } from "../domain/task/decider.ts";
import { type Aggregate, aggregateOf } from "./aggregate.ts";
import type { Authority } from "./authority.ts";
import type { KnowledgeSpaces } from "./knowledge-spaces.ts";
import { lookUpForDeployment } from "./look-ups/deployments.ts";
import { lookUpForDialog } from "./look-ups/dialogs.ts";
import { lookUpForFreeze } from "./look-ups/freezes.ts";
import { graphAggregate } from "./look-ups/graphs.ts";
import { lookUpForHost } from "./look-ups/hosts.ts";
import { knowledgeAggregate } from "./look-ups/knowledge.ts";
import { lookUpForPolicy } from "./look-ups/policies.ts";
import { lookUpForAgent, lookUpForPrincipal } from "./look-ups/principals.ts";
import { lookUpForProposal } from "./look-ups/proposals.ts";
import { lookUpForTask } from "./look-ups/tasks.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "./ports/mod.ts";
import type { ReadModels } from "./read-models.ts";

/** The services of look-ups. */
export type LookUpServices = Artifacts | Authority | EventStore | Snapshots | Digests | ReadModels | KnowledgeSpaces;

/** Every aggregate of the backend with its look-up, one for each name in `contract/commands.ts`. */
const aggregates: { readonly [A in AggregateName]: Aggregate<LookUpServices> } = {
  graph: graphAggregate,
  agent: aggregateOf(agent, lookUpForAgent),
  capability: aggregateOf(capability),
  principal: aggregateOf(principal, lookUpForPrincipal),
  task: aggregateOf(task, lookUpForTask),
  "parked-step": aggregateOf(parkedStep),
  dialog: aggregateOf(dialog, lookUpForDialog),
  proposal: aggregateOf(proposal, lookUpForProposal),
  policy: aggregateOf(policy, lookUpForPolicy),
  deployment: aggregateOf(deployment, lookUpForDeployment),
  freeze: aggregateOf(freeze, lookUpForFreeze),
  host: aggregateOf(host, lookUpForHost),
  knowledge: knowledgeAggregate,
};

export const contexts: ReadonlyArray<Aggregate<LookUpServices>> = Object.values(aggregates);
