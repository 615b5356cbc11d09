import { describe, expect, test } from "@jest/globals";
import { deliveries } from "../../../src/application/processes/deliveries/mod.ts";
import { proposalDeadlines } from "../../../src/application/processes/proposal-deadlines.ts";
import { agent } from "../../../src/domain/agent/decider.ts";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import { dialog } from "../../../src/domain/dialog/decider.ts";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { reactionsTo, recorder } from "./recorded.ts";

const matter = { kind: "deployment", title: "Deploy", subject: { graph: "sha256-1" } };
const rules = { protocol: "simple-majority", quorum: "1/2" } as const;
const submitted = (discussionSeconds: number): EventOf<typeof proposal.events> => ({
  type: "proposal-submitted",
  data: { ...matter, ...rules, votingSeconds: 60, discussionSeconds, ballotsMayChange: true, proposer: "ada" },
});
const deadline = "2026-01-01T00:01:00.000Z";
const opened: EventOf<typeof proposal.events> = {
  type: "voting-opened",
  data: { electorate: [{ id: "ann", weight: 2 }], ...rules, deadline },
};
const tally = { approve: 0, reject: 0, abstain: 0, total: 2, quorumRequired: 1, quorumReached: false };

describe("deadlines of proposals", () => {
  test("voting opens after the discussion, where there is one", () => {
    const record = recorder();
    expect(reactionsTo(proposalDeadlines, [record(proposal, "p1", submitted(0))])).toEqual([]);
    expect(reactionsTo(proposalDeadlines, [record(proposal, "p1", submitted(30))])).toEqual([
      {
        kind: "schedule",
        timerId: "p1-voting-opens",
        at: "1970-01-01T00:00:32.000Z",
        command: { aggregate: "proposal", id: "p1", command: "open-voting", payload: {} },
      },
    ]);
  });

  test("voting closes a millisecond after its deadline, which is inclusive", () => {
    const command = { aggregate: "proposal", id: "p1", command: "close-voting", payload: {} };
    const record = recorder();
    const history = [record(proposal, "p1", submitted(30)), record(proposal, "p1", opened)];
    expect(reactionsTo(proposalDeadlines, history)).toEqual([
      { kind: "schedule", timerId: "p1-voting-closes", at: "2026-01-01T00:01:00.001Z", command },
      { kind: "cancel-timer", timerId: "p1-voting-opens" },
    ]);
  });

  test.each([
    { type: "ballot-struck", data: { voter: "ann", reason: "suspended" } } as const,
    { type: "voter-key-changed", data: { voter: "ann", publicKey: "UNEW" } } as const,
  ])("$type leaves the deadline as it is", (event) => {
    const record = recorder();
    const history = [submitted(0), opened, event].map((one) => record(proposal, "p1", one));
    expect(reactionsTo(proposalDeadlines, history)).toEqual([]);
    const expired = record(proposal, "p1", { type: "proposal-expired", data: { tally } });
    expect(reactionsTo(proposalDeadlines, [...history, expired])).toHaveLength(1);
  });

  test("a decided proposal has none", () => {
    const record = recorder();
    const events = [submitted(0), opened, { type: "proposal-expired", data: { tally } } as const];
    const history = events.map((event) => record(proposal, "p1", event));
    expect(reactionsTo(proposalDeadlines, history)).toEqual([{ kind: "cancel-timer", timerId: "p1-voting-closes" }]);
  });
});

describe("enactment", () => {
  const command = { aggregate: "proposal", id: "p1", command: "enact", payload: { subject: matter.subject } };

  test("follows an approval at once where there is no delay", () => {
    const record = recorder();
    const events = [submitted(0), opened, { type: "proposal-approved", data: { tally } } as const];
    const history = events.map((event) => record(proposal, "p1", event));
    expect(reactionsTo(proposalDeadlines, history)[0]).toMatchObject({ kind: "command", ...command });
  });

  test("is due after the delay", () => {
    const record = recorder();
    const enactAt = "2026-01-01T01:00:00.000Z";
    const events = [submitted(0), opened, { type: "proposal-approved", data: { tally, enactAt } } as const];
    const history = events.map((event) => record(proposal, "p1", event));
    expect(reactionsTo(proposalDeadlines, history).slice(0, 1)).toEqual([
      { kind: "schedule", timerId: "p1-enacted", at: enactAt, command },
    ]);
  });
});

describe("a deadline that is moved", () => {
  test("has timers of its own", () => {
    const record = recorder();
    const extended = { type: "voting-extended", data: { deadline: "2026-01-01T00:02:00.000Z" } } as const;
    const history = [submitted(0), opened, extended].map((event) => record(proposal, "p1", event));
    expect(reactionsTo(proposalDeadlines, history)).toMatchObject([
      { timerId: "p1-voting-closes-extended", at: "2026-01-01T00:02:00.001Z" },
      { kind: "cancel-timer", timerId: "p1-voting-closes" },
    ]);
  });
});

describe("a newer proposal", () => {
  const about = (graph: string, proposer: string, kind = "infrastructure") =>
    ({
      type: "proposal-submitted",
      data: {
        kind,
        title: "Change",
        subject: { graph, graphDigest: "sha256-1" },
        ...rules,
        proposer,
        votingSeconds: 60,
        discussionSeconds: 0,
        ballotsMayChange: true,
      },
    }) as const;

  test.each([
    ["of the same proposer on the same graph takes the older one's place", about("shop", "ada"), ["supersede p1"]],
    ["on another graph does not", about("other", "ada"), []],
    ["of another kind does not", about("shop", "ada", "rollback"), []],
    ["of another proposer does not", about("shop", "eve"), []],
  ])("%s", (_, newer, expected) => {
    const record = recorder();
    const history = [record(proposal, "p1", about("shop", "ada")), record(proposal, "p2", newer)];
    const told = reactionsTo(proposalDeadlines, history).map((action) =>
      action.kind === "command" ? `${action.command} ${action.id}` : action.kind,
    );
    expect(told).toEqual(expected);
  });

  test("leaves alone what is over", () => {
    const record = recorder();
    const history = [
      record(proposal, "p1", about("shop", "ada")),
      record(proposal, "p1", { type: "proposal-expired", data: { tally } }),
      record(proposal, "p2", about("shop", "ada")),
    ];
    expect(reactionsTo(proposalDeadlines, history)).toEqual([]);
  });
});

describe("deliveries", () => {
  const registered: EventOf<typeof agent.events> = {
    type: "agent-registered",
    data: { capabilities: [], maxConcurrentTasks: 1 },
  };
  const taskSubmitted: EventOf<typeof task.events> = {
    type: "task-submitted",
    data: {
      type: "deploy",
      requiredCapabilities: ["deploy"],
      preferredCapabilities: [],
      priority: "high",
      payload: { deployment: "d1" },
      acknowledgeWithinSeconds: 5,
      maxAttempts: 3,
    },
  };
  const assigned: EventOf<typeof task.events> = {
    type: "task-assigned",
    data: { agent: "ann", attempt: 1, strategy: "s", reasons: [], acknowledgeBy: deadline },
  };

  test("inboxes come and go with registrations", () => {
    const record = recorder();
    const first = record(agent, "ann", registered);
    expect(reactionsTo(deliveries, [first])).toEqual([{ kind: "open-inbox", agent: "ann" }]);
    const gone = record(agent, "ann", { type: "agent-deregistered", data: {} });
    expect(reactionsTo(deliveries, [first, gone])).toEqual([{ kind: "keep-inbox", agent: "ann" }]);
  });

  test("turns and hand-offs wait for an agent that signed off, and nothing for one that never came", () => {
    const record = recorder();
    const before = [
      record(agent, "ann", registered),
      record(agent, "ann", { type: "agent-deregistered", data: {} }),
      record(dialog, "d1", {
        type: "dialog-opened",
        data: { type: "group", topic: "t", participants: ["ada", "ann", "eve"], routing: "broadcast", openedBy: "ada" },
      }),
    ];
    const said = record(dialog, "d1", {
      type: "turn-said",
      data: { turn: 1, speaker: "ada", text: "hello", recipients: ["ann", "eve"], routedBy: "broadcast" },
    });
    expect(reactionsTo(deliveries, [...before, said])).toMatchObject([
      { kind: "deliver", agent: "ann", message: { kind: "said", text: "hello" } },
    ]);
    const offered = (to: string) =>
      record(dialog, "d1", { type: "hand-off-offered", data: { handOff: 1, from: "ada", to } });
    expect(reactionsTo(deliveries, [...before, offered("ann")])).toMatchObject([
      { kind: "deliver", agent: "ann", message: { kind: "hand-off" } },
    ]);
    expect(reactionsTo(deliveries, [...before, offered("eve")])).toEqual([]);
  });

  test("what becomes of its task, and a vote, an agent that signed off is not told", () => {
    const record = recorder();
    const before = [
      record(agent, "ann", registered),
      record(task, "t1", taskSubmitted),
      record(task, "t1", assigned),
      record(agent, "ann", { type: "agent-deregistered", data: {} }),
    ];
    const data = { agent: "ann", attempt: 1, reason: "agent-offline" } as const;
    expect(reactionsTo(deliveries, [...before, record(task, "t1", { type: "assignment-expired", data })])).toEqual([]);
    const vote = [record(proposal, "p1", submitted(0)), record(proposal, "p1", opened)];
    expect(reactionsTo(deliveries, [...before, ...vote])).toEqual([]);
  });

  test("a task that is assigned comes with everything about it", () => {
    const record = recorder();
    const events = [record(agent, "ann", registered), record(task, "t1", taskSubmitted), record(task, "t1", assigned)];
    expect(reactionsTo(deliveries, events)).toEqual([
      {
        kind: "deliver",
        agent: "ann",
        channel: "task",
        deliveryId: "task.t1.2:ann",
        message: {
          deliveryId: "task.t1.2:ann",
          kind: "assigned",
          task: {
            id: "t1",
            type: "deploy",
            payload: { deployment: "d1" },
            priority: "high",
            attempt: 1,
            acknowledgeBy: deadline,
            requiredCapabilities: ["deploy"],
          },
        },
      },
    ]);
  });

  test("a task that is lost is withdrawn, with the reason", () => {
    const record = recorder();
    const events = [record(agent, "ann", registered), record(task, "t1", taskSubmitted), record(task, "t1", assigned)];
    const expired = record(task, "t1", {
      type: "assignment-expired",
      data: { agent: "ann", attempt: 1, reason: "agent-offline" },
    });
    expect(reactionsTo(deliveries, [...events, expired])).toMatchObject([
      { agent: "ann", message: { kind: "withdrawn", task: { id: "t1" }, reason: "agent-offline" } },
    ]);
    const cancelled = record(task, "t1", {
      type: "task-cancelled",
      data: { by: "ada", agent: "ann", reason: "no need" },
    });
    expect(reactionsTo(deliveries, [...events, cancelled])).toMatchObject([
      { agent: "ann", message: { kind: "withdrawn", task: { id: "t1" }, reason: "no need" } },
    ]);
    const waiting = record(task, "t1", { type: "task-cancelled", data: { by: "ada" } });
    expect(reactionsTo(deliveries, [...events, waiting])).toEqual([]);
  });

  test("a turn goes to each recipient that has an inbox", () => {
    const record = recorder();
    const events = [
      record(agent, "ann", registered),
      record(dialog, "d1", {
        type: "dialog-opened",
        data: { type: "group", topic: "t", participants: ["ada", "ann"], routing: "broadcast", openedBy: "ada" },
      }),
      record(dialog, "d1", {
        type: "turn-said",
        data: { turn: 1, speaker: "ada", text: "hello", recipients: ["ann", "stranger"], routedBy: "broadcast" },
      }),
    ];
    expect(reactionsTo(deliveries, events)).toEqual([
      {
        kind: "deliver",
        agent: "ann",
        channel: "turn",
        deliveryId: "dialog.d1.2:ann",
        message: {
          deliveryId: "dialog.d1.2:ann",
          kind: "said",
          dialog: { id: "d1", type: "group", topic: "t" },
          turn: 1,
          speaker: "ada",
          text: "hello",
          recipients: ["ann", "stranger"],
          routedBy: "broadcast",
        },
      },
    ]);
  });

  test("a turn that is passed on names everyone who was asked so far", () => {
    const record = recorder();
    const passedOn = (from: string, to: string): EventOf<typeof dialog.events> => ({
      type: "turn-passed-on",
      data: { turn: 1, from, to, because: "silence", reasons: ["r"], answerBy: deadline },
    });
    const events = [
      record(agent, "dan", registered),
      record(dialog, "d1", {
        type: "dialog-opened",
        data: {
          type: "group",
          topic: "t",
          routing: "priority",
          openedBy: "ada",
          participants: ["ada", "ann", "bob", "dan"],
        },
      }),
      record(dialog, "d1", {
        type: "turn-said",
        data: { turn: 1, speaker: "ada", text: "who?", recipients: ["ann"], routedBy: "priority", answerBy: deadline },
      }),
      record(dialog, "d1", passedOn("ann", "bob")),
      record(dialog, "d1", passedOn("bob", "dan")),
    ];
    expect(reactionsTo(deliveries, events)).toMatchObject([
      { agent: "dan", message: { kind: "said", recipients: ["ann", "bob", "dan"], answerBy: deadline } },
      { kind: "schedule", timerId: "d1-turn-1-3" },
    ]);
  });

  test("a turn that waits when its dialog is resumed does so for the time it has again, and no longer", () => {
    const record = recorder();
    const answerBy = "2026-01-01T01:00:00.000Z";
    const events = [
      record(dialog, "d1", {
        type: "dialog-opened",
        data: { type: "group", topic: "t", routing: "priority", openedBy: "ada", participants: ["ada", "ann"] },
      }),
      record(dialog, "d1", {
        type: "turn-said",
        data: { turn: 1, speaker: "ada", text: "who?", recipients: ["ann"], routedBy: "priority", answerBy: deadline },
      }),
      record(dialog, "d1", { type: "dialog-paused", data: { by: "ada" } }),
      record(dialog, "d1", { type: "dialog-resumed", data: { by: "ada", answerBy } }),
    ];
    expect(reactionsTo(deliveries, events)).toMatchObject([
      {
        kind: "schedule",
        timerId: "d1-turn-1-1-4",
        at: answerBy,
        command: { command: "pass-on", payload: { turn: 1, asked: 1, answerBy } },
      },
    ]);
  });

  test("an agent that signs off gives back the word, and what was offered to it or by it, where dialogs go on", () => {
    const record = recorder();
    const participants = ["ada", "ann", "bob"];
    const open = (id: string) =>
      record(dialog, id, {
        type: "dialog-opened",
        data: { type: "group", topic: "t", routing: "broadcast", openedBy: "ada", participants },
      });
    const offer = (id: string, from: string, to: string) =>
      record(dialog, id, { type: "hand-off-offered", data: { handOff: 1, from, to } });
    const events = [
      record(agent, "ann", registered),
      ...["has", "offered", "offers", "closed", "other"].map(open),
      record(dialog, "has", { type: "hand-off-accepted", data: { handOff: 1, from: "ada", to: "ann" } }),
      offer("offered", "ada", "ann"),
      offer("offers", "ann", "ada"),
      offer("other", "ada", "bob"),
      offer("closed", "ada", "ann"),
      record(dialog, "closed", { type: "dialog-closed", data: { by: "ada" } }),
      record(agent, "ann", { type: "agent-deregistered", data: {} }),
    ];
    const [kept, ...released] = reactionsTo(deliveries, events);
    expect(kept).toEqual({ kind: "keep-inbox", agent: "ann" });
    const expected = ["has", "offered", "offers"].map((id) => ({
      kind: "command",
      step: "dialog.release",
      aggregate: "dialog",
      id,
      command: "release",
      payload: { participant: "ann" },
    }));
    expect(released).toHaveLength(expected.length);
    expect(released).toEqual(expect.arrayContaining(expected));
  });

  test("a vote goes to everyone who has one, with its weight", () => {
    const record = recorder();
    const events = [
      record(agent, "ann", registered),
      record(proposal, "p1", submitted(0)),
      record(proposal, "p1", opened),
    ];
    expect(reactionsTo(deliveries, events)).toMatchObject([
      {
        agent: "ann",
        channel: "proposal",
        message: { kind: "voting-opened", proposal: { id: "p1", ...matter, ...rules, deadline, weight: 2 } },
      },
    ]);
  });
});
