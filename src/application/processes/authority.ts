import { Effect, HashMap, HashSet, Option, Schema } from "effect";
import type { ProposalDocument } from "../../contract/views/proposals.ts";
import { grantedOf, namedBy } from "../../domain/agent/capability.ts";
import { agent } from "../../domain/agent/decider.ts";
import type { Agent, AgentState } from "../../domain/agent/state.ts";
import { capability } from "../../domain/capability/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { endsWithVeto } from "../../domain/consensus/kinds.ts";
import {
  defined,
  isEventOf,
  isOwnPrincipal,
  type RecordedEvent,
  type RecordedEventOf,
} from "../../domain/kernel/mod.ts";
import { changeIn } from "../../domain/knowledge/contract.ts";
import { knowledge } from "../../domain/knowledge/decider.ts";
import { principal } from "../../domain/principal/decider.ts";
import { type Standing, standingOf } from "../../domain/principal/standing.ts";
import type { PrincipalState } from "../../domain/principal/state.ts";
import type { Action } from "../action.ts";
import type { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { ProcessManager } from "../process-manager.ts";
import { ReadModels } from "../read-models.ts";
import { give } from "./actions.ts";
import { type RevokedKey, revokeRecords } from "./revoked-records.ts";

const name = "authority";

interface State {
  readonly principals: HashMap.HashMap<string, PrincipalState>;
  readonly agents: HashMap.HashMap<string, AgentState>;
  readonly guarded: HashSet.HashSet<string>;
}

type PrincipalEvent = RecordedEventOf<typeof principal.events>;
type AgentEvent = RecordedEventOf<typeof agent.events>;

const principalIn = ({ principals }: State, id: string): PrincipalState =>
  Option.getOrElse(HashMap.get(principals, id), () => principal.initial);
const agentIn = ({ agents }: State, id: string): AgentState =>
  Option.getOrElse(HashMap.get(agents, id), () => agent.initial);

/** Returns what a principal was granted. The default roles of principals without an admission have no effect here. */
const standingIn = (state: State, id: string): Standing => standingOf(principalIn(state, id) ?? undefined, []);

const evolve = (state: State, event: RecordedEvent): State => {
  const context = { ...event, aggregateId: event.id };
  if (isEventOf(principal, event)) {
    const after = principal.evolve(principalIn(state, event.id), event, context);
    return { ...state, principals: HashMap.set(state.principals, event.id, after) };
  }
  if (isEventOf(capability, event)) {
    const change = event.type === "capability-guarded" ? HashSet.add : HashSet.remove;
    return { ...state, guarded: change(state.guarded, event.id) };
  }
  if (!isEventOf(agent, event)) return state;
  return {
    ...state,
    agents: HashMap.set(state.agents, event.id, agent.evolve(agentIn(state, event.id), event, context)),
  };
};

/** Returns the key with which an agent signs: its principal's, or else the first key that it registered itself. */
const keyOf = ({ publicKey, isKeyRevoked }: Standing, known: Agent): string | undefined =>
  publicKey ?? (isKeyRevoked === true ? undefined : known.publicKey);

/** Copies the principal's rights to its agent, because all other readers look only at the agent. */
const carry = (state: State, id: string): ReadonlyArray<Action> => {
  const known = agentIn(state, id);
  const standing = standingIn(state, id);
  if (known === null) return [];
  if (standing.stopped !== undefined)
    return known.registered ? [give(agent, id, { type: "deregister", payload: { reason: standing.stopped } })] : [];
  const publicKey = keyOf(standing, known);
  const named = namedBy(known);
  const guarded = named.filter((one) => HashSet.has(state.guarded, one));
  const capabilities = guarded.filter((one) => standing.capabilities.has(one));
  const granted = grantedOf(named, { ...standing, guarded: new Set(guarded) });
  const isSame = granted.capabilities.length === known.capabilities.length && publicKey === known.publicKey;
  const payload = {
    roles: [...standing.roles],
    ...defined({ capabilities: listed(capabilities), guarded: listed(guarded), publicKey }),
  };
  return isSame ? [] : [give(agent, id, { type: "apply-authority", payload })];
};

const listed = (names: ReadonlyArray<string>): ReadonlyArray<string> | undefined =>
  names.length === 0 ? undefined : names;

/** Updates every agent that names a capability after a change of whether it must be granted. */
const carryToAll = (state: State, capability: string): ReadonlyArray<Action> =>
  [...HashMap.entries(state.agents)].flatMap(([id, known]) =>
    known !== null && namedBy(known).includes(capability) ? carry(state, id) : [],
  );

/** A correction of the open votes concerning one voter. */
const Correction = Schema.Struct({
  voter: Schema.String,
  /** If present, the voter's ballots are struck for this reason. */
  strike: Schema.optionalKey(Schema.String),
  /** If present, only ballots with this key that were cast after this moment are struck. */
  signed: Schema.optionalKey(Schema.Struct({ publicKey: Schema.String, since: Schema.String })),
  /** The voter's new key; null if it has none. */
  publicKey: Schema.optionalKey(Schema.NullOr(Schema.String)),
});
type Correction = typeof Correction.Type;
const decodeCorrection = Schema.decodeUnknownEffect(Correction);

/** Returns whether a key signed a ballot after the moment from which its ballots no longer count. */
const isBySigner = (
  { signedBy, at }: ProposalDocument["ballots"][number],
  { publicKey, since }: NonNullable<Correction["signed"]>,
): boolean => signedBy === publicKey && at > since;

const correct = (input: Correction): Action => ({ kind: "operation", operation: "correct-votes", input });

/**
 * Returns the corrections of votes and knowledge spaces after an event. `current` is the principal's key after the
 * event.
 */
const corrections = (event: PrincipalEvent, current: string | undefined): ReadonlyArray<Action> => {
  const voter = event.id;
  switch (event.type) {
    case "principal-suspended":
    case "principal-signed-off":
      return [correct({ voter, strike: `\`${voter}\` may not vote: ${event.data.reason}` })];
    case "roles-revoked":
      return event.data.roles.includes("voter")
        ? [correct({ voter, strike: `\`${voter}\` has lost the role \`voter\`: ${event.data.reason}` })]
        : [];
    case "key-rotated":
      return [correct({ voter, publicKey: event.data.publicKey })];
    case "key-revoked": {
      const { publicKey, since, reason } = event.data;
      const strike = `the key ${publicKey} was revoked: ${reason}`;
      const { position } = event;
      return [
        // If the revoked key was a former one, the voter keeps its current key.
        correct({ voter, strike, signed: { publicKey, since }, publicKey: current ?? null }),
        {
          kind: "operation",
          operation: "revoke-records",
          input: { author: voter, publicKey, since, position, reason } satisfies RevokedKey,
        },
      ];
    }
    default:
      return [];
  }
};

/** Strikes a veto that was signed with a revoked key, in a vote that can continue without it. */
const strikeVeto = (
  { id, kind, status, by, signedBy, decidedAt = "", ballots }: ProposalDocument,
  { voter: holder, strike: reason, signed }: Correction,
): ReadonlyArray<Action> => {
  const isStruck = status === "vetoed" && by === holder && signedBy === signed?.publicKey && !endsWithVeto(kind);
  if (signed === undefined || reason === undefined || !isStruck || decidedAt <= signed.since) return [];
  const { publicKey } = signed;
  const ballot = ballots.some((cast) => cast.voter === holder && isBySigner(cast, signed));
  const payload = { holder, reason, signedBy: publicKey, ballot };
  return [give(proposal, id, { type: "strike-veto", payload }, `veto.${id}.${holder}`)];
};

const open: ReadonlySet<ProposalDocument["status"]> = new Set([
  "pending",
  "active",
  "amending",
  "approved",
  "approved-with-conditions",
]);

/** Returns whether a vote is open, or would resume if its veto were struck. */
const isCorrected = ({ status, kind }: ProposalDocument): boolean =>
  open.has(status) || (status === "vetoed" && !endsWithVeto(kind));

/** Corrects the open votes. `react` strikes ballots that reach the log later. */
const correctVotes = Effect.fnUntraced(function* (input: Schema.Json) {
  const correction = yield* Effect.orDie(decodeCorrection(input));
  const { voter, strike, signed, publicKey } = correction;
  const proposals = yield* (yield* ReadModels).upToDate("proposals");
  const vetoes = [...proposals.values()].flatMap((document) => strikeVeto(document, correction));
  const others = [...proposals.values()].filter(isCorrected).flatMap(({ id, ballots }): ReadonlyArray<Action> => {
    const struck = ballots.some(
      (ballot) => ballot.voter === voter && (signed === undefined || isBySigner(ballot, signed)),
    );
    const payload = { voter, reason: strike ?? "", ...defined({ signedBy: signed?.publicKey }) };
    const key = { voter, ...defined({ publicKey: publicKey ?? undefined }) };
    return [
      ...(strike !== undefined && struck
        ? [give(proposal, id, { type: "strike-ballot", payload }, `strike.${id}.${voter}`)]
        : []),
      ...(publicKey === undefined
        ? []
        : [give(proposal, id, { type: "change-voter-key", payload: key }, `key.${id}.${voter}`)]),
    ];
  });
  return [...vetoes, ...others];
});

/** Strikes a record under a revoked key, which was accepted by a backend that had not yet seen the revocation. */
const lateRecord = (state: State, event: RecordedEvent): ReadonlyArray<Action> => {
  const change = isEventOf(knowledge, event) ? changeIn(event) : undefined;
  if (change?.signature === undefined) return [];
  const { publicKey } = change.signature;
  if (principalIn(state, change.record.author)?.revokedKeys.includes(publicKey) !== true) return [];
  const payload = { records: [change.id] as const, publicKey, reason: "this record came after the revocation" };
  return [give(knowledge, event.id, { type: "revoke-records", payload })];
};

const afterAgent = (state: State, event: AgentEvent): ReadonlyArray<Action> => {
  const { id, actor } = event;
  switch (event.type) {
    case "agent-registered": {
      const { publicKey } = event.data;
      const isNews = publicKey !== undefined && principalIn(state, id)?.publicKey === undefined;
      return [
        ...(isNews ? [give(principal, id, { type: "record-key", payload: { publicKey } })] : []),
        ...carry(state, id),
      ];
    }
    case "capabilities-updated":
      return actor === name ? [] : carry(state, id);
    case "agent-deregistered": {
      if (actor === id || isOwnPrincipal(actor)) return [];
      const payload = { by: actor, reason: event.data.reason ?? "no reason was given" };
      return [give(principal, id, { type: "sign-off", payload })];
    }
    default:
      return [];
  }
};

/** Returns why a principal may no longer vote or veto: it lost the role or the key. Undefined if it lost neither. */
const lost = (
  state: State,
  id: string,
  signedBy = "",
): { readonly reason: string; readonly signedBy?: string } | undefined => {
  const known = principalIn(state, id);
  // Votes in old logs precede roles.
  if (known === null) return undefined;
  if (!standingOf(known, []).roles.has("voter")) return { reason: `\`${id}\` may not vote` };
  return known.revokedKeys.includes(signedBy) ? { reason: `the key ${signedBy} was revoked`, signedBy } : undefined;
};

/**
 * Strikes a ballot or a veto of a principal that had already lost the role or the key. It was accepted by a backend
 * that had not yet seen the loss.
 */
const lateInVote = (state: State, event: RecordedEvent): ReadonlyArray<Action> => {
  if (!isEventOf(proposal, event)) return [];
  const { id, eventId } = event;
  if (event.type === "ballot-cast") {
    const { voter, signedBy } = event.data;
    const late = lost(state, voter, signedBy);
    if (late === undefined) return [];
    const payload = { voter, ...late };
    return [give(proposal, id, { type: "strike-ballot", payload }, `strike.${id}.${eventId}`)];
  }
  // A blocking finding is not the veto of a holder.
  if (event.type !== "proposal-vetoed" || event.data.findings !== undefined) return [];
  const { by: holder, signedBy } = event.data;
  const late = lost(state, holder, signedBy);
  if (late === undefined) return [];
  const input: LateVeto = { proposal: id, event: eventId, holder, ...late };
  return [{ kind: "operation", operation: "strike-late-veto", input }];
};

const LateVeto = Schema.Struct({
  proposal: Schema.String,
  event: Schema.String,
  holder: Schema.String,
  reason: Schema.String,
  signedBy: Schema.optionalKey(Schema.String),
});
type LateVeto = typeof LateVeto.Type;
const decodeLateVeto = Schema.decodeUnknownEffect(LateVeto);

/** Strikes a late veto, unless the process behind the vote has ended with it. */
const strikeLateVeto = Effect.fnUntraced(function* (input: Schema.Json) {
  const { proposal: id, event, ...late } = yield* Effect.orDie(decodeLateVeto(input));
  const document = (yield* (yield* ReadModels).upToDate("proposals")).get(id);
  if (document === undefined || endsWithVeto(document.kind)) return [];
  // The holder's ballot was struck when it lost the role or the key, or as a late ballot.
  const payload = { ...late, ballot: false };
  return [give(proposal, id, { type: "strike-veto", payload }, `veto.${id}.${event}`)];
});

const react = (state: State, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(principal, event))
    return [...carry(state, event.id), ...corrections(event, principalIn(state, event.id)?.publicKey)];
  if (isEventOf(agent, event)) return afterAgent(state, event);
  if (isEventOf(capability, event)) return carryToAll(state, event.id);
  return [...lateInVote(state, event), ...lateRecord(state, event)];
};

/** Applies granted and lost rights of principals to their agents, to open votes, and to knowledge spaces. */
export const authority: ProcessManager<State, ReadModels | KnowledgeSpaces> = {
  name,
  aggregates: [principal.name, agent.name, capability.name, proposal.name, knowledge.name],
  concurrency: 16,
  initial: { principals: HashMap.empty(), agents: HashMap.empty(), guarded: HashSet.empty() },
  evolve,
  react,
  operations: { "correct-votes": correctVotes, "revoke-records": revokeRecords, "strike-late-veto": strikeLateVeto },
};
