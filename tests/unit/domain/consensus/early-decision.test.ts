import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Choice } from "../../../../src/domain/consensus/ballot.ts";
import { countBallots } from "../../../../src/domain/consensus/count.ts";
import { fractionOf } from "../../../../src/domain/consensus/fraction.ts";
import { qualifiedMajority } from "../../../../src/domain/consensus/qualified-majority.ts";
import { earlyOutcome, type Outcome, outcomeOf } from "../../../../src/domain/consensus/result.ts";
import { simpleMajority } from "../../../../src/domain/consensus/simple-majority.ts";
import { unanimous } from "../../../../src/domain/consensus/unanimous.ts";

const choices = ["approve", "reject", "abstain"] as const;
interface Voter {
  readonly weight: number;
  readonly choice: Choice | undefined;
}

/** Every way in which those who have not voted may still vote, or not. */
const completions = (voters: ReadonlyArray<Voter>): ReadonlyArray<ReadonlyArray<Voter>> =>
  voters.reduce<ReadonlyArray<ReadonlyArray<Voter>>>(
    (done, voter) =>
      done.flatMap((before) =>
        (voter.choice === undefined ? [undefined, ...choices] : [voter.choice]).map((choice) => [
          ...before,
          { weight: voter.weight, choice },
        ]),
      ),
    [[]],
  );

const countOf = (voters: ReadonlyArray<Voter>) =>
  countBallots(
    voters.map(({ weight }, index) => ({ id: `voter-${index}`, weight })),
    voters.flatMap(({ weight, choice }) => (choice === undefined ? [] : [{ weight, choice }])),
  );

const voters = fc.array(
  fc.record({ weight: fc.integer({ min: 0, max: 4 }), choice: fc.constantFrom(...choices, undefined) }),
  { minLength: 1, maxLength: 5 },
);
const rules = fc.constantFrom(
  simpleMajority,
  unanimous,
  ...["1/2", "2/3", "3/4", "1/1"].map((share) => qualifiedMajority(fractionOf(share))),
);
const quorum = fc.constantFrom("0/1", "1/3", "1/2", "2/3", "1/1").map(fractionOf);

describe("a vote ends early", () => {
  test("exactly when every completion ends the same, and as they do", () => {
    fc.assert(
      fc.property(rules, voters, quorum, (rule, cast, share) => {
        const outcomes = new Set<Outcome>(
          completions(cast).map((complete) => outcomeOf(rule, countOf(complete), share)),
        );
        const [only, ...others] = outcomes;
        expect(earlyOutcome(rule, countOf(cast), share)).toBe(others.length === 0 ? only : undefined);
      }),
      { numRuns: 1000 },
    );
  });

  const half = fractionOf("1/2");
  const early = (approve: bigint, reject: bigint, abstain: bigint, total: bigint) =>
    earlyOutcome(simpleMajority, { approve, reject, abstain, total }, half);

  test("with an approval that those who are left cannot outvote", () => {
    expect(early(3n, 0n, 0n, 5n)).toBe("approved");
    expect(early(2n, 0n, 0n, 4n)).toBeUndefined();
    expect(early(2n, 0n, 1n, 4n)).toBe("approved");
  });
  test("with a rejection that those who are left can at most turn into a tie", () => {
    expect(early(0n, 2n, 0n, 4n)).toBe("rejected");
    expect(early(0n, 2n, 0n, 5n)).toBeUndefined();
  });
  test("not before the quorum is reached, however clear it is", () => {
    expect(
      earlyOutcome(simpleMajority, { approve: 9n, reject: 0n, abstain: 0n, total: 10n }, fractionOf("1/1")),
    ).toBeUndefined();
    expect(
      earlyOutcome(simpleMajority, { approve: 0n, reject: 9n, abstain: 0n, total: 10n }, fractionOf("1/1")),
    ).toBeUndefined();
  });
  test("with one rejection where all must agree, whatever the quorum", () => {
    const count = { approve: 0n, reject: 1n, abstain: 0n, total: 5n };
    expect(earlyOutcome(unanimous, count, fractionOf("1/1"))).toBe("rejected");
    expect(earlyOutcome(unanimous, { ...count, reject: 0n, abstain: 1n }, half)).toBeUndefined();
  });
  test("when everyone has voted", () => {
    expect(early(1n, 1n, 0n, 2n)).toBe("rejected");
    expect(early(0n, 0n, 3n, 3n)).toBe("rejected");
  });
});
