import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import type { DecisionAccount } from "../../domain/deployment/account/decision.ts";
import { amendmentBranches } from "./amendment.ts";
import { type Branch, treeLines } from "./text.ts";

type Vote = Pick<DeploymentDocument["ballots"][number], "voter" | "choice" | "conditions">;
type Rounds = ReadonlyArray<
  Pick<DeploymentDocument["rounds"][number], "round" | "conditions"> & { readonly ballots: ReadonlyArray<Vote> }
>;

/** The rounds of a vote; fields that a document came without are those of a vote without rounds. */
interface Voted {
  readonly round?: number | undefined;
  readonly rounds?: Rounds | undefined;
  readonly ballots?: ReadonlyArray<Vote> | undefined;
}

/** Who voted what, in one line. */
export const votesText = (ballots: ReadonlyArray<Vote>): string =>
  ballots.length === 0
    ? "nobody has voted"
    : ballots
        .map(
          ({ voter, choice, conditions = [] }) =>
            `${voter} ${choice}${conditions.length > 0 ? " with conditions" : ""}`,
        )
        .join(", ");

const changesAfter = ({ round, conditions }: Pick<Rounds[number], "round" | "conditions">): Branch => ({
  text: `round ${round} ended with changes of the graph`,
  below: amendmentBranches(conditions),
});

/**
 * What happened in a vote of more than one round: who voted what in each, and what changed in between. Nothing for a
 * vote of one round.
 */
export const roundsText = ({ round = 1, rounds = [], ballots = [] }: Voted): ReadonlyArray<string> =>
  rounds.length === 0
    ? []
    : treeLines([
        ...rounds.flatMap(
          (ended): ReadonlyArray<Branch> => [
            { text: `round ${ended.round}: ${votesText(ended.ballots)}` },
            changesAfter(ended),
          ],
        ),
        { text: `round ${round}, the newest: ${votesText(ballots)}` },
      ]);

type CastBallot = DecisionAccount["ballots"][number];

/** The ballots of a decision: those of each round with what was changed after it, if there was more than one. */
export const ballotBranches = (
  { ballots, round = 1, pastRounds = [] }: Pick<DecisionAccount, "ballots" | "round" | "pastRounds">,
  ballotBranch: (ballot: CastBallot) => Branch,
): ReadonlyArray<Branch> => {
  if (pastRounds.length === 0) return ballots.map(ballotBranch);
  const castIn = (number: number) => ballots.filter((one) => one.castIn === number).map(ballotBranch);
  const carried = ballots
    .filter((one) => one.castIn !== round && one.lapsed !== true && !one.replaced)
    .map(({ voter, choice }) => ({ text: `${voter}: ${choice}, carried over from the round before` }));
  return [
    ...pastRounds.flatMap(
      (ended): ReadonlyArray<Branch> => [
        { text: `round ${ended.round}`, below: castIn(ended.round) },
        changesAfter(ended),
      ],
    ),
    { text: `round ${round}, the newest`, below: [...carried, ...castIn(round)] },
  ];
};
