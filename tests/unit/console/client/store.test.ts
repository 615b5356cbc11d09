import { describe, expect, test } from "@jest/globals";
import { frameOf, mostFollowed, unionOf } from "../../../../src/console/client/frames.ts";
import { Store } from "../../../../src/console/client/mod.ts";

const document = (id: string, value: unknown) => ({
  kind: "document" as const,
  place: "1",
  view: "graphs" as const,
  id,
  document: value,
});
const event = (feedsequence: number) => ({
  kind: "event" as const,
  place: String(feedsequence),
  event: {
    id: String(feedsequence),
    type: "t",
    subject: "s",
    time: "",
    actor: "ann",
    feedsequence,
    position: feedsequence,
  },
});

describe("the store", () => {
  test("has the documents as the stream left them", () => {
    const store = new Store();
    store.apply(document("a", { id: "a", version: 1 }));
    store.apply(document("b", { id: "b" }));
    store.apply(document("a", { id: "a", version: 2 }));
    store.apply(document("b", undefined));
    expect([...store.documents("graphs")]).toEqual([["a", { id: "a", version: 2 }]]);
  });

  test("gives the same value again until something of it changes, and never changes a value", () => {
    const store = new Store();
    store.apply(document("a", { id: "a" }));
    const before = store.documents("graphs");
    expect(store.documents("graphs")).toBe(before);
    store.apply({ ...document("x", { id: "x" }), view: "tasks" });
    expect(store.documents("graphs")).toBe(before);
    store.apply(document("b", { id: "b" }));
    expect(store.documents("graphs")).not.toBe(before);
    expect(before.size).toBe(1);
  });

  test("has what programs print, a bounded part of it, for as long as it is followed", () => {
    const store = new Store();
    const text = JSON.stringify({ deployment: "shop-1", agent: "d", host: "h", step: "built", lines: ["a"] });
    const frame = frameOf("output", "7", text);
    expect(frame).toMatchObject({ kind: "output", output: { deployment: "shop-1", lines: ["a"] } });
    expect(frameOf("output", "7", JSON.stringify({ deployment: "shop-1", lines: "a" }))).toBeUndefined();
    if (frame !== undefined) for (let index = 0; index < 600; index++) store.apply(frame);
    expect(store.outputs("shop-1")).toHaveLength(500);
    expect(store.place).toBeUndefined();
    store.apply({ kind: "open", place: "1", follow: ["output/shop-1"] });
    expect(store.outputs("shop-1")).toHaveLength(500);
    store.apply({ kind: "open", place: "1", follow: ["graphs"] });
    expect(store.outputs("shop-1")).toEqual([]);
  });

  test("says once that it has changed, however much did", () => {
    const scheduled: Array<() => void> = [];
    const store = new Store((work) => scheduled.push(work));
    let changes = 0;
    const end = store.subscribe(() => {
      changes += 1;
    });
    for (let index = 0; index < 1_000; index++) store.apply(document(`g${index}`, {}));
    expect([changes, scheduled.length]).toEqual([0, 1]);
    for (const work of scheduled.splice(0)) work();
    expect(changes).toBe(1);
    end();
    store.apply(document("a", {}));
    for (const work of scheduled.splice(0)) work();
    expect(changes).toBe(1);
  });

  test("forgets what a reset names, and what is not followed any more", () => {
    const store = new Store();
    for (const id of ["a", "b"]) store.apply(document(id, { id }));
    store.apply(event(1));
    store.apply({ kind: "reset", place: "0", follow: "graphs/a" });
    expect([...store.documents("graphs").keys()]).toEqual(["b"]);
    store.apply({ kind: "reset", place: "0", follow: "feed" });
    expect(store.events).toEqual([]);
    store.apply({ kind: "open", place: "0", follow: ["tasks", "graphs/c"] });
    expect(store.documents("graphs").size).toBe(0);
  });

  test("keeps so many events, the newest", () => {
    const store = new Store();
    for (let sequence = 1; sequence <= 700; sequence++) store.apply(event(sequence));
    expect([store.events.length, store.events[0]?.feedsequence, store.events.at(-1)?.feedsequence]).toEqual([
      500, 201, 700,
    ]);
    expect(store.place).toBe("700");
  });

  test("knows whether everything under a name has come", () => {
    const store = new Store();
    expect(store.hasAllOf("graphs/a")).toBe(false);
    store.apply({ kind: "open", place: "3", follow: ["graphs", "tasks/t"] });
    expect(store.hasAllOf("graphs/a")).toBe(false);
    store.apply({ kind: "current", place: "3" });
    const names = ["graphs", "graphs/a", "tasks/t", "tasks", "tasks/u"];
    expect(names.filter((name) => store.hasAllOf(name))).toEqual(["graphs", "graphs/a", "tasks/t"]);
    const other = new Store();
    other.restore(structuredClone(store.snapshot()));
    expect(other.hasAllOf("graphs/a")).toBe(true);
  });

  test("what is known stays known while the stream is lost, or opened again for one thing more", () => {
    const store = new Store();
    const known = () => ["graphs/a", "tasks", "hosts"].filter((name) => store.hasAllOf(name));
    store.apply({ kind: "open", place: "3", follow: ["graphs/a", "tasks"] });
    store.apply({ kind: "current", place: "3" });
    store.set({ stream: "connecting", current: false });
    store.apply({ kind: "open", place: "3", follow: ["graphs", "hosts", "tasks"] });
    expect(known()).toEqual(["graphs/a", "tasks"]);
    store.apply({ kind: "reset", place: "3", follow: "tasks" });
    expect(known()).toEqual(["graphs/a"]);
    store.apply({ kind: "current", place: "3" });
    expect(known()).toEqual(["graphs/a", "tasks", "hosts"]);
    store.apply({ kind: "open", place: "3", follow: ["hosts"] });
    expect(known()).toEqual(["hosts"]);
  });

  test("of another tab knows the same", () => {
    const store = new Store();
    store.apply({ kind: "open", place: "3", follow: ["graphs"] });
    store.apply(document("a", { id: "a" }));
    const other = new Store();
    other.restore(structuredClone(store.snapshot()));
    expect([other.place, other.liveness, [...other.documents("graphs")]]).toEqual([
      store.place,
      store.liveness,
      [...store.documents("graphs")],
    ]);
    store.apply(document("b", {}));
    expect(other.documents("graphs").size).toBe(1);
  });
});

describe("a frame", () => {
  test.each([
    ["document", "{"],
    ["document", "[]"],
    ["document", "null"],
    ["document", '{"view":"graphs"}'],
    ["event", '{"id":"x"}'],
    ["open", "{}"],
    ["reset", "{}"],
    ["other", "{}"],
  ])("%s %s that is damaged or unknown is left out", (name, text) => {
    expect(frameOf(name, "1", text)).toBeUndefined();
  });

  test("of an event has what happened to what, without its data", () => {
    const { event: head } = event(1);
    const text = JSON.stringify({ ...head, sequence: "1", specversion: "1.0", data: { nodes: [1, 2, 3] } });
    expect(frameOf("event", "1", text)).toEqual(event(1));
  });

  test("of a removed document has none", () => {
    expect(frameOf("document", "1", '{"view":"graphs","id":"a","document":null}')).toEqual(document("a", undefined));
  });
});

test("what is followed is the union, without parts of what is followed whole", () => {
  expect(unionOf(["tasks", "graphs/a", "graphs/b", "graphs", "hosts/x", "tasks"])).toEqual([
    "graphs",
    "hosts/x",
    "tasks",
  ]);
});

test("more than a stream can follow becomes whole views, those of which most is wanted first", () => {
  const named = (view: string, count: number) => Array.from({ length: count }, (_, index) => `${view}/d-${index}`);
  const feeds = named("feed", 12);
  const all = [...feeds, "output/a", ...named("graphs", 3), ...named("deployments", mostFollowed)];
  expect(unionOf(all)).toEqual([...feeds, "output/a", ...named("graphs", 3), "deployments"].toSorted());
  const long = Array.from({ length: 20 }, (_, index) => `tasks/${"x".repeat(190)}-${index}`);
  expect(unionOf([...long, "graphs/a"])).toEqual(["graphs/a", "tasks"]);
});
