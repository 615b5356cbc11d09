import { Effect, Option, Schema } from "effect";
import type { PolicyEntry } from "../../contract/views/policies.ts";
import { type KnownToProposals, PolicyReference } from "../../domain/consensus/contract.ts";
import type { proposal } from "../../domain/consensus/decider.ts";
import type { KnownToPolicies, policy } from "../../domain/consensus/policy.ts";
import { type PoliciesSet, type Policy, policyFor, policyOf } from "../../domain/consensus/policy-document.ts";
import { type CommandOf, canonicalJson, defined } from "../../domain/kernel/mod.ts";
import type { CommandError } from "../command-error.ts";
import type { Documents } from "../live-view.ts";
import { type Artifacts, Digests, type EventStore, type Snapshots } from "../ports/mod.ts";
import { ReadModels } from "../read-models.ts";
import { ownersOfPrincipals, voters, votingPeople } from "./agents.ts";
import { decidedFlake, decidedGraph } from "./graphs.ts";

/** The policies that are set, from the documents of the view. */
export const policiesIn =
  (documents: Documents<PolicyEntry>): PoliciesSet =>
  (id) => {
    const entry = documents.get(id);
    if (entry === undefined || entry.retired) return undefined;
    return { id, version: entry.policyVersion, document: entry.policy };
  };

/** A policy with its digest: the SHA-256 of its document's canonical JSON. */
export const withDigest = (policy: Policy) =>
  Effect.map(Digests, ({ sha256 }) => ({ ...policy, digest: sha256(canonicalJson(policy.document)) }));

/**
 * Returns the policy in force for a kind of proposals, and the policy with the given id if there is one. For a caller that
 * has just waited for another view to be up to date.
 */
export const policiesFor = Effect.fnUntraced(function* (kind: string, named: string | undefined) {
  const set = policiesIn((yield* (yield* ReadModels).documents("policies")).documents);
  const other = named === undefined ? undefined : policyOf(named, set);
  return defined({
    policy: yield* withDigest(policyFor(kind, set)),
    namedPolicy: other === undefined ? undefined : yield* withDigest(other),
  });
});

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

const knownToSubmit = Effect.fnUntraced(function* ({ kind, policy }: Pick<Submission, "kind" | "policy">) {
  const known: KnownToProposals = { ...(yield* voters), ...(yield* policiesFor(kind, policy)) };
  return known;
});

/** The electorate of a proposal that names no voters, with their keys. Both are fixed when voting opens. */
const knownToOpen = Effect.map(voters, (known): KnownToProposals => known);

/** Authors of a round's conditions, and those who are one pair of eyes with them, have no vote in the next one. */
const knownToOpenRound = Effect.map(
  ownersOfPrincipals,
  (owners): KnownToProposals => ({ defaultElectorate: [], owners }),
);

const knownToEnact = Effect.fnUntraced(function* (subject: unknown) {
  const changed = yield* changeOf(subject);
  const known: KnownToProposals = { defaultElectorate: [], ...defined({ changed }) };
  return known;
});

/** Returns the knowledge that a proposal's decisions need. */
export const lookUpForProposal = (
  command: CommandOf<typeof proposal.commands>,
):
  | Effect.Effect<KnownToProposals, CommandError, Artifacts | Digests | EventStore | ReadModels | Snapshots>
  | undefined => {
  switch (command.type) {
    case "submit":
    case "put-to-vote":
      return knownToSubmit(command.payload);
    case "open-round":
      return knownToOpenRound;
    case "open-voting":
      return knownToOpen;
    case "enact":
      return knownToEnact(command.payload.subject);
    default:
      return undefined;
  }
};

const knownToPropose = Effect.fnUntraced(function* (kind: string) {
  const voting = yield* votingPeople;
  yield* (yield* ReadModels).upToDate("policies");
  const { policy: inForce } = yield* policiesFor(kind, undefined);
  const { policy: ruling } = yield* policiesFor("policy", undefined);
  const known: KnownToPolicies = { inForce, ruling, ...voting };
  return known;
});

/** Returns the knowledge that the proposal of a policy needs: the policies in force, and who may vote. */
export const lookUpForPolicy = ({ type }: CommandOf<typeof policy.commands>, id: string) =>
  type === "propose" || type === "propose-retirement" ? knownToPropose(id) : undefined;
