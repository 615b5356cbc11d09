import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { outlookOf, prospectsOf } from "../../../../src/domain/consensus/outlook.ts";
import type { ActiveVote } from "../../../../src/domain/consensus/state.ts";

const deadline = "2026-11-30T13:00:00.000Z";
const time = "2026-11-30T12:00:00.000Z";

const vote = (more: Partial<ActiveVote> = {}, rules: Partial<ActiveVote["rules"]> = {}): ActiveVote => ({
  status: "active",
  proposer: "ben",
  rules: {
    protocol: "simple-majority",
    quorum: "1/2",
    votingSeconds: 60,
    discussionSeconds: 0,
    ballotsMayChange: true,
    ...rules,
  },
  electorate: [
    { id: "ada", weight: 2 },
    { id: "bert", weight: 1 },
    { id: "cleo", weight: 1 },
  ],
  deadline,
  extended: false,
  ballots: [],
  ...more,
});
const bertFor = { ballots: [{ voter: "bert", weight: 1, choice: "approve" }] } as const;

test("a ballot that decides the vote ends it at once, and one that does not says how it ends otherwise", () => {
  const [approve, reject, abstain] = prospectsOf(vote(bertFor), "ada", time);
  expect(approve).toMatchObject({ choice: "approve", tally: { approve: 3 }, follows: { type: "proposal-approved" } });
  expect(reject).toMatchObject({ choice: "reject", tally: { reject: 2 }, follows: { type: "proposal-rejected" } });
  expect(abstain).toMatchObject({ choice: "abstain", otherwise: { type: "proposal-approved" } });
  expect(abstain).not.toHaveProperty("follows");
});

test("whoever has no vote has no prospects, and a refused ballot says why", () => {
  expect(prospectsOf(vote(), "zoe", time)).toEqual([]);
  const [late] = prospectsOf(vote(), "ada", "2026-11-30T13:00:00.001Z");
  expect(late?.refusal).toContain("voting ended");
});

test("a vote that asks for signatures shows what a signed ballot would do", () => {
  const electorate = [{ id: "ada", weight: 1, publicKey: "UKEY" }];
  const [approve] = prospectsOf(vote({ electorate }, { signedBallots: true }), "ada", time);
  expect(approve?.follows?.type).toBe("proposal-approved");
});

test("an approval with a blocking finding is a veto, and one without a required review does not end early", () => {
  const rounds: ActiveVote["rounds"] = {
    round: 1,
    subject: {},
    reviews: [{ reviewer: "security", blocking: [{ rule: "r", message: "open port", mendable: false }], remedies: [] }],
    offered: [],
    accepting: [],
    excluded: [],
  };
  expect(prospectsOf(vote({ ...bertFor, rounds }), "ada", time)[0]?.follows?.type).toBe("proposal-vetoed");
  const waiting = vote({ ...bertFor, rounds: { ...rounds, reviews: [] } }, { requiredReviews: ["security"] });
  const [approve] = prospectsOf(waiting, "ada", time);
  expect(approve).not.toHaveProperty("follows");
  expect(approve?.otherwise).toMatchObject({ type: "proposal-expired", data: { missingReviews: ["security"] } });
});

test("the outlook names the least weight that ends the vote", () => {
  expect(outlookOf(vote(bertFor))).toMatchObject({ uncast: 3, toApprove: 2, toReject: 2 });
  expect(outlookOf(vote()).otherwise?.type).toBe("proposal-expired");
  expect(outlookOf(vote(bertFor, { awaitConditions: true })).toApprove).toBe(3);
});

test("with one weight less than the least one, a vote goes on", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(weights, (all) => {
      const electorate = all.map((weight, index) => ({ id: `v${index}`, weight }));
      const { toApprove = 0 } = outlookOf(vote({ electorate }));
      const whole = { id: "one", weight: toApprove };
      const total = all.reduce((sum, weight) => sum + weight, 0);
      const split = [whole, { id: "rest", weight: total - toApprove }];
      const [approve] = prospectsOf(vote({ electorate: split }), "one", time);
      expect(approve?.follows?.type).toBe("proposal-approved");
      const less = [
        { id: "one", weight: toApprove - 1 },
        { id: "rest", weight: total - toApprove + 1 },
      ];
      expect(prospectsOf(vote({ electorate: less }), "one", time)[0]).not.toHaveProperty("follows");
    }),
  );
});
