import { describe, expect, test } from "@jest/globals";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { decisionAccountOf } from "../../../../src/domain/deployment/account/decision.ts";
import { deploymentAccountOf, discussionAccountOf } from "../../../../src/domain/deployment/account/deployment.ts";
import { deployment } from "../../../../src/domain/deployment/decider.ts";
import { dialog } from "../../../../src/domain/dialog/decider.ts";
import type { EventOf, EventSpecs, RecordedEventOf } from "../../../../src/domain/kernel/mod.ts";

const recorded = <E extends EventSpecs>(
  { name }: { readonly name: string; readonly events: E },
  events: ReadonlyArray<EventOf<E>>,
): ReadonlyArray<RecordedEventOf<E>> =>
  events.map((event, index) => ({
    ...event,
    eventId: `${name}.d1.${index + 1}`,
    aggregate: name,
    id: "d1",
    schemaVersion: 1,
    version: index + 1,
    position: index + 1,
    lastOfCommit: true,
    time: "2026-11-24T00:00:00.000Z",
    cid: `cid-${index + 1}`,
    actor: "ada",
    commandId: `c${index}`,
    correlationId: "",
  }));

const revision = { graphVersion: 3, graphDigest: "sha256-g3", flakeDigest: "sha256-f3", waves: [] };
const requested: EventOf<typeof deployment.events> = {
  type: "deployment-requested",
  data: {
    graph: "shop",
    ...revision,
    target: "simulated",
    protocol: "simple-majority",
    reviewers: ["ann"],
    settings: { discussionSeconds: 1, votingSeconds: 1, monitorSeconds: 1, timeoutSeconds: 10 },
    pinnedVersion: false,
    requestedBy: "ada",
  },
};

describe("the account of a deployment", () => {
  const account = (...events: ReadonlyArray<EventOf<typeof deployment.events>>) =>
    deploymentAccountOf(recorded(deployment, [requested, ...events]));

  test("has what was deployed in the end, and how it became that", () => {
    const changes = [{ type: "remove-node", id: "x" }] as const;
    expect(
      account(
        { type: "discussion-started", data: { dialog: "d1", deadline: "2026-11-24T00:00:01.000Z" } },
        { type: "voting-started", data: { proposal: "d1" } },
        { type: "deployment-approved", data: { conditions: [{ voter: "ann", text: "without x", changes }] } },
        { type: "revision-amended", data: { ...revision, graphVersion: 4, flakeDigest: "sha256-f4", changes } },
        { type: "flake-generated", data: { flakeDigest: "sha256-f4", files: 2, bytes: 10 } },
        { type: "deploying-started", data: { task: "d1=deploy" } },
        { type: "monitoring-started", data: { task: "d1=monitor", seconds: 1 } },
        { type: "deployment-succeeded", data: {} },
      ),
    ).toMatchObject({
      id: "d1",
      status: "succeeded",
      graphVersion: 4,
      flakeDigest: "sha256-f4",
      dialog: "d1",
      proposal: "d1",
      requested: { position: 1 },
      amendment: { from: 3, to: 4, changes, amended: { position: 5 } },
      flake: { files: 2, bytes: 10, generated: { position: 6 } },
      ended: { position: 9 },
    });
  });

  test("says why it was stopped, and has no end while it is rolled back", () => {
    const rollback = { phase: "succeeded", reason: "rollback-requested", detail: "go home", by: "eve" } as const;
    const started = account(
      { type: "deployment-succeeded", data: {} },
      { type: "rollback-started", data: { ...rollback, attempt: 1, task: "d1=rollback-1", hosts: [] } },
    );
    expect(started).toMatchObject({ status: "rolling-back", stop: { ...rollback, stopped: { position: 3 } } });
    expect(started).not.toHaveProperty("ended");
    expect(account({ type: "deployment-cancelled", data: { by: "eve" } })).toMatchObject({
      status: "cancelled",
      stop: { reason: "cancelled", by: "eve" },
      ended: { position: 2 },
    });
  });

  test("of nothing is nothing", () => {
    expect(deploymentAccountOf([])).toBeUndefined();
    expect(decisionAccountOf([])).toBeUndefined();
    expect(discussionAccountOf([])).toBeUndefined();
  });
});

describe("the account of a decision", () => {
  const tally = { approve: 1, reject: 0, abstain: 0, total: 1, quorumRequired: 1, quorumReached: true };
  const matter = {
    kind: "deployment",
    title: "Deploy",
    subject: {},
    protocol: "simple-majority",
    quorum: "1/2",
  } as const;
  const times = { votingSeconds: 1, discussionSeconds: 0, ballotsMayChange: true };
  const electorate = [{ id: "ann", weight: 1 }];

  test("has every ballot that was cast, and which of them counted", () => {
    const account = decisionAccountOf(
      recorded(proposal, [
        { type: "proposal-submitted", data: { ...matter, ...times, electorate, proposer: "ada" } },
        {
          type: "voting-opened",
          data: { electorate, protocol: "simple-majority", quorum: "1/2", deadline: "2026-11-24T00:00:01.000Z" },
        },
        { type: "ballot-cast", data: { voter: "ann", weight: 1, choice: "reject", reason: "no", replaces: false } },
        { type: "ballot-cast", data: { voter: "ann", weight: 1, choice: "approve", replaces: true } },
        { type: "proposal-approved", data: { tally } },
      ]),
    );
    expect(account).toMatchObject({
      proposal: "d1",
      outcome: "approved",
      electorate,
      tally,
      decided: { position: 5 },
      ballots: [
        { voter: "ann", choice: "reject", reason: "no", replaced: true, cast: { position: 3 } },
        { voter: "ann", choice: "approve", replaced: false, cast: { position: 4 } },
      ],
    });
  });
});

describe("the account of a discussion", () => {
  test("has every turn, and what reviews found without what would mend it", () => {
    const finding = { rule: "r", severity: "warning", nodes: [], edges: [], message: "m" } as const;
    const findings = [{ ...finding, changes: [{ type: "remove-node", id: "x" }] }];
    const said = { speaker: "ann", recipients: [], routedBy: "broadcast" } as const;
    const opened = {
      type: "group",
      topic: "Deploy",
      participants: ["ann"],
      routing: "broadcast",
      openedBy: "ada",
    } as const;
    expect(
      discussionAccountOf(
        recorded(dialog, [
          { type: "dialog-opened", data: opened },
          {
            type: "turn-said",
            data: { ...said, turn: 1, text: "well", data: { kind: "review", deployment: "d1", findings } },
          },
          { type: "turn-said", data: { ...said, turn: 2, text: "and so on" } },
        ]),
      ),
    ).toEqual({
      dialog: "d1",
      topic: "Deploy",
      turns: [
        { turn: 1, speaker: "ann", text: "well", findings: [finding], said: expect.objectContaining({ position: 2 }) },
        { turn: 2, speaker: "ann", text: "and so on", findings: [], said: expect.objectContaining({ position: 3 }) },
      ],
    });
  });
});
