import { Chunk, HashMap, HashSet, Option } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { freeze } from "../../../domain/freeze/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import type { HostState } from "../../../domain/host/state.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { changeIn } from "../../../domain/knowledge/contract.ts";
import { knowledge } from "../../../domain/knowledge/decider.ts";
import type { FactObject } from "../../../domain/knowledge/fact.ts";
import { systemSpace as space } from "../../../domain/knowledge/policy.ts";
import type { Action } from "../../action.ts";
import type { ProcessManager } from "../../process-manager.ts";
import { ballots, give } from "../actions.ts";
import { type Claim, claimsOf, claimsOfHost, ending, keyOf, singleValued, type Triple } from "./claims.ts";

const name = "system-knowledge";

interface State {
  readonly hosts: HashMap.HashMap<string, HostState>;
  /** The triples that hold for each part that is claimed as a whole, by their keys. */
  readonly wholes: HashMap.HashMap<string, HashSet.HashSet<string>>;
  /** The number of parts that claim a triple. */
  readonly wanted: HashMap.HashMap<string, number>;
  /** The last object of each single-valued statement, by subject and predicate. */
  readonly said: HashMap.HashMap<string, FactObject>;
  /** The asserted facts about wholes that are not retracted: fact id by triple. */
  readonly asserted: HashMap.HashMap<string, string>;
  /** The reverse: triple by fact id. */
  readonly tripleOf: HashMap.HashMap<string, string>;
  /** Whether the rules of the space are set. This happens before its first fact. */
  readonly configured: boolean;
  /** The actions to take when this commit is over. */
  readonly due: Due;
  /** Whether the last event ended its commit. */
  readonly commitOver: boolean;
}

/**
 * Chunks, because each claim appends to them. An array would be copied each time, and one event may have a claim for
 * each of 20,000 participants.
 */
interface Due {
  readonly configures: boolean;
  readonly assertions: Chunk.Chunk<Assertion>;
  /** Ids of facts. */
  readonly retractions: Chunk.Chunk<string>;
}

type Assertion = Triple & { readonly confidence: number; readonly source: string };

const nothingDue: Due = { configures: false, assertions: Chunk.empty(), retractions: Chunk.empty() };

const nothing: State = {
  hosts: HashMap.empty(),
  wholes: HashMap.empty(),
  wanted: HashMap.empty(),
  said: HashMap.empty(),
  asserted: HashMap.empty(),
  tripleOf: HashMap.empty(),
  configured: false,
  due: nothingDue,
  commitOver: true,
};

/** This many facts fit into a message. */
const factsInCommit = 500;

/**
 * Returns the commands for all facts of one commit. They share as few commits as possible, because each commit is a
 * durable write.
 */
const asserting = (assertions: ReadonlyArray<Assertion>): ReadonlyArray<Action> => {
  const actions: Array<Action> = [];
  for (let start = 0; start < assertions.length; start += factsInCommit) {
    const [first, ...more] = assertions.slice(start, start + factsInCommit);
    if (first === undefined) break;
    const command = { type: "assert-facts", payload: { facts: [first, ...more] } } as const;
    actions.push(give(knowledge, space, command, `assert.${assertions.length - start}`));
  }
  return actions;
};

const retractionOf = (fact: string): Action =>
  give(knowledge, space, { type: "retract-fact", payload: { fact } }, `retract.${fact}`);

const configuration = give(knowledge, space, { type: "configure", payload: { singleValued } });

const doing = (state: State, due: Partial<Due>): State => ({
  ...state,
  configured: true,
  due: { ...state.due, configures: state.due.configures || !state.configured, ...due },
});

const assert = (state: State, triple: Triple, source: string): State =>
  doing(state, { assertions: Chunk.append(state.due.assertions, { ...triple, confidence: 1, source }) });

const retract = (state: State, fact: string): State =>
  doing(state, { retractions: Chunk.append(state.due.retractions, fact) });

const say = (state: State, triple: Triple, source: string): State => {
  if (!(triple.predicate in singleValued)) return assert(state, triple, source);
  const key = JSON.stringify([triple.subject, triple.predicate]);
  if (Option.contains(HashMap.get(state.said, key), triple.object)) return state;
  return assert({ ...state, said: HashMap.set(state.said, key, triple.object) }, triple, source);
};

const wants = (state: State, key: string): number => Option.getOrElse(HashMap.get(state.wanted, key), () => 0);

const want = (state: State, key: string, more: 1 | -1): State => {
  const count = wants(state, key) + more;
  return {
    ...state,
    wanted: count === 0 ? HashMap.remove(state.wanted, key) : HashMap.set(state.wanted, key, count),
  };
};

/** Replaces the claims about a part: retracts triples that no part claims any longer, and asserts new ones. */
const claimWhole = (before: State, { part, triples }: Claim & { is: "whole" }, source: string): State => {
  const old = Option.getOrElse(HashMap.get(before.wholes, part), () => HashSet.empty<string>());
  const now = new Map(triples.map((triple) => [keyOf(triple), triple]));
  const wholes =
    now.size === 0
      ? HashMap.remove(before.wholes, part)
      : HashMap.set(before.wholes, part, HashSet.fromIterable(now.keys()));
  let state: State = { ...before, wholes };
  for (const [key, triple] of now) {
    if (HashSet.has(old, key)) continue;
    if (wants(state, key) === 0) state = assert(state, triple, source);
    state = want(state, key, 1);
  }
  for (const key of old) {
    if (now.has(key)) continue;
    state = want(state, key, -1);
    const fact = Option.getOrUndefined(HashMap.get(state.asserted, key));
    if (wants(state, key) === 0 && fact !== undefined) state = retract(state, fact);
  }
  return state;
};

/** Handles own facts that return from the log. A fact that is no longer claimed, or that exists twice, is retracted. */
const onOwnFact = (state: State, event: RecordedEvent): State => {
  if (!isEventOf(knowledge, event) || event.id !== space || event.actor !== name) return state;
  const change = changeIn(event);
  if (change?.record.kind === "retraction") {
    const { fact } = change.record;
    const triple = Option.getOrUndefined(HashMap.get(state.tripleOf, fact));
    if (triple === undefined) return state;
    return {
      ...state,
      asserted: HashMap.remove(state.asserted, triple),
      tripleOf: HashMap.remove(state.tripleOf, fact),
    };
  }
  if (change?.record.kind !== "fact" || !ending.has(change.record.predicate)) return state;
  const key = keyOf(change.record);
  return wants(state, key) > 0 && !HashMap.has(state.asserted, key)
    ? {
        ...state,
        asserted: HashMap.set(state.asserted, key, change.id),
        tripleOf: HashMap.set(state.tripleOf, change.id, key),
      }
    : retract(state, change.id);
};

/** Returns the state with a host's event applied, and the claims that follow. */
const onHost = (state: State, event: RecordedEventOf<typeof host.events>) => {
  const before = Option.getOrElse(HashMap.get(state.hosts, event.id), () => host.initial);
  const after = host.evolve(before, event, { ...event, aggregateId: event.id });
  return {
    state: { ...state, hosts: HashMap.set(state.hosts, event.id, after) },
    claims: claimsOfHost(event, after),
  };
};

const evolve = (before: State, event: RecordedEvent): State => {
  const current: State = {
    ...before,
    due: before.commitOver ? nothingDue : before.due,
    commitOver: event.lastOfCommit,
  };
  if (event.aggregate === knowledge.name) return onOwnFact(current, event);
  const { state, claims } = isEventOf(host, event)
    ? onHost(current, event)
    : { state: current, claims: claimsOf(event) };
  return claims.reduce<State>(
    (reached, claim) =>
      claim.is === "said" ? say(reached, claim.triple, event.eventId) : claimWhole(reached, claim, event.eventId),
    state,
  );
};

const react = ({ due, commitOver }: State): ReadonlyArray<Action> =>
  commitOver
    ? [
        ...(due.configures ? [configuration] : []),
        ...asserting(Chunk.toReadonlyArray(due.assertions)),
        ...Chunk.toReadonlyArray(due.retractions).map(retractionOf),
      ]
    : [];

/**
 * Records the state of the installation as facts in the space `system`, where every agent can query them: what runs on
 * which host, outcomes of deployments and votes, drifts, and freezes.
 */
export const systemKnowledge: ProcessManager<State> = {
  name,
  aggregates: [deployment.name, freeze.name, host.name, proposal.name, dialog.name, knowledge.name],
  ignores: ballots,
  initial: nothing,
  evolve,
  react,
};
