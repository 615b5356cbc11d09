import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { BackendUnavailable, type Client, CommandRefused, connect } from "../../../../src/agents/kit/mod.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";
import { eventually, type ScriptedBackend, scriptedBackend } from "../scripted-backend.ts";

let nats: TestNats;
let backend: ScriptedBackend;
let client: Client;
let prefixes = 0;
let prefix: string;

beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());
beforeEach(async () => {
  prefixes += 1;
  prefix = `${nats.prefix}c${prefixes}`;
  backend = await scriptedBackend(nats.url, prefix);
  client = await connect({ servers: nats.url, prefix, principal: "ann", timeoutMs: 60_000 });
});
afterEach(async () => {
  await client.close();
  await backend.close();
});

describe("commands", () => {
  test("go out under the principal, and the reply says where they stand in the log", async () => {
    const accepted = await client.command("graph", "shop", "archive", { a: 1 });
    expect(accepted).toMatchObject({ aggregate: "graph", id: "shop", version: 1, position: 1, duplicate: false });
    expect(backend.applied).toMatchObject([
      { principal: "ann", aggregate: "graph", id: "shop", command: "archive", payload: { a: 1 } },
    ]);
  });

  test("with the same id are applied once", async () => {
    await client.command("graph", "shop", "archive", {}, { commandId: "c1" });
    const again = await client.command("graph", "shop", "archive", {}, { commandId: "c1" });
    expect(again.duplicate).toBe(true);
    expect(backend.applied).toHaveLength(1);
  });

  test("that are refused throw with code, reason and details, and are not repeated", async () => {
    backend.script = () => ({ code: "rejected", message: "no", details: { reason: "archived" } });
    const refused = await client.command("graph", "shop", "archive", {}).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CommandRefused);
    expect(refused).toMatchObject({ code: "rejected", message: "no", reason: "archived" });
    expect(backend.received).toHaveLength(1);
  });

  test.each(["unavailable", "timeout"])(
    "answered %s are repeated with the same id until they are accepted",
    async (code) => {
      backend.script = () => (backend.received.length < 3 ? { code, message: "later" } : undefined);
      await client.command("graph", "shop", "archive", {});
      expect(backend.received).toHaveLength(3);
      expect(new Set(backend.received.map(({ commandId }) => commandId)).size).toBe(1);
    },
  );

  test("beyond the principal's rate for longer than the caller waits throw what the backend said", async () => {
    const details = { reason: "rate-limited", perSecond: 1, afterMilliseconds: 60_000 };
    backend.script = () => ({ code: "rejected", message: "too many", details });
    const began = Date.now();
    const refused = await client.command("graph", "shop", "archive", {}, { timeoutMs: 500 }).catch((error) => error);
    expect(refused).toBeInstanceOf(CommandRefused);
    expect(refused).toMatchObject({ reason: "rate-limited", details });
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(backend.applied).toEqual([]);
  });

  test("beyond the principal's rate come again when the backend has said", async () => {
    const details = { reason: "rate-limited", perSecond: 1, afterMilliseconds: 700 };
    const times: Array<number> = [];
    backend.script = () => {
      times.push(Date.now());
      return times.length < 2 ? { code: "rejected", message: "later", details } : undefined;
    };
    await client.command("graph", "shop", "archive", {});
    expect(new Set(backend.received.map(({ commandId }) => commandId)).size).toBe(1);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(690);
  });

  test("say what to do when no backend answers", async () => {
    await backend.close();
    const failed = await client
      .command("graph", "shop", "archive", {}, { timeoutMs: 300 })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(BackendUnavailable);
    expect(failed).toMatchObject({ message: `no backend answers on ${prefix}.cmd: start one with \`cim up\`` });
  });

  test("wait for a backend that comes back", async () => {
    await backend.close();
    const pending = client.command("graph", "shop", "archive", {}, { commandId: "late" });
    backend = await scriptedBackend(nats.url, prefix);
    expect(await pending).toMatchObject({ commandId: "late", duplicate: false });
  });

  test.each([
    ["between two attempts", { code: "unavailable", message: "later" }],
    ["while nobody answers", "silence"],
  ] as const)("end when their signal aborts %s", async (_, answer) => {
    backend.script = () => answer;
    const abort = new AbortController();
    const pending = client.command("graph", "shop", "archive", {}, { signal: abort.signal, timeoutMs: 60_000 });
    await eventually("the request", () => backend.received.length > 0);
    abort.abort(new Error("enough"));
    await expect(pending).rejects.toThrow("enough");
  });
});

test("queries carry their input and the position to wait for", async () => {
  backend.answers.set("graphs.get", (input, minPosition) => ({ input, minPosition }));
  const { data } = await client.query("graphs", "get", { id: "shop" }, { minPosition: 7 });
  expect(data).toEqual({ input: { id: "shop" }, minPosition: 7 });
});

test("a watch gives the documents of a view as they are and as they change", async () => {
  await backend.putDocument("graphs", "shop", { version: 1 });
  await backend.putDocument("graphs", "blog", { version: 1 });
  const abort = new AbortController();
  const seen: Array<unknown> = [];
  const watching = (async () => {
    for await (const change of client.watch("graphs", { id: "shop" }, abort.signal)) seen.push(change);
  })();
  await eventually("the document", () => seen.length === 1);
  await backend.putDocument("graphs", "shop", { version: 2 });
  await eventually("the change", () => seen.length === 2);
  abort.abort();
  await watching;
  expect(seen).toEqual([
    { id: "shop", document: { version: 1 } },
    { id: "shop", document: { version: 2 } },
  ]);
});

describe("the feed", () => {
  test("from its start, filtered, in order, with the attributes of each event", async () => {
    await backend.announce("graph", "node-added", "shop", { n: 1 });
    await backend.announce("task", "task-submitted", "t1", {});
    await backend.announce("graph", "node-added", "blog", { n: 2 });
    await backend.announce("graph", "node-added", "shop", { n: 3 });
    const abort = new AbortController();
    const seen = [];
    for await (const event of client.feed({ from: "start", aggregate: "graph", id: "shop" }, abort.signal)) {
      seen.push(event);
      if (seen.length === 2) abort.abort();
    }
    expect(seen).toMatchObject([
      {
        aggregate: "graph",
        event: "node-added",
        aggregateId: "shop",
        actor: "someone",
        data: { n: 1 },
        feedSequence: 1,
      },
      { data: { n: 3 }, feedSequence: 4 },
    ]);
  });

  test("from a message on", async () => {
    for (const n of [1, 2, 3]) await backend.announce("graph", "node-added", "shop", { n });
    const abort = new AbortController();
    const seen = [];
    for await (const event of client.feed({ from: 2 }, abort.signal)) {
      seen.push(event.data);
      if (seen.length === 2) abort.abort();
    }
    expect(seen).toEqual([{ n: 2 }, { n: 3 }]);
  });
});

test("a server that is not there is named", async () => {
  await expect(connect({ servers: "nats://127.0.0.1:1", principal: "ann" })).rejects.toThrow(
    "cannot connect to a nats-server at nats://127.0.0.1:1",
  );
});
