import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  Agent,
  type AgentOptions,
  type Client,
  type TaskContext,
  TaskFailed,
  type Turn,
} from "../../../../src/agents/kit/mod.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";
import { eventually, type ScriptedBackend, scriptedInstallation } from "../scripted-backend.ts";

let nats: TestNats;
let backend: ScriptedBackend;
let client: Client;
let agent: Agent | undefined;
const logged: Array<string> = [];

beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());
beforeEach(async () => {
  ({ backend, client } = await scriptedInstallation(nats, "bob"));
  logged.length = 0;
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  await client.close();
  await backend.close();
});

const start = async (options: Partial<AgentOptions> = {}) => {
  agent = await Agent.make({
    client,
    id: "bob",
    capabilities: ["dig"],
    log: (message) => logged.push(message),
    ...options,
  });
  return agent;
};

const assigned = (id: string, attempt = 1, payload: unknown = { depth: 3 }) => ({
  deliveryId: `${id}-${attempt}`,
  kind: "assigned",
  task: {
    id,
    type: "dig",
    payload,
    priority: "normal",
    attempt,
    acknowledgeBy: "2026-01-01T00:00:00.000Z",
    requiredCapabilities: [],
  },
});
/** The commands on an aggregate; those on a task without the attempt and instance that each answer names. */
const commandsOf = (id: string) =>
  backend.applied
    .filter((command) => command.id === id)
    .map(({ aggregate, command, payload }) => {
      const { attempt: _attempt, instance: _instance, ...answer } = payload;
      return { command, payload: aggregate === "task" ? answer : payload };
    });
const namesOf = (id: string) => commandsOf(id).map(({ command }) => command);
const forever = (context: TaskContext) =>
  new Promise<never>((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));

test("an agent registers and is heard at once", async () => {
  await start({ name: "Bob", maxConcurrentTasks: 2, metadata: { team: "x" } });
  expect(commandsOf("bob")).toEqual([
    {
      command: "register",
      payload: {
        name: "Bob",
        capabilities: ["dig"],
        maxConcurrentTasks: 2,
        metadata: { team: "x" },
        instance: expect.any(String),
      },
    },
  ]);
  await eventually("a heartbeat", () => backend.heartbeats.length > 0);
  expect(backend.heartbeats[0]).toEqual({
    agent: "bob",
    payload: { activeTasks: 0, load: 0, instance: expect.any(String) },
  });
});

test("a client of someone else is refused", async () => {
  await expect(Agent.make({ client, id: "eve", capabilities: [] })).rejects.toThrow("connect with principal eve");
});

describe("a task", () => {
  test("is acknowledged, started, reported on and completed", async () => {
    await start({
      onTask: async ({ task, progress }) => {
        await progress({ percent: 50, data: { seen: task.payload ?? null } });
        return { dug: true };
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("completion", () => namesOf("t1").includes("complete"));
    expect(commandsOf("t1")).toEqual([
      { command: "acknowledge", payload: {} },
      { command: "start", payload: {} },
      { command: "report-progress", payload: { percent: 50, data: { seen: { depth: 3 } } } },
      { command: "complete", payload: { result: { dug: true } } },
    ]);
    const instance = backend.applied.find(({ command }) => command === "register")?.payload.instance;
    for (const { payload } of backend.applied.filter(({ aggregate }) => aggregate === "task"))
      expect(payload).toMatchObject({ attempt: 1, instance });
  });

  test("fails with the reason and data of the handler's error", async () => {
    await start({
      onTask: async ({ task }) => {
        if (task.id === "t1") throw new TaskFailed("unhealthy", { host: "leaf-1" });
        throw new Error("boom");
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    await backend.deliver("bob", "task", assigned("t2"));
    await eventually("both failures", () => namesOf("t1").includes("fail") && namesOf("t2").includes("fail"));
    expect(commandsOf("t1").at(-1)?.payload).toEqual({ reason: "unhealthy", data: { host: "leaf-1" } });
    expect(commandsOf("t2").at(-1)?.payload).toEqual({ reason: "boom" });
  });

  test("that is delivered again is done once", async () => {
    let runs = 0;
    await start({
      onTask: async () => {
        runs += 1;
        return undefined;
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    await backend.deliver("bob", "task", { ...assigned("t1"), deliveryId: "another" });
    await backend.deliver("bob", "task", assigned("t1"));
    await backend.deliver("bob", "task", assigned("t2"));
    await eventually("the last task", () => namesOf("t2").includes("complete"));
    expect(runs).toBe(2);
    expect(namesOf("t1")).toEqual(["acknowledge", "start", "complete"]);
  });

  test("that a run before this one has delegated and completed otherwise goes on from there, without a word", async () => {
    const reused = { code: "rejected", message: "used before", details: { reason: "command-id-reused" } };
    backend.script = ({ command }) => (command === "delegate" || command === "complete" ? reused : undefined);
    const child = { id: "t1=1-1-1", parent: "t1", status: "completed", result: 7 };
    backend.answers.set("tasks.get", () => child);
    await backend.putDocument("tasks", "t1", { id: "t1", position: 0, children: [{ id: child.id }], openChildren: [] });
    let ends: unknown;
    await start({
      onTask: async ({ delegate }) => {
        ends = await delegate([{ type: "dig", requiredCapabilities: ["dig"] }]);
        return undefined;
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    const said = (name: string) => backend.received.some(({ command }) => command === name);
    await eventually("the completion", () => said("complete"));
    expect(ends).toEqual([{ id: child.id, status: "completed", result: 7 }]);
    expect(said("fail")).toBe(false);
    expect(logged).toEqual([]);
  });

  test("that cannot be acknowledged is left alone", async () => {
    let runs = 0;
    backend.script = ({ id }) => (id === "t1" ? { code: "rejected", message: "not yours" } : undefined);
    await start({
      onTask: async () => {
        runs += 1;
        return undefined;
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    await backend.deliver("bob", "task", assigned("t2"));
    await eventually("the other task", () => namesOf("t2").includes("complete"));
    expect(runs).toBe(1);
    expect(logged).toEqual(["task t1 was not taken: not yours"]);
  });

  test("runs beside others, up to the agent's limit", async () => {
    let active = 0;
    let most = 0;
    const release: Array<() => void> = [];
    await start({
      maxConcurrentTasks: 2,
      onTask: async () => {
        active += 1;
        most = Math.max(most, active);
        await new Promise<void>((resolve) => release.push(resolve));
        active -= 1;
        return undefined;
      },
    });
    for (const id of ["t1", "t2", "t3"]) await backend.deliver("bob", "task", assigned(id));
    await eventually("all acknowledged, two started", () => namesOf("t3").length === 1 && release.length === 2);
    release.shift()?.();
    await eventually("the third", () => release.length === 2);
    for (const end of release) end();
    await eventually("all done", () => ["t1", "t2", "t3"].every((id) => namesOf(id).includes("complete")));
    expect(most).toBe(2);
  });

  test("that is withdrawn aborts, and nothing more is reported", async () => {
    let aborted = false;
    await start({ onTask: (context) => forever(context).finally(() => (aborted = true)) });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("the start", () => namesOf("t1").includes("start"));
    await backend.deliver("bob", "task", {
      deliveryId: "w",
      kind: "withdrawn",
      task: { id: "t1", attempt: 1 },
      reason: "cancelled",
    });
    await eventually("the abort", () => aborted);
    expect(namesOf("t1")).toEqual(["acknowledge", "start"]);
  });

  test("that comes back in a new attempt ends the old run first", async () => {
    const runs: Array<string> = [];
    await start({
      onTask: async (context) => {
        runs.push(`begin ${context.task.attempt}`);
        if (context.task.attempt === 2) return undefined;
        return forever(context).finally(() => runs.push("end 1"));
      },
    });
    await backend.deliver("bob", "task", assigned("t1", 1));
    await eventually("the first run", () => runs.length === 1);
    await backend.deliver("bob", "task", assigned("t1", 2));
    await eventually("completion", () => namesOf("t1").includes("complete"));
    expect(runs).toEqual(["begin 1", "end 1", "begin 2"]);
    expect(namesOf("t1")).toEqual(["acknowledge", "start", "acknowledge", "start", "complete"]);
  });

  test("whose report is refused stops and is not failed by the agent", async () => {
    let outcome: unknown;
    backend.script = ({ command }) => (command === "report-progress" ? { code: "rejected", message: "no" } : undefined);
    await start({
      onTask: async ({ progress, signal }) => {
        const error = await progress({ percent: 1 }).catch((refused: unknown) => refused);
        outcome = { error: String(error), aborted: signal.aborted };
        return undefined;
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("the refusal", () => outcome !== undefined);
    expect(outcome).toEqual({ error: "CommandRefused: no", aborted: true });
    await agent?.stop();
    expect(namesOf("t1")).toEqual(["acknowledge", "start"]);
  });

  test.each(["report-progress", "complete"])(
    "whose %s is invalid fails, since nobody else would end it",
    async (name) => {
      backend.script = ({ command }) =>
        command === name ? { code: "invalid-command", message: "percent: no" } : undefined;
      await start({
        onTask: async ({ progress }) => {
          await progress({ percent: 200 });
          return undefined;
        },
      });
      await backend.deliver("bob", "task", assigned("t1"));
      await eventually("the failure", () => namesOf("t1").includes("fail"));
      expect(commandsOf("t1").at(-1)?.payload).toEqual({ reason: "percent: no" });
    },
  );

  test("whose result is too large to be sent fails, and says so", async () => {
    const most = client.nats.info?.max_payload ?? 0;
    await start({ onTask: async () => "x".repeat(most) });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("the failure", () => namesOf("t1").includes("fail"));
    expect(String(commandsOf("t1").at(-1)?.payload.reason)).toContain("the payload has ");
  });

  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const noText: unknown = Object.create(null);
  test.each<readonly [string, NonNullable<AgentOptions["onTask"]>, RegExp]>([
    ["whose result is no JSON", async () => 1n as unknown as string, /^the payload is not JSON: .*BigInt/],
    ["whose result is a circle", async () => circle as unknown as string, /^the payload is not JSON: .*circular/],
    [
      "that fails with data that are no JSON",
      () => Promise.reject(new TaskFailed("x", 1n as unknown as string)),
      /^the payload is not JSON/,
    ],
    [
      "whose report is no JSON",
      async ({ progress }) => void (await progress({ data: 1n as unknown as string })) as undefined,
      /^the payload is not JSON/,
    ],
    ["that fails with what has no text", () => Promise.reject(noText), /has no text/],
  ])("%s fails, since nobody else would end it", async (_, onTask, reason) => {
    await start({ onTask });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("the failure", () => namesOf("t1").includes("fail"));
    expect(commandsOf("t1").at(-1)?.payload).toEqual({ reason: expect.stringMatching(reason) });
  });

  test.each(["report-progress", "complete", "fail"])("whose %s is too large for the log fails", async (name) => {
    const tooLarge = { code: "rejected", message: "the commit has too many bytes", details: { reason: "too-large" } };
    let refusals = 0;
    backend.script = ({ command }) => (command === name && refusals++ === 0 ? tooLarge : undefined);
    await start({
      onTask: async ({ progress }) => {
        await progress({ percent: 1 });
        if (name === "fail") throw new Error("not today");
        return undefined;
      },
    });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("the failure", () => namesOf("t1").includes("fail"));
    expect(commandsOf("t1").at(-1)?.payload).toEqual({ reason: "the commit has too many bytes" });
  });

  test("of an earlier life is resumed where it stood", async () => {
    const contexts: Array<{ id: string; resumed: boolean }> = [];
    backend.answers.set("tasks.list", (input) => {
      const { status } = input.filter as { status: string };
      const id = status === "in-progress" ? "started" : "acknowledged";
      return { items: [{ id, type: "dig", priority: "normal", attempt: 3, status }] };
    });
    await start({
      maxConcurrentTasks: 2,
      onTask: async ({ task, resumed }) => {
        contexts.push({ id: task.id, resumed });
        return undefined;
      },
    });
    await eventually("both", () => namesOf("started").length === 1 && namesOf("acknowledged").length === 2);
    expect(contexts).toEqual([
      { id: "started", resumed: true },
      { id: "acknowledged", resumed: true },
    ]);
    expect(namesOf("started")).toEqual(["complete"]);
    expect(namesOf("acknowledged")).toEqual(["start", "complete"]);
  });

  test("of an earlier life is resumed from any page, and fails where it is too large to be read again", async () => {
    const task = { type: "dig", priority: "normal", attempt: 3 };
    const pages: Record<string, object> = {
      first: { items: [{ ...task, id: "t1" }], cursor: "second" },
      second: {
        items: [
          { ...task, id: "t2" },
          { ...task, id: "t3", leftOut: ["payload"] },
        ],
      },
    };
    backend.answers.set("tasks.list", (input) => {
      const { status } = input.filter as { status: string };
      return status === "in-progress" ? pages[String(input.cursor ?? "first")] : { items: [] };
    });
    await start({ maxConcurrentTasks: 2, onTask: async () => "done" });
    await eventually("all three", () => ["t1", "t2", "t3"].every((id) => namesOf(id).length === 1));
    expect(["t1", "t2", "t3"].map(namesOf)).toEqual([["complete"], ["complete"], ["fail"]]);
  });

  test("keeps its result until a backend takes it", async () => {
    let silent = 0;
    backend.script = ({ command }) => {
      if (command === "complete") silent += 1;
      return silent > 0 && silent < 4 ? { code: "unavailable", message: "later" } : undefined;
    };
    await start({ onTask: async () => "result" });
    await backend.deliver("bob", "task", assigned("t1"));
    await eventually("completion", () => namesOf("t1").includes("complete"));
  });
});

const said = {
  kind: "said",
  dialog: { id: "d", type: "group", topic: "t" },
  turn: 1,
  speaker: "ann",
  text: "hi",
  recipients: ["ada"],
  routedBy: "broadcast",
};

test("a turn whose handler fails comes again, one that succeeds does not", async () => {
  const turns: Array<Turn> = [];
  await start({
    onTurn: async (turn) => {
      turns.push(turn);
      if (turns.length === 1) throw new Error("not today");
    },
  });
  await backend.deliver("bob", "turn", { deliveryId: "d-1", ...said });
  await eventually("the second delivery", () => turns.length === 2);
  await backend.deliver("bob", "turn", { deliveryId: "d-1", ...said });
  await backend.deliver("bob", "turn", { deliveryId: "d-2", ...said, turn: 2 });
  await eventually("the next turn", () => turns.some(({ turn: number }) => number === 2));
  expect(turns.map(({ turn: number }) => number)).toEqual([1, 1, 2]);
});

test("a turn whose handler fails comes again after a pause that grows", async () => {
  const at: Array<number> = [];
  await start({
    onTurn: async () => {
      at.push(Date.now());
      if (at.length < 4) throw new Error("not yet");
    },
  });
  await backend.deliver("bob", "turn", { deliveryId: "d-1", ...said });
  await eventually("the fourth delivery", () => at.length === 4);
  // A fifth less of 100, 200 and 400 ms, and what the clocks of two processes differ by.
  expect(Number(at[3]) - Number(at[0])).toBeGreaterThan(500);
});

test("an agent that stops waits for the turn it is at", async () => {
  const begun: Array<string> = [];
  let finish: () => void = () => {};
  const digger = await start({
    onTurn: ({ text }) => {
      begun.push(text);
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  await backend.deliver("bob", "turn", { deliveryId: "d-1", ...said });
  await backend.deliver("bob", "turn", { deliveryId: "d-2", ...said, turn: 2, text: "next" });
  await eventually("the turn", () => begun.length === 1);
  let stopped = false;
  const stopping = digger.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(begun).toEqual(["hi"]);
  expect(logged).toEqual([]);
});

test("an agent that stops while no backend answers ends all the same, and says that it was not signed off", async () => {
  const digger = await start({ heartbeatSeconds: 3_600 });
  await backend.close();
  await digger.stop({ deregister: true });
  expect(await digger.ended).toBe("stopped");
  expect(logged).toEqual([expect.stringContaining("it was not signed off")]);
});

test.each<readonly [Partial<AgentOptions>, string]>([
  [{ heartbeatSeconds: 0 }, "heartbeatSeconds is 0: a number from 0.1 to 3600 is needed"],
  [{ heartbeatSeconds: Number.NaN }, "heartbeatSeconds is null: a number"],
  [{ heartbeatSeconds: 3_000_000 }, "heartbeatSeconds is 3000000"],
  [{ guest: "a b" }, 'guest is "a b": a text of 1 to 128 letters'],
  [{ id: "" }, 'id is "": a text'],
])("an agent with %j is not started", async (options, message) => {
  await expect(start(options)).rejects.toThrow(message);
});

const opened = (id: string) => ({
  deliveryId: `v-${id}`,
  kind: "voting-opened",
  proposal: {
    id,
    kind: "deployment",
    title: "t",
    subject: {},
    protocol: "simple-majority",
    quorum: "1/2",
    deadline: "2026-01-01T00:00:00.000Z",
    weight: 1,
  },
});

test("so many votes are considered at once, each of them once", async () => {
  const begun: Array<string> = [];
  const ends = new Map<string, () => void>();
  await start({
    maxConcurrentProposals: 2,
    onProposal: ({ proposal }) => {
      begun.push(proposal.id);
      return new Promise((resolve) => ends.set(proposal.id, resolve));
    },
  });
  for (const id of ["p1", "p2", "p3"]) await backend.deliver("bob", "proposal", opened(id));
  await eventually("two votes", () => begun.length === 2);
  await backend.deliver("bob", "proposal", opened("p2"));
  ends.get("p1")?.();
  await eventually("the third vote", () => begun.length === 3);
  ends.get("p2")?.();
  ends.get("p3")?.();
  await backend.deliver("bob", "proposal", opened("p4"));
  await eventually("the fourth vote", () => begun.length === 4);
  ends.get("p4")?.();
  expect(begun).toEqual(["p1", "p2", "p3", "p4"]);
});

test("an agent that could consider no vote at all is not started", async () => {
  await expect(start({ maxConcurrentProposals: 0 })).rejects.toThrow("maxConcurrentProposals is 0");
});

test("a message that is no delivery is left out", async () => {
  const votes: Array<string> = [];
  await start({ onProposal: async ({ proposal }) => void votes.push(proposal.id) });
  await backend.deliver("bob", "proposal", { nonsense: true });
  await backend.deliver("bob", "proposal", opened("p"));
  await eventually("the vote", () => votes.length === 1);
  expect(logged).toHaveLength(1);
});

test("an agent that stops for good deregisters, and leaves its task to others", async () => {
  const digger = await start({ onTask: forever });
  await backend.deliver("bob", "task", assigned("t1"));
  await eventually("the start", () => namesOf("t1").includes("start"));
  await digger.stop({ deregister: true });
  expect(namesOf("t1")).toEqual(["acknowledge", "start"]);
  expect(namesOf("bob").at(-1)).toBe("deregister");
});
