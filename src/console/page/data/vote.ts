import type { DocumentOf } from "../../../contract/views/mod.ts";
import { Rules } from "../../../domain/consensus/rules.ts";
import type { ActiveVote } from "../../../domain/consensus/state.ts";
import { defined } from "../../../domain/kernel/mod.ts";

type Proposal = DocumentOf<"proposals">;
type Rule = keyof Rules;

const ruleNames = Object.keys(Rules.fields) as ReadonlyArray<Rule>;

/** The rules in the document of a proposal, without its other fields. */
export const rulesOf = (proposal: Proposal): Rules =>
  Object.fromEntries(ruleNames.flatMap((name) => (name in proposal ? [[name, proposal[name]]] : []))) as Rules;

/**
 * The vote of a document as the decider of the domain takes it; undefined if it is not open. `extended`: whether a late
 * quorum has moved its deadline already.
 */
export const activeVoteOf = (proposal: Proposal, extended: boolean): ActiveVote | undefined => {
  const { status, proposer, electorate, ballots, deadline, vetoKeys, round, subject } = proposal;
  if (status !== "active" || deadline === undefined) return undefined;
  const { reviews = [], excluded = [], glass } = proposal;
  const rounds =
    round === undefined
      ? undefined
      : defined({
          round,
          subject,
          reviews,
          excluded,
          glass,
          offered: reviews.flatMap((one) => one.remedies),
          accepting: [],
        });
  // Only the decider's own ballots have no time.
  const counted = ballots.map(({ at: _, ...ballot }) => ballot);
  return defined({
    status,
    proposer,
    rules: rulesOf(proposal),
    vetoKeys,
    rounds,
    electorate,
    deadline,
    extended,
    ballots: counted,
  });
};
