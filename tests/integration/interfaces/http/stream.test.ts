import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Client, connect } from "../../../../src/agents/kit/mod.ts";
import { type HttpPort, openHttpPort } from "../../../../src/interfaces/http/mod.ts";
import { ask, type Browser, type Frame, logIn, openStream, type Reading } from "../../../support/http.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";

let leaf: TestLeaf;
let client: Client;
let http: HttpPort;
let ann: Browser;

const openPort = (port: number) => {
  const { url: servers, prefix } = leaf.nats;
  return openHttpPort({
    port,
    principal: "console",
    connectAs: (principal) => connect({ servers, prefix, principal }),
  });
};

beforeAll(async () => {
  leaf = await testLeaf();
  // It waits for servers that are killed several times in a row.
  client = await connect({ servers: leaf.nats.url, prefix: leaf.nats.prefix, principal: "bob", timeoutMs: 60_000 });
  http = await openPort(0);
  ann = await logIn(http.link("ann"));
});

afterAll(async () => {
  await http?.close();
  await client?.close();
  await leaf?.dispose();
});

let made = 0;
/** Makes graphs; returns their ids. */
const makeGraphs = async (count: number): Promise<ReadonlyArray<string>> => {
  const ids = Array.from({ length: count }, (_, index) => `made-${made + index}`);
  made += count;
  await Promise.all(ids.map((id) => client.command("graph", id, "import", { id, nodes: [], edges: [] })));
  return ids;
};

const isNamed = (name: string) => (frame: Frame) => frame.event === name;
const shows = (id: string) => (frame: Frame) => frame.event === "document" && frame.data.id === id;
const tells = (id: string) => (frame: Frame) => frame.event === "event" && frame.data.subject === `graph/${id}`;
const sequences = ({ frames }: Reading) => frames.filter(isNamed("event")).map(({ data }) => Number(data.feedsequence));
const lastId = ({ frames }: Reading) => frames.findLast(({ id }) => id !== "")?.id ?? "";

/** Waits until the feed and the bucket of a view have what was made. */
const settled = async (id: string) => {
  const stream = await ann.stream(`graphs/${id},feed`);
  await stream.frame(shows(id));
  stream.close();
};

describe("a stream", () => {
  test("begins with every document, then has each change and each event as it comes", async () => {
    const [before = ""] = await makeGraphs(1);
    await settled(before);
    const stream = await ann.stream("graphs,feed");
    await stream.frame(isNamed("current"));
    expect(stream.frames.filter(shows(before))).toHaveLength(1);
    expect(stream.frames.filter(isNamed("event"))).toEqual([]);
    const [after = ""] = await makeGraphs(1);
    const [document, event] = await Promise.all([stream.frame(shows(after)), stream.frame(tells(after))]);
    expect(document.data).toMatchObject({ view: "graphs", document: { id: after, version: 1 } });
    expect(event.data).toMatchObject({
      specversion: "1.0",
      type: "cim.graph.graph-created.v1",
      source: `/${leaf.nats.prefix}`,
      actor: "bob",
      data: {},
    });
    expect(event.id).toMatch(new RegExp(`^${String(event.data.feedsequence)}@\\d+,graphs:\\d+@\\d+$`));
    stream.close();
  });

  test("of one document and of one kind of aggregate has nothing else", async () => {
    const stream = await ann.stream("graphs/chosen,feed/task");
    await stream.frame(isNamed("current"));
    await makeGraphs(2);
    await client.command("graph", "chosen", "import", { id: "chosen", nodes: [], edges: [] });
    await client.command("task", "chosen", "submit", { type: "build", requiredCapabilities: [] });
    await Promise.all([stream.frame(shows("chosen")), stream.frame(({ data }) => data.subject === "task/chosen")]);
    const others = stream.frames.filter(({ event }) => event === "document" || event === "event");
    expect(others.every(({ data }) => data.id === "chosen" || data.subject === "task/chosen")).toBe(true);
    stream.close();
  });

  test("goes on where it was cut: no gap, nothing twice", async () => {
    const first = await ann.stream("graphs,feed");
    await first.frame(isNamed("current"));
    const [seen = ""] = await makeGraphs(1);
    await Promise.all([first.frame(shows(seen)), first.frame(tells(seen))]);
    first.close();
    const id = lastId(first);
    const missed = await makeGraphs(20);
    const second = await ann.stream("graphs,feed", { "Last-Event-ID": id });
    await Promise.all(missed.flatMap((one) => [second.frame(shows(one)), second.frame(tells(one))]));
    expect(second.frames.filter(shows(seen))).toEqual([]);
    const documents = second.frames.filter(isNamed("document")).map(({ data }) => data.id);
    expect(new Set(documents).size).toBe(documents.length);
    const all = [...sequences(first), ...sequences(second)];
    expect(all).toEqual(all.map((_, index) => (all[0] ?? 0) + index));
    second.close();
  });

  test("goes on in another tab by `after`, and refuses an id that is not one", async () => {
    const first = await ann.stream("feed");
    await first.frame(isNamed("open"));
    const after = lastId(first);
    first.close();
    const [missed = ""] = await makeGraphs(1);
    const path = `/api/stream?follow=feed&after=${after}`;
    expect((await ask(http.port, `${path}x`, { headers: ann.headers })).status).toBe(400);
    const second = await openStream(http.port, path, { Cookie: ann.cookie });
    await second.frame(tells(missed));
    second.close();
  });

  test("of a reader that hangs is cut off, and holds nobody up", async () => {
    const slow = await ann.stream("feed");
    const quick = await ann.stream("feed");
    await Promise.all([slow.frame(isNamed("open")), quick.frame(isNamed("open"))]);
    slow.hang();
    const id = lastId(slow);
    const text = "x".repeat(500_000);
    for (let index = 0; index < 40; index++)
      await client.command("task", `large-${index}`, "submit", {
        type: "build",
        requiredCapabilities: [],
        payload: text,
      });
    await quick.frame(({ data }) => data.subject === "task/large-39");
    // One that takes nothing does not see either that it was cut off.
    expect((await ask(http.port, "/metrics")).text).toMatch(/^cim_http_streams_cut_off [1-9]/m);
    slow.resume();
    await slow.ended;
    expect(slow.frames.some(({ data }) => data.subject === "task/large-39")).toBe(false);
    const again = await ann.stream("feed", { "Last-Event-ID": id });
    await again.frame(({ data }) => data.subject === "task/large-39");
    expect(sequences(again)).toEqual(sequences(quick));
    quick.close();
    again.close();
  });

  test("is shared: 20 tabs read the feed and a view with one consumer each", async () => {
    const tabs = await Promise.all(Array.from({ length: 20 }, () => ann.stream("graphs,feed")));
    await Promise.all(tabs.map((tab) => tab.frame(isNamed("current"))));
    const manager = await client.jetstream.jetstreamManager();
    const consumers = await manager.streams.info(client.names.streams.feed);
    // The backend reads no feed: what reads it are this session's tabs.
    expect(consumers.state.consumer_count).toBe(1);
    const [made = ""] = await makeGraphs(1);
    await Promise.all(tabs.flatMap((tab) => [tab.frame(shows(made)), tab.frame(tells(made))]));
    for (const tab of tabs) tab.close();
  });
});

describe("when a server dies", () => {
  test("the nats-server: the stream goes on by itself, without a gap", async () => {
    const stream = await ann.stream("graphs,feed");
    await stream.frame(isNamed("current"));
    const [before = ""] = await makeGraphs(1);
    await stream.frame(tells(before));
    await leaf.nats.kill();
    expect((await ask(http.port, "/readyz")).status).toBe(503);
    expect((await ask(http.port, "/healthz")).status).toBe(200);
    await leaf.nats.start();
    const [after = ""] = await makeGraphs(1);
    await Promise.all([stream.frame(shows(after)), stream.frame(tells(after))]);
    const all = sequences(stream);
    expect(all).toEqual(all.map((_, index) => (all[0] ?? 0) + index));
    stream.close();
  });

  test("the nats-server, again and again while documents change: in the end the tab has what there is", async () => {
    const stream = await ann.stream("graphs,feed");
    await stream.frame(isNamed("current"));
    const ids = Array.from({ length: 8 }, (_, index) => `changing-${index}`);
    const change = async (round: number) => {
      for (const id of ids) {
        const description = `round ${round}`;
        await client.command("graph", id, "import", { id, description, nodes: [], edges: [] });
      }
    };
    for (let round = 0; round < 4; round++) {
      const changing = change(round);
      await new Promise((wake) => setTimeout(wake, 100 * round));
      await leaf.nats.kill();
      await leaf.nats.start();
      await changing;
    }
    const last = (id: string) => (frame: Frame) =>
      shows(id)(frame) && JSON.stringify(frame.data.document).includes("round 3");
    await Promise.all(ids.map((id) => stream.frame(last(id))));
    await Promise.all(
      ids.map((id) => stream.frame((frame) => tells(id)(frame) && JSON.stringify(frame.data.data).includes("round 3"))),
    );
    const all = sequences(stream);
    expect(all).toEqual(all.map((_, index) => (all[0] ?? 0) + index));
    stream.close();
  });

  test("the console server: another one on the same port goes on from the place", async () => {
    const first = await ann.stream("graphs,feed");
    await first.frame(isNamed("current"));
    const [seen = ""] = await makeGraphs(1);
    await Promise.all([first.frame(shows(seen)), first.frame(tells(seen))]);
    const { port } = http;
    await http.close();
    await first.ended;
    const [missed = ""] = await makeGraphs(1);
    http = await openPort(port);
    expect((await ann.get("/api/session")).status).toBe(401);
    ann = await logIn(http.link("ann"));
    const second = await ann.stream("graphs,feed", { "Last-Event-ID": lastId(first) });
    await Promise.all([second.frame(shows(missed)), second.frame(tells(missed))]);
    expect(second.frames.filter(shows(seen))).toEqual([]);
    expect(sequences(second)[0]).toBe((sequences(first).at(-1) ?? 0) + 1);
    second.close();
  });
});
