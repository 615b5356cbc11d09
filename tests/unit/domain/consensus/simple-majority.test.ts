import { expect, test } from "@jest/globals";
import { simpleMajority } from "../../../../src/domain/consensus/simple-majority.ts";

const count = (approve: bigint, reject: bigint, abstain = 0n) => ({
  approve,
  reject,
  abstain,
  total: approve + reject + abstain,
});
const huge = 2n ** 60n;

test.each([
  ["one more approval than rejection approves", count(3n, 2n), true],
  ["a tie does not", count(2n, 2n), false],
  ["one approval less does not", count(2n, 3n), false],
  ["abstentions do not count", count(1n, 0n, 100n), true],
  ["nobody for or against is a tie", count(0n, 0n, 5n), false],
  ["one unit decides between huge weights", count(huge + 1n, huge), true],
  ["huge weights tie exactly", count(huge, huge), false],
])("%s", (_, votes, approves) => {
  expect(simpleMajority.voteSucceeded(votes)).toBe(approves);
});

test("a rejection says whether it was a tie", () => {
  expect(simpleMajority.rejectionCause(count(1n, 1n))).toBe("tie");
  expect(simpleMajority.rejectionCause(count(0n, 0n, 3n))).toBe("tie");
  expect(simpleMajority.rejectionCause(count(1n, 2n))).toBe("majority");
});
