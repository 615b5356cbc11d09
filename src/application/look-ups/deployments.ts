import { Effect } from "effect";
import type { deployment } from "../../domain/deployment/decider.ts";
import type { KnownToDeployments } from "../../domain/deployment/request.ts";
import { isRival, type OtherDeployment } from "../../domain/deployment/rivals.ts";
import type { DeploymentState } from "../../domain/deployment/state.ts";
import { hostsOf } from "../../domain/deployment/waves.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { reviewers } from "./agents.ts";
import { freezesOf } from "./freezes.ts";
import { candidateFor } from "./graphs.ts";
import { policiesFor } from "./policies.ts";

const allDeployments = Effect.gen(function* () {
  const documents = yield* (yield* ReadModels).upToDate("deployments");
  return [...documents.values()].map(
    ({ id, graph, graphDigest, target, status, requestedAt, hosts }): OtherDeployment => ({
      id,
      graph,
      graphDigest,
      target,
      status,
      requestedAt,
      hosts: hosts.map((host) => host.id),
    }),
  );
});

type Request = Extract<CommandOf<typeof deployment.commands>, { type: "request" }>["payload"];

/** Returns what there is under an id that a deployment would need for its own dialog and proposal. */
const takenAs = Effect.fnUntraced(function* (id: string) {
  const models = yield* ReadModels;
  if ((yield* models.upToDate("dialogs")).has(id)) return "dialog";
  return (yield* models.upToDate("proposals")).has(id) ? "proposal" : undefined;
});

/** Whether there is a deployment of that id: what is opened or submitted under it is the deployment's own. */
export const isDeployment = Effect.fnUntraced(function* (id: string) {
  return (yield* (yield* ReadModels).upToDate("deployments")).has(id);
});

const knownToRequest = Effect.fnUntraced(function* ({ graph, version }: Request, id: string) {
  const candidate = yield* candidateFor(graph, version);
  const wanted = { graph, hosts: candidate.is === "revision" ? hostsOf(candidate.revision) : [] };
  const others = (yield* allDeployments).filter((other) => isRival(wanted, other));
  yield* (yield* ReadModels).upToDate("policies");
  const { policy } = yield* policiesFor("deployment", undefined);
  const taken = yield* takenAs(id);
  const known: KnownToDeployments = { candidate, policy, reviewers: yield* reviewers, others, ...defined({ taken }) };
  return known;
});

const knownToRollBack = Effect.fnUntraced(function* (id: string) {
  const all = yield* allDeployments;
  const own = all.find((one) => one.id === id);
  const known: KnownToDeployments = {
    reviewers: [],
    others: own === undefined ? [] : all.filter((other) => other.id !== id && isRival(own, other)),
  };
  return known;
});

/** What may keep the activation from beginning: what is frozen, and the policy that is in force by now. */
const knownToActivate = Effect.fnUntraced(function* (state: DeploymentState) {
  yield* (yield* ReadModels).upToDate("policies");
  const { policy } = yield* policiesFor("deployment", undefined);
  const where = { ...defined({ graph: state?.graph }), hosts: state?.planned ?? [] };
  const activation = { policy: policy.document, freezes: yield* freezesOf(where) };
  const known: KnownToDeployments = { reviewers: [], others: [], activation };
  return known;
});

/** Returns the knowledge that a deployment's decisions need: the revision, the reviewers, and the rival deployments. */
export const lookUpForDeployment = (
  command: CommandOf<typeof deployment.commands>,
  id: string,
  state: DeploymentState,
) => {
  switch (command.type) {
    case "request":
      return knownToRequest(command.payload, id);
    case "begin-deploying":
      return knownToActivate(state);
    case "roll-back":
      return knownToRollBack(id);
    default:
      return undefined;
  }
};
