import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Agent, type AgentOptions, type Client, TaskFailed, type TaskHandler } from "../../../src/agents/kit/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

let leaf: TestLeaf;
let ada: Client;
let agents: Array<Agent>;

beforeEach(async () => {
  leaf = await testLeaf();
  ada = await leaf.connect("ada");
  agents = [];
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await leaf.dispose();
});

const start = async (id: string, capability: string, options: Partial<AgentOptions> = {}, client?: Client) => {
  const agent = await Agent.make({
    client: client ?? (await leaf.connect(id)),
    id,
    capabilities: [capability],
    log: () => {},
    ...options,
  });
  agents.push(agent);
  return agent;
};

const submit = (id: string, type: string, fields: object = {}) =>
  ada.command("task", id, "submit", { type, requiredCapabilities: [type], ...fields });

const over = async (id: string) => {
  for await (const { document } of ada.watch("tasks", { id }, AbortSignal.timeout(150_000))) {
    if (typeof document !== "object" || document === null || !("status" in document)) continue;
    if (["completed", "failed", "cancelled"].includes(String(document.status))) return document;
  }
  throw new Error(`${id} is not over`);
};

const part = (depth: number) => ({ type: "part", requiredCapabilities: ["part"], payload: { depth } });

const digs: TaskHandler = async ({ task: { payload } }) => {
  const depth = typeof payload === "object" && payload !== null && "depth" in payload ? Number(payload.depth) : 0;
  if (depth > 9) throw new TaskFailed("too-deep");
  return { dug: depth };
};

test("an agent delegates parts, and has how each ended in the order in which it asked", async () => {
  await start("ann", "whole", {
    onTask: async ({ delegate }) => ({ parts: (await delegate([part(1), part(10)])).map((one) => ({ ...one })) }),
  });
  await start("bob", "part", { onTask: digs, maxConcurrentTasks: 2 });
  await submit("t", "whole");
  expect(await over("t")).toMatchObject({
    status: "completed",
    result: {
      parts: [
        { id: "t=1-1-1", status: "completed", result: { dug: 1 } },
        { id: "t=1-1-2", status: "failed", failure: { reason: "too-deep" } },
      ],
    },
  });
});

test("a part that has become too large to be told as a whole has ended all the same", async () => {
  const large = "x".repeat(5_000_000);
  await start("ann", "whole", {
    onTask: async ({ delegate }) => {
      const [one] = await delegate([{ ...part(1), payload: large }]);
      return { status: one?.status ?? "unknown", hasResult: one?.result !== undefined };
    },
  });
  await start("bob", "part", { onTask: async () => large });
  await submit("t", "whole");
  expect(await over("t")).toMatchObject({ status: "completed", result: { status: "completed" } });
});

test("a task is completed after its children, also where the handler did not wait for them", async () => {
  await start("ann", "whole", {
    onTask: async ({ delegate }) => {
      void delegate([part(1)]);
      return { early: true };
    },
  });
  await start("bob", "part", { onTask: digs });
  await submit("t", "whole");
  expect(await over("t")).toMatchObject({ status: "completed", result: { early: true } });
  expect(await over("t=1-1-1")).toMatchObject({ status: "completed" });
});

test("a circle is refused, and the handler may do something else", async () => {
  await start("ann", "whole", {
    onTask: async ({ delegate }) => {
      const refused = await delegate([{ ...part(1), to: "ann" }]).catch((error: unknown) => String(error));
      return { refused: String(refused) };
    },
  });
  await submit("t", "whole");
  expect(await over("t")).toMatchObject({
    status: "completed",
    result: { refused: expect.stringContaining("cannot go back to `ann`") },
  });
});

test("an agent that is cut off in the middle of delegating finds its children again", async () => {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let delegated: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    delegated = resolve;
  });
  await start("bob", "part", {
    onTask: async (context) => {
      delegated();
      await released;
      return digs(context);
    },
  });
  const onTask: TaskHandler = async ({ delegate, resumed }) => {
    const [only] = await delegate([part(3)]);
    return { resumed, part: only?.id ?? "none" };
  };
  const first = await leaf.connect("ann");
  const dying = await Agent.make({ client: first, id: "ann", capabilities: ["whole"], onTask, log: () => {} });
  await submit("t", "whole");
  await begun;
  await first.nats.close();
  await start("ann", "whole", { onTask });
  release();
  expect(await over("t")).toMatchObject({
    status: "completed",
    attempt: 1,
    result: { resumed: true, part: "t=1-1-1" },
    children: [{ id: "t=1-1-1", status: "completed" }],
  });
  await dying.stop();
});

test("a task that its agent gives back goes to another one", async () => {
  await start("ann", "dig", {
    onTask: async () => {
      throw new TaskFailed("no-shovel", undefined, { retry: true });
    },
  });
  await start("bob", "dig", { onTask: async () => ({ dug: true }) });
  await submit("t", "dig");
  // Whoever had it first: it ends with the one that can.
  expect(await over("t")).toMatchObject({ status: "completed", agent: "bob" });
});

test("a handler hears that its task, or the parent of it, was cancelled", async () => {
  const aborted: Array<string> = [];
  const waits =
    (id: string): TaskHandler =>
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          aborted.push(`${id}: ${signal.reason.message}`);
          reject(signal.reason);
        }),
      );
  await start("ann", "whole", {
    onTask: async (context) => {
      void context.delegate([part(1)]).catch(() => undefined);
      return waits("ann")(context);
    },
  });
  await start("bob", "part", { onTask: waits("bob") });
  await submit("t", "whole");
  for await (const { document } of ada.watch("tasks", { id: "t=1-1-1" }, AbortSignal.timeout(150_000)))
    if (typeof document === "object" && document !== null && "status" in document && document.status === "in-progress")
      break;
  await ada.command("task", "t", "cancel", { reason: "no need" });
  await over("t=1-1-1");
  while (aborted.length < 2) await new Promise((wake) => setTimeout(wake, 50));
  expect(aborted.sort()).toEqual(["ann: task withdrawn: no need", "bob: task withdrawn: parent-cancelled"]);
});
