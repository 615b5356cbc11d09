import { describe, expect, test } from "@jest/globals";
import type { ProposalDocument } from "../../../../src/contract/views/proposals.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import {
  awaitedReviews,
  awaitedVotes,
  endingLines,
  openingOfDeployment,
  openingText,
  waitingText,
} from "../../../../src/interfaces/cli/waiting.ts";
import { deployment } from "./deploy/fixtures.ts";

const now = Date.parse("2026-01-01T00:00:00.000Z");
const later = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const member = (id: string) => ({ id, weight: 1 });
const cast = (voter: string, choice: "approve" | "reject", reason?: string) =>
  defined({ voter, weight: 1, choice, at: later(0), reason });

const proposal = (fields: Partial<ProposalDocument> = {}): ProposalDocument =>
  ({
    id: "p1",
    version: 1,
    position: 1,
    kind: "deployment",
    title: "t",
    subject: {},
    protocol: "simple-majority",
    quorum: "1/2",
    discussionSeconds: 60,
    votingSeconds: 60,
    ballotsMayChange: true,
    lateQuorum: { windowSeconds: 0, extensionSeconds: 0 },
    proposer: "ann",
    status: "active",
    electorate: ["ada", "bob", "cyd", "dan", "eva"].map(member),
    ballots: ["bob", "cyd", "dan", "eva"].map((voter) => cast(voter, "approve")),
    tally: { approve: 4, reject: 0, abstain: 0, total: 5, quorumRequired: 3, quorumReached: true },
    deadline: later(51),
    submittedAt: later(0),
    ...fields,
  }) as ProposalDocument;

const textOf = (awaited: ReturnType<typeof awaitedVotes>) => awaited && waitingText(awaited, now);

describe("while people are waited for", () => {
  test("a vote says for whom and how long", () => {
    expect(textOf(awaitedVotes(proposal()))).toBe("waiting for 1 of 5 votes: ada (51 s left)");
    expect(textOf(awaitedVotes(proposal({ deadline: later(125) })))).toBe(
      "waiting for 1 of 5 votes: ada (2 min 5 s left)",
    );
    expect(awaitedVotes(proposal({ ballots: [], status: "pending" }))).toBeUndefined();
    expect(awaitedVotes(proposal({ electorate: [] }))).toBeUndefined();
  });

  test("many names are counted", () => {
    const electorate = Array.from({ length: 9 }, (_, index) => member(`v${index}`));
    expect(textOf(awaitedVotes(proposal({ electorate, ballots: [] })))).toBe(
      "waiting for 9 of 9 votes: v0, v1, v2, v3, v4 and 4 more (51 s left)",
    );
  });

  test("a discussion says whose reviews are missing", () => {
    const discussing = deployment({
      status: "discussing",
      reviewers: ["ada", "security"],
      reviewed: ["security"],
      discussionEnds: later(30),
    });
    expect(textOf(awaitedReviews(discussing))).toBe("waiting for 1 of 2 reviews: ada (30 s left)");
    expect(awaitedReviews({ ...discussing, reviewed: ["ada", "security"] })).toBeUndefined();
    expect(openingOfDeployment(discussing, now)).toBe(
      "voting opens when the reviews are in, at 2026-01-01T00:00:30.000Z at the latest; waiting for 1 of 2 reviews: ada (30 s left)",
    );
    expect(openingOfDeployment(deployment({ status: "succeeded" }), now)).toBeUndefined();
  });

  test("a vote that is not open says when it opens", () => {
    expect(openingText(proposal({ status: "pending" }), now)).toBe(
      "voting opens in 1 min 0 s, at 2026-01-01T00:01:00.000Z",
    );
    expect(openingText(proposal({ status: "pending", discussionSeconds: 0 }), now)).toContain("its proposer opens it");
  });
});

describe("the end of a vote says why", () => {
  test.each<[Partial<ProposalDocument>, ReadonlyArray<string>]>([
    [
      {
        status: "rejected",
        rejectedFor: "majority",
        ballots: [cast("ada", "reject", "too soon"), cast("bob", "reject")],
      },
      ["rejected: more against it than for it", "  ada rejected it: too soon", "  bob rejected it"],
    ],
    [
      { status: "expired", ballots: [cast("ada", "approve")] },
      ["expired: 1 of 5 voted by 2026-01-01T00:00:51.000Z, and 3 of 5 had to"],
    ],
    [{ status: "vetoed", by: "vera", reason: "freeze" }, ["vetoed by vera: freeze"]],
    [{ status: "void", reason: "graph shop has changed" }, ["void: graph shop has changed"]],
    [{ status: "cancelled", by: "ann" }, ["cancelled by ann"]],
    [{ status: "superseded", by: "p2" }, ["superseded by p2"]],
    [{ status: "enacted" }, []],
  ])("%j", (fields, lines) => {
    expect(endingLines(proposal(fields))).toEqual(lines);
  });
});
