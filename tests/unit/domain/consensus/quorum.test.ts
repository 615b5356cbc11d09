import { describe, expect, test } from "@jest/globals";
import { countBallots } from "../../../../src/domain/consensus/count.ts";
import { fractionOf } from "../../../../src/domain/consensus/fraction.ts";
import { quorumReached, quorumRequired } from "../../../../src/domain/consensus/quorum.ts";
import { tallyOf } from "../../../../src/domain/consensus/tally.ts";

describe("the quorum", () => {
  test.each([
    [1n, "1/2", 1n],
    [2n, "1/2", 1n],
    [3n, "1/2", 2n],
    [3n, "2/3", 2n],
    [4n, "2/3", 3n],
    [10n, 0.3, 3n],
    [10n, 0.31, 4n],
    [7n, "0/1", 0n],
    [7n, 1, 7n],
    [2n ** 60n + 1n, "1/2", 2n ** 59n + 1n],
  ] as const)("of %s is at %s rounded up to %s", (total, share, required) => {
    expect(quorumRequired(total, fractionOf(share))).toBe(required);
  });

  test("is reached by approvals, rejections and abstentions, exactly at the threshold", () => {
    const half = fractionOf("1/2");
    expect(quorumReached({ approve: 1n, reject: 1n, abstain: 1n, total: 6n }, half)).toBe(true);
    expect(quorumReached({ approve: 1n, reject: 1n, abstain: 0n, total: 6n }, half)).toBe(false);
  });
});

describe("a tally", () => {
  test("loses nothing beyond 2^53", () => {
    const weight = Number.MAX_SAFE_INTEGER;
    const electorate = ["a", "b", "c"].map((id) => ({ id, weight }));
    const count = countBallots(
      [...electorate, { id: "d", weight: 1 }],
      [
        { choice: "approve", weight },
        { choice: "approve", weight },
        { choice: "approve", weight: 1 },
        { choice: "reject", weight },
      ],
    );
    expect(tallyOf(count, fractionOf("1/2"))).toEqual({
      approve: "18014398509481983",
      reject: 9007199254740991,
      abstain: 0,
      total: "27021597764222974",
      quorumRequired: "13510798882111487",
      quorumReached: true,
    });
  });
});
