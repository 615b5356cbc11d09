import { HashMap, Option } from "effect";
import { courseAfter } from "../../domain/consensus/course.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import type { Electorate } from "../../domain/consensus/electorate.ts";
import { ruleVotesName } from "../../domain/consensus/kinds.ts";
import { policy } from "../../domain/consensus/policy.ts";
import { freeze } from "../../domain/freeze/decider.ts";
import { scopeText } from "../../domain/freeze/scope.ts";
import { type DataOf, defined, isEventOf, type RecordedEvent } from "../../domain/kernel/mod.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { ballots, give } from "./actions.ts";

type PolicyProposed = DataOf<typeof policy.events, "policy-proposed">;
type UnfreezeProposed = DataOf<typeof freeze.events, "unfreeze-proposed">;

/** The open votes on changes of the rules, by proposal, and the actions after the newest event. */
interface Votes {
  readonly open: HashMap.HashMap<string, Action>;
  readonly decided: ReadonlyArray<Action>;
}

const votersOf = (electorate: Electorate) => electorate.map(({ id, weight }) => ({ id, weight }));

/**
 * Returns the command that puts a policy to the vote. The subject has the whole document, so that exactly the approved
 * text is set.
 */
const proposePolicy = (id: string, proposed: PolicyProposed): Action => {
  const { proposal: vote, document, replaces, electorate, by, reason } = proposed;
  const what = document === undefined ? "Retire" : "Set";
  return give(proposal, vote, {
    type: "submit",
    payload: {
      kind: "policy",
      title: `${what} the policy for ${id}${reason === undefined ? "" : `: ${reason}`}`,
      subject: { policy: id, document: document ?? null, replaces, by },
      electorate: votersOf(electorate),
    },
  });
};

const changePolicy = (id: string, { document, reason }: PolicyProposed): Action =>
  document === undefined
    ? give(policy, id, { type: "retire", payload: defined({ reason }) })
    : give(policy, id, { type: "set", payload: document });

const proposeUnfreeze = (id: string, { proposal: vote, freeze, electorate, by, reason }: UnfreezeProposed): Action =>
  give(proposal, vote, {
    type: "submit",
    payload: {
      kind: "unfreeze",
      title: `Lift the freeze of ${scopeText(id)}: ${reason}`,
      subject: { frozen: id, freeze, by },
      electorate: votersOf(electorate),
    },
  });

const putToTheVote = (
  { open }: Votes,
  vote: { readonly id: string; readonly begin: Action; readonly enact: Action },
): Votes => ({ open: HashMap.set(open, vote.id, vote.enact), decided: [vote.begin] });

const evolve = (votes: Votes, event: RecordedEvent): Votes => {
  const { open } = votes;
  const { id } = event;
  if (isEventOf(policy, event) && event.type === "policy-proposed") {
    const proposed: PolicyProposed = event.data;
    const enact = changePolicy(id, proposed);
    return putToTheVote(votes, { id: proposed.proposal, begin: proposePolicy(id, proposed), enact });
  }
  if (isEventOf(freeze, event) && event.type === "unfreeze-proposed") {
    const proposed: UnfreezeProposed = event.data;
    const lift = { freeze: proposed.freeze, proposal: proposed.proposal };
    const enact = give(freeze, id, { type: "lift", payload: lift });
    return putToTheVote(votes, { id: proposed.proposal, begin: proposeUnfreeze(id, proposed), enact });
  }
  // A vetoed vote resumes if the key that signed the veto is revoked.
  if (!isEventOf(proposal, event) || courseAfter[event.type] !== "over" || event.type === "proposal-vetoed")
    return { open, decided: [] };
  const ended = Option.toArray(HashMap.get(open, id));
  return { open: HashMap.remove(open, id), decided: event.type === "proposal-enacted" ? ended : [] };
};

/** Puts changes of the rules to the vote (policies, and the lifting of freezes), and makes the approved changes. */
export const ruleVotes: ProcessManager<Votes> = {
  name: ruleVotesName,
  aggregates: [freeze.name, policy.name, proposal.name],
  ignores: ballots,
  initial: { open: HashMap.empty(), decided: [] },
  evolve,
  react: ({ decided }) => decided,
};
