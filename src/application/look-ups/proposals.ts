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

/** The revision of a graph that a proposal is bound to. */
const Revision = Schema.Struct({
  graph: Schema.String,
  graphVersion: Schema.optionalKey(Schema.Int),
  graphDigest: Schema.String,
  flakeDigest: Schema.optionalKey(Schema.String),
  /** True if this version is meant, whatever came after it. */
  pinnedVersion: Schema.optionalKey(Schema.Boolean),
});
const decodeRevision = Schema.decodeUnknownOption(Revision);

/** The policy that a proposed one would replace. */
const PolicyChange = Schema.Struct({ policy: Schema.String, replaces: PolicyReference });
const decodePolicyChange = Schema.decodeUnknownOption(PolicyChange);

/** Returns why a policy cannot be set any more; undefined while the one that it would replace is in force. */
const changeOfPolicy = Effect.fnUntraced(function* ({ policy, replaces }: typeof PolicyChange.Type) {
  yield* (yield* ReadModels).upToDate("policies");
  const { policy: inForce } = yield* policiesFor(policy, undefined);
  const { id, version, digest } = inForce;
  return id === replaces.id && version === replaces.version && digest === replaces.digest
    ? undefined
    : `policy \`${policy}\` was changed since the vote began: by then version ${replaces.version} of \`${replaces.id}\` was in force, and now it is version ${version} of \`${id}\``;
});

/**
 * Returns why what was decided on is no longer the same: the graph and its flake, or the policy that is replaced.
 * Undefined while it is.
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

/** The electorate of a proposal that names no voters, with their keys. Both are fixed when voting opens. */
const knownToOpen = Effect.map(voters, (known): KnownToProposals => known);

/** Authors of a round's conditions, and those who are one pair of eyes with them, have no vote in the next one. */
const knownToOpenRound = Effect.gen(function* () {
  yield* (yield* ReadModels).upToDate("principals");
  const known: KnownToProposals = { defaultElectorate: [], owners: yield* ownersOfPrincipals };
  return known;
});

/** What the graph of the vote has of which a condition looks like a secret. */
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

/** Returns the knowledge that a proposal's decisions need. */
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
