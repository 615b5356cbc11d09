import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Ballot, standingBallots } from "../../../../src/domain/consensus/ballot.ts";
import { earlyResultOf, resultOf } from "../../../../src/domain/consensus/result.ts";
import type { CountingRules } from "../../../../src/domain/consensus/rules.ts";

const rules: fc.Arbitrary<CountingRules> = fc.oneof(
  fc.record({
    protocol: fc.constantFrom("simple-majority", "unanimous"),
    quorum: fc.constantFrom("0/1", "1/3", "1/2", "1/1"),
  }),
  fc.record({
    protocol: fc.constant("qualified-majority" as const),
    threshold: fc.constantFrom("1/2", "2/3", "3/4", "1/1"),
    quorum: fc.constantFrom("0/1", "1/2", "2/3"),
  }),
  fc.record({
    protocol: fc.constant("weighted" as const),
    countedAs: fc.constantFrom("simple-majority", "qualified-majority", "unanimous"),
    quorum: fc.constantFrom("1/3", "1/2"),
  }),
);

const weights = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, 1));
const choices = fc.constantFrom("approve", "reject", "abstain", undefined);

/** An electorate, and what each member says, if anything. */
const vote = fc
  .array(fc.record({ weight: weights, choice: choices }), { minLength: 1, maxLength: 8 })
  .map((voters) => ({
    electorate: voters.map(({ weight }, index) => ({ id: `v${index}`, weight })),
    ballots: voters.flatMap(
      ({ choice, weight }, index): ReadonlyArray<Ballot> =>
        choice === undefined ? [] : [{ voter: `v${index}`, weight, choice }],
    ),
  }));

const shuffled = vote.chain(({ electorate, ballots }) =>
  fc.record({
    electorate: fc.constant(electorate),
    ballots: fc.constant(ballots),
    otherOrder: fc.shuffledSubarray(ballots, { minLength: ballots.length }),
  }),
);

describe("the result of a vote", () => {
  test("does not depend on the order of the ballots of different voters", () => {
    fc.assert(
      fc.property(rules, shuffled, (by, { electorate, ballots, otherOrder }) => {
        expect(resultOf(by, electorate, otherOrder)).toEqual(resultOf(by, electorate, ballots));
      }),
      { numRuns: 500 },
    );
  });

  test("is what was decided early, whatever came later", () => {
    fc.assert(
      fc.property(rules, shuffled, (by, { electorate, otherOrder }) => {
        for (let cast = 0; cast <= otherOrder.length; cast++) {
          const early = earlyResultOf(by, electorate, otherOrder.slice(0, cast));
          if (early !== undefined) expect(resultOf(by, electorate, otherOrder).outcome).toBe(early.outcome);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("stays an approval when more approve", () => {
    fc.assert(
      fc.property(rules, vote, fc.nat(), (by, { electorate, ballots }, which) => {
        const { id = "", weight = 0 } = electorate[which % electorate.length] ?? {};
        const more = standingBallots(ballots, { voter: id, weight, choice: "approve" });
        const before = resultOf(by, electorate, ballots).outcome;
        const after = resultOf(by, electorate, more).outcome;
        if (before === "approved") expect(after).toBe("approved");
      }),
      { numRuns: 500 },
    );
  });

  test("is that of the newest ballot of each voter", () => {
    fc.assert(
      fc.property(rules, shuffled, (by, { electorate, ballots, otherOrder }) => {
        const first = otherOrder.map((ballot): Ballot => ({ ...ballot, choice: "reject" }));
        const standing = [...first, ...ballots].reduce<ReadonlyArray<Ballot>>(standingBallots, []);
        expect(resultOf(by, electorate, standing)).toEqual(resultOf(by, electorate, ballots));
      }),
    );
  });

  test("leaves out the conditions of those whose ballots count nothing", () => {
    const conditions = [{ text: "encrypt it" }];
    const electorate = [
      { id: "a", weight: 1 },
      { id: "b", weight: 0 },
    ];
    const ballots: ReadonlyArray<Ballot> = [
      { voter: "a", weight: 1, choice: "approve" },
      { voter: "b", weight: 0, choice: "approve", conditions },
    ];
    expect(resultOf({ protocol: "simple-majority", quorum: "1/2" }, electorate, ballots)).toMatchObject({
      outcome: "approved",
      conditions: [],
    });
  });
});
