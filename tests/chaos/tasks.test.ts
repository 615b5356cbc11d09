import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Agent, type Client, connect } from "../../src/agents/kit/mod.ts";
import { type Installation, installation, type LoggedCommit } from "../support/installation.ts";

const tasks = 80;
const room = 3;
const names = ["ann", "bob", "cyd", "dan"];

let leaf: Installation;
let clients: Array<Client>;
let agents: Array<Agent>;

beforeEach(async () => {
  leaf = await installation();
  clients = [];
  agents = [];
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await Promise.all(clients.map((client) => client.close()));
  await leaf.dispose();
});

/** A client that sends every command twice, as one that lost the first answer does. */
const stuttering = (client: Client): Client => ({
  ...client,
  command: async (aggregate, id, command, payload, options) => {
    const commandId = options?.commandId ?? crypto.randomUUID();
    const [first] = await Promise.all(
      [1, 2].map(() => client.command(aggregate, id, command, payload, { ...options, commandId })),
    );
    if (first === undefined) throw new Error("no answer");
    return first;
  },
});

const start = async (id: string, patience: number) => {
  const client = await connect({ servers: leaf.nats.url, prefix: leaf.nats.prefix, principal: id, timeoutMs: 60_000 });
  clients.push(client);
  const work = () => new Promise<undefined>((done) => setTimeout(() => done(undefined), patience));
  agents.push(
    await Agent.make({
      client: stuttering(client),
      id,
      capabilities: ["dig"],
      maxConcurrentTasks: room,
      onTask: work,
      log: () => {},
    }),
  );
};

const submitAll = async () => {
  for (let n = 0; n < tasks; n++)
    await leaf.client.command("task", `t${n}`, "submit", {
      type: "dig",
      requiredCapabilities: ["dig"],
      priority: n % 2 === 0 ? "normal" : "high",
      acknowledgeWithinSeconds: 60,
    });
};

const eventsOf = (commits: ReadonlyArray<LoggedCommit>) =>
  commits
    .filter(({ aggregate }) => aggregate === "task")
    .flatMap(({ id, events }) => events.map((event) => ({ ...event, id })));

/** Nothing was done twice, nobody ever had more than it takes, and nothing is lost. */
const expectAllocated = (commits: ReadonlyArray<LoggedCommit>) => {
  const ids = commits.map(({ aggregate, id, commandId }) => `${aggregate}.${id} ${commandId}`);
  expect(new Set(ids).size).toBe(ids.length);
  const holds = new Map(names.map((name) => [name, new Set<string>()]));
  const ended = new Map<string, number>();
  for (const { id, type, data } of eventsOf(commits)) {
    const held = holds.get(String(data.agent));
    if (type === "task-assigned") {
      for (const others of holds.values()) expect(others.has(id)).toBe(false);
      held?.add(id);
      expect(held?.size).toBeLessThanOrEqual(room);
    } else if (["assignment-expired", "attempt-failed", "task-completed", "task-failed"].includes(type)) {
      held?.delete(id);
      if (type === "task-completed") ended.set(id, (ended.get(id) ?? 0) + 1);
    }
  }
  expect(ended.size).toBe(tasks);
  expect([...ended.values()].every((times) => times === 1)).toBe(true);
};

const allCompleted = async () => {
  for (;;) {
    const commits = await leaf.log();
    if (eventsOf(commits).filter(({ type }) => type === "task-completed").length >= tasks) return commits;
    await new Promise((wake) => setTimeout(wake, 300));
  }
};

test("backends that are killed while they allocate give nothing to two agents, nor too much to one, and lose nothing", async () => {
  let backend = await leaf.up("--no-agents");
  for (const name of names) await start(name, 30);
  const submitting = submitAll();
  for (let kills = 0; kills < 3; kills++) {
    // A backend that comes up may have allocated all before anybody looks.
    await Promise.race([leaf.seen("task-assigned"), allCompleted()]);
    await backend.kill();
    backend = await leaf.up("--no-agents");
  }
  await submitting;
  expectAllocated(await allCompleted());
});

test("two backends, one of which is killed, allocate as one", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.up("--no-agents");
  for (const name of names) await start(name, 30);
  const submitting = submitAll();
  await Promise.race([leaf.seen("task-completed"), allCompleted()]);
  await first.kill();
  await submitting;
  expectAllocated(await allCompleted());
});
