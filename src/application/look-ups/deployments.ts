import { Effect } from "effect";
import type { deployment } from "../../domain/deployment/decider.ts";
import type { KnownToDeployments } from "../../domain/deployment/request.ts";
import { isRival, type OtherDeployment } from "../../domain/deployment/rivals.ts";
import { hostsOf } from "../../domain/deployment/waves.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { reviewers } from "./agents.ts";
import { candidateFor } from "./graphs.ts";
import { policiesFor } from "./proposals.ts";

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

const knownToRequest = Effect.fnUntraced(function* ({ graph, version }: Request) {
  const candidate = yield* candidateFor(graph, version);
  const wanted = { graph, hosts: candidate.is === "revision" ? hostsOf(candidate.revision) : [] };
  const others = (yield* allDeployments).filter((other) => isRival(wanted, other));
  yield* (yield* ReadModels).upToDate("policies");
  const { policy } = yield* policiesFor("deployment", undefined);
  const known: KnownToDeployments = { candidate, policy, reviewers: yield* reviewers, others };
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

/** Returns the knowledge that a deployment's decisions need: the revision, the reviewers, and the rival deployments. */
export const lookUpForDeployment = (command: CommandOf<typeof deployment.commands>, id: string) => {
  switch (command.type) {
    case "request":
      return knownToRequest(command.payload);
    case "roll-back":
      return knownToRollBack(id);
    default:
      return undefined;
  }
};
