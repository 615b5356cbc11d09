import { HashMap, Option } from "effect";
import { agent } from "../../domain/agent/decider.ts";
import { courseAfter } from "../../domain/consensus/course.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { defaultPolicyId } from "../../domain/consensus/kinds.ts";
import { policy } from "../../domain/consensus/policy.ts";
import { defined, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { knowledge } from "../../domain/knowledge/decider.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { ballots, give } from "./actions.ts";

const name = "knowledge-votes";
/** The kind of proposals about facts. */
const kind = "knowledge";

interface Conflict {
  readonly space: string;
  readonly subject: string;
  readonly predicate: string;
  readonly fact: string;
  readonly title: string;
  /** Whether this process manager submitted the proposal under this id. */
  readonly submitted: boolean;
}

type Conflicts = HashMap.HashMap<string, Conflict>;

/**
 * Returns the outcome if an event decides a vote. The steps after an approval (delay, enactment) change no fact, so
 * they are not awaited.
 */
const outcomeOf = (event: RecordedEventOf<typeof proposal.events>): "approved" | "refused" | undefined => {
  if (event.type === "proposal-approved" || event.type === "proposal-approved-with-conditions") return "approved";
  return courseAfter[event.type] === "over" ? "refused" : undefined;
};

const evolve = (state: Conflicts, event: RecordedEvent): Conflicts => {
  if (isEventOf(knowledge, event)) {
    if (event.type === "resolution-requested") {
      const { proposal: id, subject, predicate, fact, title } = event.data;
      return HashMap.set(state, id, { space: event.id, subject, predicate, fact, title, submitted: false });
    }
    if (event.type === "resolution-rejected") return HashMap.remove(state, event.data.proposal);
    return event.type === "conflict-settled" && event.data.record.kind === "settlement"
      ? HashMap.remove(state, event.data.record.proposal)
      : state;
  }
  if (!isEventOf(proposal, event) || event.type !== "proposal-submitted" || event.actor !== name) return state;
  return HashMap.modify(state, event.id, (conflict) => ({ ...conflict, submitted: true }));
};

const submit = ({ space, subject, predicate, fact, title }: Conflict, id: string): Action =>
  give(
    proposal,
    id,
    {
      type: "submit",
      payload: {
        kind,
        title,
        subject: { space, subject, predicate, fact },
      },
    },
    `submit.${id}`,
  );

/** Submits the votes that could not be submitted before. */
const submitWaiting = (state: Conflicts): ReadonlyArray<Action> =>
  [...state].flatMap(([id, conflict]) => (conflict.submitted ? [] : [submit(conflict, id)]));

/** Returns whether an event may add an eligible voter. */
const bringsVoter = (event: RecordedEventOf<typeof agent.events>): boolean =>
  event.type === "agent-registered" || (event.type === "presence-changed" && event.data.status !== "offline");

/** Returns whether another policy may be in force for these votes. It may name the voters, or remove an obstacle. */
const changesPolicy = ({ id }: RecordedEventOf<typeof policy.events>): boolean => id === kind || id === defaultPolicyId;

const react = (state: Conflicts, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(knowledge, event)) {
    if (event.type !== "resolution-requested") return [];
    const conflict = Option.getOrUndefined(HashMap.get(state, event.data.proposal));
    return conflict === undefined ? [] : [submit(conflict, event.data.proposal)];
  }
  if (isEventOf(agent, event)) return bringsVoter(event) ? submitWaiting(state) : [];
  if (isEventOf(policy, event)) return changesPolicy(event) ? submitWaiting(state) : [];
  if (!isEventOf(proposal, event)) return [];
  const conflict = Option.getOrUndefined(HashMap.get(state, event.id));
  const outcome = outcomeOf(event);
  if (conflict?.submitted !== true || outcome === undefined) return [];
  const { space, subject, predicate, fact } = conflict;
  return [
    give(knowledge, space, {
      type: "settle",
      payload: defined({ subject, predicate, proposal: event.id, fact: outcome === "approved" ? fact : undefined }),
    }),
  ];
};

/**
 * Puts conflicts of facts to the vote, and records the outcome in their space. If nobody can vote, or the policy
 * refuses the vote, the conflict stays open. It is put to the vote when that changes.
 */
export const knowledgeVotes: ProcessManager<Conflicts> = {
  name,
  aggregates: [agent.name, knowledge.name, policy.name, proposal.name],
  ignores: ballots,
  initial: HashMap.empty(),
  evolve,
  react,
};
