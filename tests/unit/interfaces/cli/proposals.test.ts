import { expect, test } from "@jest/globals";
import type { ProposalDocument } from "../../../../src/contract/views/proposals.ts";
import { voteLines, voteStatusOf } from "../../../../src/interfaces/cli/proposals.ts";

const now = Date.parse("2026-01-01T00:00:00.000Z");
const tally = { approve: 2, reject: 0, abstain: 0, total: 3, quorumRequired: 2, quorumReached: true };
const second: ProposalDocument = {
  version: 1,
  position: 1,
  proposer: "deployment-workflow",
  votingSeconds: 60,
  ballotsMayChange: true,
  id: "d1",
  kind: "deployment",
  title: "Deploy version 3 of shop (simulated)",
  subject: {},
  protocol: "simple-majority",
  quorum: "1/2",
  maxRounds: 3,
  discussionSeconds: 0,
  status: "active",
  electorate: ["ada", "bob", "security"].map((id) => ({ id, weight: 1 })),
  ballots: [
    { voter: "ada", weight: 1, choice: "approve", at: "" },
    { voter: "bob", weight: 1, choice: "approve", at: "" },
  ],
  carried: ["ada"],
  round: 2,
  rounds: [
    {
      round: 1,
      subject: {},
      conditions: [{ voter: "security", text: "encrypt it" }],
      ballots: [],
      tally,
      reviews: [],
      endedAt: "2026-01-01T00:00:00.000Z",
    },
  ],
  excluded: [{ id: "mallory", reason: "`mallory` changed the graph by its condition" }],
  struck: [{ voter: "cy", reason: "`cy` may not vote: left" }],
  blocking: [{ reviewer: "capacity", rule: "capacity/memory", message: "too little", mendable: false }],
  missingReviews: ["security"],
  tally,
  deadline: "2026-01-01T00:00:51.000Z",
  submittedAt: "2026-01-01T00:00:00.000Z",
};

test("a vote says which round it is, who is left out or struck, what blocks it, and what is missing", () => {
  const lines = voteLines(voteStatusOf(second, now)).join("\n");
  for (const line of [
    "round 2 of at most 3; round 1 ended with the conditions: encrypt it (security)",
    "ada: approve, carried over from the round before",
    "mallory has no vote: `mallory` changed the graph by its condition",
    "the ballot of cy was struck: `cy` may not vote: left",
    "capacity blocks it: capacity/memory: too little",
    "the review by security is required and missing",
  ])
    expect(lines).toContain(line);
  expect(lines).not.toContain("bob: approve, carried over");
});
