import { Effect, Option, Schema } from "effect";
import type { Vote } from "../../domain/consensus/ballot.ts";
import { type KnownToProposals, PolicyReference } from "../../domain/consensus/contract.ts";
import type { proposal } from "../../domain/consensus/decider.ts";
import type { ProposalState } from "../../domain/consensus/state.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import type { CommandError } from "../command-error.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../ports/mod.ts";
import { ReadModels } from "../read-models.ts";
import { ownersOfPrincipals, voters } from "./agents.ts";
import { isDeployment } from "./deployments.ts";
import { decidedFlake, decidedGraph, graphBefore } from "./graphs.ts";
import { policiesFor } from "./policies.ts";

/** The revision of a graph to which a proposal is bound. */
const Revision = Schema.Struct({
  graph: Schema.String,
  graphVersion: Schema.optionalKey(Schema.Int),
  graphDigest: Schema.String,
  flakeDigest: Schema.optionalKey(Schema.String),
  /** True if the proposal is bound to this version, even if newer ones exist. */
  pinnedVersion: Schema.optionalKey(Schema.Boolean),
});
const decodeRevision = Schema.decodeUnknownOption(Revision);

/** The policy that a proposed policy would replace. */
const PolicyChange = Schema.Struct({ policy: Schema.String, replaces: PolicyReference });
const decodePolicyChange = Schema.decodeUnknownOption(PolicyChange);

/** Returns why a policy can no longer be set; undefined while the policy to replace is in force. */
const changeOfPolicy = Effect.fnUntraced(function* ({ policy, replaces }: typeof PolicyChange.Type) {
  yield* (yield* ReadModels).upToDate("policies");
  const { policy: inForce } = yield* policiesFor(policy, undefined);
  const { id, version, digest } = inForce;
  return id === replaces.id && version === replaces.version && digest === replaces.digest
    ? undefined
    : `policy \`${policy}\` was changed since the vote began: by then version ${replaces.version} of \`${replaces.id}\` was in force, and now it is version ${version} of \`${id}\``;
});

/**
 * Returns why the subject of a vote has changed: the graph and its flake, or the policy to replace. Undefined while it
 * is the same.
 */
const changeOf = Effect.fnUntraced(function* (subject: unknown) {
  const policyChange = Option.getOrUndefined(decodePolicyChange(subject));
  if (policyChange !== undefined) return yield* changeOfPolicy(policyChange);
  const revision = Option.getOrUndefined(decodeRevision(subject));
  if (revision === undefined) return undefined;
  const { flakeDigest } = revision;
  const decided = yield* flakeDigest === undefined
    ? decidedGraph(revision)
    : decidedFlake({ ...revision, flakeDigest });
  return decided.changed;
});

type Submission = Extract<CommandOf<typeof proposal.commands>, { type: "submit" }>["payload"];

const knownToSubmit = Effect.fnUntraced(function* ({ kind, policy }: Submission, id: string) {
  const deployment = yield* isDeployment(id);
  const known: KnownToProposals = { ...(yield* voters), ...(yield* policiesFor(kind, policy)), deployment };
  return known;
});

const knownToPutToVote = Effect.gen(function* () {
  const known: KnownToProposals = { ...(yield* voters), ...(yield* policiesFor("deployment", undefined)) };
  return known;
});

/** Returns the electorate of a proposal without named voters, with their keys. Opening the vote fixes both. */
const knownToOpen = Effect.map(voters, (known): KnownToProposals => known);

/**
 * Authors of a round's conditions have no vote in the next round. The same applies to principals that are one pair of
 * eyes with them.
 */
const knownToOpenRound = Effect.gen(function* () {
  yield* (yield* ReadModels).upToDate("principals");
  const known: KnownToProposals = { defaultElectorate: [], owners: yield* ownersOfPrincipals };
  return known;
});

/** Returns the texts of the graph under vote, if a condition looks like a secret. */
const knownToVote = Effect.fnUntraced(function* ({ conditions = [] }: Vote, proposal: ProposalState) {
  const changes = conditions.flatMap((condition) => condition.changes ?? []);
  const subject = proposal !== null && "rounds" in proposal ? proposal.rounds?.subject : undefined;
  const revision = Option.getOrUndefined(decodeRevision(subject));
  const graph = revision === undefined ? undefined : yield* graphBefore(revision, changes);
  const known: KnownToProposals = { defaultElectorate: [], ...defined({ graph }) };
  return known;
});

const knownToEnact = Effect.fnUntraced(function* (subject: unknown) {
  const changed = yield* changeOf(subject);
  const known: KnownToProposals = { defaultElectorate: [], ...defined({ changed }) };
  return known;
});

/** Returns the knowledge for a proposal's decisions. */
export const lookUpForProposal = (
  command: CommandOf<typeof proposal.commands>,
  id: string,
  state: ProposalState,
):
  | Effect.Effect<KnownToProposals, CommandError, Artifacts | Digests | EventStore | ReadModels | Snapshots>
  | undefined => {
  switch (command.type) {
    case "submit":
      return knownToSubmit(command.payload, id);
    case "put-to-vote":
      return knownToPutToVote;
    case "open-round":
      return knownToOpenRound;
    case "open-voting":
      return knownToOpen;
    case "vote":
      return knownToVote(command.payload, state);
    case "enact":
      return knownToEnact(command.payload.subject);
    default:
      return undefined;
  }
};
