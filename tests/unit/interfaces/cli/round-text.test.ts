import { describe, expect, test } from "@jest/globals";
import type { DeploymentDocument } from "../../../../src/contract/views/deployments.ts";
import type { HostReasons } from "../../../../src/contract/views/hosts.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { deploymentSummary, summaryLines } from "../../../../src/interfaces/cli/deploy/summary.ts";
import { makeOutput } from "../../../../src/interfaces/cli/output.ts";
import { ballotBranches, roundsText } from "../../../../src/interfaces/cli/round-text.ts";
import { treeLines } from "../../../../src/interfaces/cli/text.ts";
import { deployment } from "./deploy/fixtures.ts";
import { fakeHost } from "./harness.ts";

const { host } = fakeHost();
const plainOutput = makeOutput({ stdout: host.stdout, stderr: host.stderr, json: false, color: false, env: {} });

const conditions = [
  { voter: "ada", text: "another port", changes: [{ type: "update-node", id: "web", changes: { port: 81 } } as const] },
];
const twoRounds: Partial<DeploymentDocument> = {
  status: "rejected",
  round: 2,
  rounds: [
    {
      round: 1,
      graphVersion: 3,
      graphDigest: "sha256-g",
      ballots: [
        { voter: "ada", choice: "approve", conditions: ["another port"] },
        { voter: "bob", choice: "approve" },
      ],
      conditions,
      amended: { graphVersion: 4, graphDigest: "sha256-h", commits: [] },
    },
  ],
  ballots: [{ voter: "bob", choice: "reject" }],
};
const words = [
  "round 1: ada approve with conditions, bob approve",
  "round 1 ended with changes of the graph",
  "  ada: another port",
  "    `web`: `port` is 81",
  "round 2, the newest: bob reject",
];

describe("a vote of two rounds", () => {
  test("says who voted what in each, and what changed in between", () => {
    expect(roundsText(deployment(twoRounds))).toEqual(words);
  });

  test("is told so at the end of `deploy`, in words and as JSON", () => {
    const summary = deploymentSummary(deployment(twoRounds));
    const lines = summaryLines(summary, plainOutput);
    expect(lines).toEqual(expect.arrayContaining(["  the vote", ...words.map((line) => `    ${line}`)]));
    expect(lines.join("\n")).not.toContain("  votes ");
    expect(JSON.parse(JSON.stringify(summary))).toMatchObject({
      round: 2,
      rounds: [{ round: 1, ballots: [{ voter: "ada" }, { voter: "bob" }], conditions }],
      ballots: [{ voter: "bob", choice: "reject" }],
    });
  });

  test("is told so by `why`, with the ballot that was carried over in both", () => {
    const cast = { event: "ballot-cast", cid: "c", time: "t", actor: "x", position: 1 };
    const ballot = (voter: string, castIn: number, lapsed?: true): NonNullable<HostReasons["decision"]>["ballots"][0] =>
      defined({ voter, weight: 1, choice: "approve" as const, replaced: false, castIn, cast, lapsed });
    const ballots = [ballot("ada", 1), ballot("bob", 1, true), ballot("bob", 2)];
    const pastRounds = [{ round: 1, subject: {}, tally: noTally, conditions, ended: cast }];
    const shown = ballotBranches({ ballots, round: 2, pastRounds }, ({ voter, choice }) => ({
      text: `${voter}: ${choice}`,
    }));
    expect(treeLines(shown)).toEqual([
      "round 1",
      "  ada: approve",
      "  bob: approve",
      ...words.slice(1, 4),
      "round 2, the newest",
      "  ada: approve, carried over from the round before",
      "  bob: approve",
    ]);
  });
});

const noTally = { approve: 0, reject: 0, abstain: 0, total: 0, quorumRequired: 0, quorumReached: false };

test("a vote of one round says its votes in one line", () => {
  const one = deployment({ status: "succeeded", round: 1, ballots: [{ voter: "bob", choice: "approve" }] });
  expect(roundsText(one)).toEqual([]);
  expect(summaryLines(deploymentSummary(one), plainOutput)).toContain("  votes     bob approve");
});
