import { describe, expect, test } from "@jest/globals";
import { fractionOf } from "../../../../src/domain/consensus/fraction.ts";
import { countingRuleOf } from "../../../../src/domain/consensus/protocols.ts";
import { qualifiedMajority } from "../../../../src/domain/consensus/qualified-majority.ts";
import { unanimous } from "../../../../src/domain/consensus/unanimous.ts";

const count = (approve: bigint, reject: bigint, abstain = 0n, missing = 0n) => ({
  approve,
  reject,
  abstain,
  total: approve + reject + abstain + missing,
});

describe("a qualified majority", () => {
  test.each([
    ["2/3", count(2n, 1n), true],
    ["2/3", count(1n, 1n), false],
    ["2/3", count(200n, 101n), false],
    ["2/3", count(2n, 1n, 100n), true],
    ["1/2", count(1n, 1n), false],
    ["1/2", count(2n, 1n), true],
    ["1/1", count(5n, 0n), true],
    ["1/1", count(5n, 1n), false],
    ["2/3", count(0n, 0n, 5n), false],
    ["2/3", count(2n ** 61n, 2n ** 60n), true],
    ["2/3", count(2n ** 61n - 1n, 2n ** 60n), false],
  ])("of %s of %o approves: %s", (threshold, votes, approves) => {
    expect(qualifiedMajority(fractionOf(threshold)).voteSucceeded(votes)).toBe(approves);
  });

  test("says why it was missed", () => {
    const rule = qualifiedMajority(fractionOf("3/4"));
    expect(rule.rejectionCause(count(2n, 1n))).toBe("below-threshold");
    expect(rule.rejectionCause(count(1n, 1n))).toBe("tie");
    expect(rule.rejectionCause(count(1n, 2n))).toBe("majority");
  });
});

describe("unanimity", () => {
  test.each([
    ["everyone approves", count(3n, 0n), true],
    ["one abstains", count(2n, 0n, 1n), false],
    ["one is missing", count(2n, 0n, 0n, 1n), false],
    ["one rejects", count(2n, 1n), false],
    ["nobody is there", count(0n, 0n), false],
  ])("where %s: %o, %s", (_, votes, approves) => {
    expect(unanimous.voteSucceeded(votes)).toBe(approves);
  });

  test("is settled by one rejection", () => {
    expect(unanimous.isBlocked(count(2n, 1n, 0n, 9n))).toBe(true);
    expect(unanimous.isBlocked(count(2n, 0n, 1n))).toBe(false);
  });
});

test("a weighted vote is counted as its rules say", () => {
  const votes = count(3n, 2n);
  const weighted = { protocol: "weighted", quorum: "1/2" } as const;
  expect(countingRuleOf(weighted).voteSucceeded(votes)).toBe(true);
  expect(countingRuleOf({ ...weighted, countedAs: "qualified-majority" }).voteSucceeded(votes)).toBe(false);
  expect(countingRuleOf({ ...weighted, countedAs: "qualified-majority", threshold: "3/5" }).voteSucceeded(votes)).toBe(
    true,
  );
  expect(countingRuleOf({ ...weighted, countedAs: "unanimous" }).voteSucceeded(votes)).toBe(false);
});
