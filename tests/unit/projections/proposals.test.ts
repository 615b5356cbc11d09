import { expect, test } from "@jest/globals";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { proposals } from "../../../src/projections/proposals.ts";
import { makeLog, timeAt } from "./log.ts";

type Event = EventOf<typeof proposal.events>;

const matter = { kind: "deployment", title: "Deploy", subject: { graph: "sha256-1" } };
const rules = { protocol: "simple-majority", quorum: "1/2" } as const;
const submitted: Event = {
  type: "proposal-submitted",
  data: { ...matter, ...rules, votingSeconds: 60, discussionSeconds: 5, ballotsMayChange: true, proposer: "peter" },
};
const electorate = [
  { id: "alice", weight: 2 },
  { id: "bob", weight: 1 },
];
const opened: Event = { type: "voting-opened", data: { electorate, ...rules, deadline: timeAt(60) } };
const ballot = (voter: string, weight: number, choice: "approve" | "reject", replaces = false): Event => ({
  type: "ballot-cast",
  data: { voter, weight, choice, replaces },
});
const tally = { approve: 2, reject: 1, abstain: 0, total: 3, quorumRequired: 2, quorumReached: true };

const documentAfter = (...events: ReadonlyArray<Event>) => {
  const log = makeLog();
  for (const event of events) log.commit(proposal, "p1", [event]);
  return log.documents(proposals).get("p1");
};

test("a proposal under discussion has no electorate and no count", () => {
  expect(documentAfter(submitted)).toEqual({
    id: "p1",
    ...matter,
    ...rules,
    votingSeconds: 60,
    discussionSeconds: 5,
    ballotsMayChange: true,
    proposer: "peter",
    status: "pending",
    electorate: [],
    ballots: [],
    tally: { approve: 0, reject: 0, abstain: 0, total: 0, quorumRequired: 0, quorumReached: false },
    submittedAt: timeAt(1),
    version: 1,
    position: 1,
  });
});

test("the tally follows the ballots that stand", () => {
  const document = documentAfter(
    submitted,
    opened,
    ballot("alice", 2, "reject"),
    ballot("bob", 1, "reject"),
    ballot("alice", 2, "approve", true),
  );
  expect(document).toMatchObject({ status: "active", deadline: timeAt(60), electorate, tally });
  expect(document?.ballots).toEqual([
    { voter: "bob", weight: 1, choice: "reject", at: timeAt(4) },
    { voter: "alice", weight: 2, choice: "approve", at: timeAt(5) },
  ]);
});

test.each([
  ["approved", { type: "proposal-approved", data: { tally } }],
  ["rejected", { type: "proposal-rejected", data: { tally, reason: "majority" } }],
  ["expired", { type: "proposal-expired", data: { tally } }],
  ["withdrawn", { type: "proposal-withdrawn", data: {} }],
  ["cancelled", { type: "proposal-cancelled", data: { by: "bob" } }],
  ["superseded", { type: "proposal-superseded", data: { by: "p2" } }],
] as const)("in the end it is %s", (status, event) => {
  const document = documentAfter(submitted, opened, event);
  expect(document).toMatchObject({ status, decidedAt: timeAt(3) });
  expect(document).not.toHaveProperty("reason");
});

test("an approval that takes effect says when, and a veto by whom and why", () => {
  const approved: Event = { type: "proposal-approved", data: { tally, enactAt: timeAt(90) } };
  expect(documentAfter(submitted, opened, approved)).toMatchObject({ status: "approved", enactAt: timeAt(90) });
  const enacted: Event = { type: "proposal-enacted", data: { outcome: "approved", tally, conditions: [] } };
  expect(documentAfter(submitted, opened, approved, enacted)).toMatchObject({
    status: "enacted",
    decidedAt: timeAt(3),
    enactedAt: timeAt(4),
  });
  const vetoed: Event = { type: "proposal-vetoed", data: { by: "vera", reason: "freeze" } };
  expect(documentAfter(submitted, opened, approved, vetoed)).toMatchObject({
    status: "vetoed",
    by: "vera",
    reason: "freeze",
    decidedAt: timeAt(4),
  });
});

test("a deadline that was moved is the new one", () => {
  const extended: Event = { type: "voting-extended", data: { deadline: timeAt(120) } };
  expect(documentAfter(submitted, opened, extended)).toMatchObject({ status: "active", deadline: timeAt(120) });
});

test("an approval with conditions has them", () => {
  const conditions = [{ voter: "alice", text: "add a backup" }] as const;
  expect(
    documentAfter(submitted, opened, { type: "proposal-approved-with-conditions", data: { tally, conditions } }),
  ).toMatchObject({ status: "approved-with-conditions", conditions, tally });
});

test("a ballot that was struck is shown with the reason until its voter votes again; who is carried over is shown too", () => {
  const review = { reviewer: "security", blocking: [], remedies: [] };
  const excluded: Event = { ...submitted, data: { ...submitted.data, excluded: [], reviews: [review] } } as Event;
  const conditions = [{ voter: "alice", text: "checked", changes: [] }] as const;
  const struck: Event = { type: "ballot-struck", data: { voter: "bob", reason: "`bob` was suspended" } };
  const before = [excluded, opened, ballot("alice", 2, "approve"), ballot("bob", 1, "reject"), struck];
  expect(documentAfter(...before)).toMatchObject({ struck: [{ voter: "bob", reason: "`bob` was suspended" }] });
  expect(documentAfter(...before, ballot("bob", 1, "approve"))).toMatchObject({ struck: [] });
  const ended: Event = { type: "round-ended", data: { round: 1, tally, conditions } };
  const next = { round: 2, subject: { graphDigest: "sha256-2" }, electorate, deadline: timeAt(90) };
  const round: Event = { type: "round-opened", data: { ...next, excluded: [], carried: ["alice"] } };
  const second = documentAfter(...before, ended, round);
  expect(second).toMatchObject({ round: 2, carried: ["alice"], ballots: [{ voter: "alice" }] });
  expect(second?.struck).toBeUndefined();
  expect(documentAfter(...before, ended, round, ballot("alice", 2, "reject", true))).toMatchObject({ carried: [] });
});
