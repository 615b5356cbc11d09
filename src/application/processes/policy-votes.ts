import { HashMap, Option } from "effect";
import { proposal } from "../../domain/consensus/decider.ts";
import { policyVotesName } from "../../domain/consensus/kinds.ts";
import { policy } from "../../domain/consensus/policy.ts";
import { type DataOf, defined, isEventOf, type RecordedEvent } from "../../domain/kernel/mod.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { ballots, give } from "./actions.ts";

type Proposed = DataOf<typeof policy.events, "policy-proposed">;

/** The changes of policies that are voted on, by the id of the proposal, and the one whose vote the newest event ends. */
interface Votes {
  readonly open: HashMap.HashMap<string, Proposed & { readonly policy: string }>;
  readonly enacted?: Proposed & { readonly policy: string };
}

const stillOpen: ReadonlySet<string> = new Set([
  "proposal-submitted",
  "voting-opened",
  "ballot-cast",
  "voting-extended",
  "proposal-approved",
  "proposal-approved-with-conditions",
]);

const evolve = ({ open }: Votes, event: RecordedEvent): Votes => {
  if (isEventOf(policy, event)) {
    if (event.type !== "policy-proposed") return { open };
    const proposed: Proposed = event.data;
    return { open: HashMap.set(open, proposed.proposal, { ...proposed, policy: event.id }) };
  }
  if (!isEventOf(proposal, event) || stillOpen.has(event.type)) return { open };
  const ended = Option.getOrUndefined(HashMap.get(open, event.id));
  return defined({
    open: HashMap.remove(open, event.id),
    enacted: event.type === "proposal-enacted" ? ended : undefined,
  });
};

const titleOf = (id: string, { document, reason }: Proposed): string =>
  `${document === undefined ? "Retire" : "Set"} the policy for ${id}${reason === undefined ? "" : `: ${reason}`}`;

/** The vote by the policy for policies. Its subject has the whole document: what is decided on is what will be set. */
const putToTheVote = (id: string, proposed: Proposed): Action => {
  const { proposal: vote, document = null, replaces, electorate, by } = proposed;
  const subject = { policy: id, document, replaces, by };
  const voters = electorate.map((member) => ({ id: member.id, weight: member.weight }));
  return give(proposal, vote, {
    type: "submit",
    payload: { kind: "policy", title: titleOf(id, proposed), subject, electorate: voters },
  });
};

const enact = ({ policy: id, document, reason }: Proposed & { readonly policy: string }): Action =>
  document === undefined
    ? give(policy, id, { type: "retire", payload: defined({ reason }) })
    : give(policy, id, { type: "set", payload: document });

/** Puts changes of policies to the vote, and makes those that were approved. */
export const policyVotes: ProcessManager<Votes> = {
  name: policyVotesName,
  aggregates: [policy.name, proposal.name],
  ignores: ballots,
  initial: { open: HashMap.empty() },
  evolve,
  react: ({ enacted }, event) => {
    if (isEventOf(policy, event)) return event.type === "policy-proposed" ? [putToTheVote(event.id, event.data)] : [];
    return enacted === undefined ? [] : [enact(enacted)];
  },
};
