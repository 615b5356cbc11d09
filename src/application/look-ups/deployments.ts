import { Effect, Option, Schema } from "effect";
import { DeploymentStatus, Target } from "../../domain/deployment/contract.ts";
import type { deployment } from "../../domain/deployment/decider.ts";
import type { KnownToDeployments } from "../../domain/deployment/request.ts";
import { isRival, type OtherDeployment } from "../../domain/deployment/rivals.ts";
import { hostsOf } from "../../domain/deployment/waves.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { reviewers } from "./agents.ts";
import { candidateFor } from "./graphs.ts";

const DeploymentDocument = Schema.Struct({
  id: Schema.String,
  graph: Schema.String,
  graphDigest: Schema.String,
  target: Target,
  status: DeploymentStatus,
  hosts: Schema.Array(Schema.Struct({ id: Schema.String })),
  requestedAt: Schema.String,
});
const decode = Schema.decodeUnknownOption(DeploymentDocument);

const allDeployments = Effect.gen(function* () {
  const documents = yield* (yield* ReadModels).upToDate("deployments");
  return [...documents.values()].flatMap((document): ReadonlyArray<OtherDeployment> => {
    const decoded = Option.getOrUndefined(decode(document));
    return decoded === undefined ? [] : [{ ...decoded, hosts: decoded.hosts.map(({ id }) => id) }];
  });
});

type Request = Extract<CommandOf<typeof deployment.commands>, { type: "request" }>["payload"];

const knownToRequest = Effect.fnUntraced(function* ({ graph, version }: Request) {
  const candidate = yield* candidateFor(graph, version);
  const wanted = { graph, hosts: candidate.is === "revision" ? hostsOf(candidate.revision) : [] };
  const others = (yield* allDeployments).filter((other) => isRival(wanted, other));
  const known: KnownToDeployments = { candidate, reviewers: yield* reviewers, others };
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

/** What a deployment's decisions need to know: what would be deployed, who decides on it, and who is in the way. */
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
