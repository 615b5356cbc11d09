import { expect, test } from "@jest/globals";
import { earlyWords, endingOf, prospectWords, ruleWords } from "../../../../src/console/page/pages/decision/words.ts";

const tally = { approve: 5, reject: 1, abstain: 0, total: 6, quorumRequired: 4, quorumReached: true };
const rules = {
  protocol: "qualified-majority",
  threshold: "2/3",
  quorum: "2/3",
  votingSeconds: 60,
  discussionSeconds: 0,
  ballotsMayChange: true,
} as const;

test("the rules of a vote in words", () => {
  expect(ruleWords(rules, tally)).toBe("of those for and against it, at least 2/3 for it; 4 of 6 must vote");
  const { threshold: _, ...others } = rules;
  expect(ruleWords({ ...others, protocol: "weighted" }, tally)).toBe(
    "more for it than against it; 4 of 6 must vote; by weight",
  );
});

test("what a ballot would do, in words", () => {
  const approved = { type: "proposal-approved", data: { tally } } as const;
  expect(prospectWords({ choice: "approve", tally, follows: approved })).toBe("5 : 1, approved at once");
  expect(prospectWords({ choice: "approve", tally, otherwise: approved })).toBe(
    "5 : 1, still open; approved if nobody else votes",
  );
  const later = { type: "voting-extended", data: { deadline: "2026-11-30T13:00:00.000Z" } } as const;
  expect(prospectWords({ choice: "approve", tally, follows: later })).toBe(
    "5 : 1, open longer, because the quorum came late",
  );
  expect(prospectWords({ choice: "approve", tally, refusal: "voting ended" })).toBe("voting ended");
});

test("when a vote ends early, in words", () => {
  const otherwise = { type: "proposal-expired", data: { tally } } as const;
  expect(earlyWords({ uncast: 3, toApprove: 2, toReject: 3, otherwise }, ["security"])).toBe(
    "It ends at once with 2 more for it, or 3 more against it. No approval ends it before the review of security. If nobody else votes, it is expired without a quorum at the deadline.",
  );
  expect(endingOf(undefined)).toBeUndefined();
});
