import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Sharing } from "../../../../src/console/client/mod.ts";
import { TestBrowser } from "../../../support/tabs.ts";
import { settle, streamServer } from "./server.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
});
afterEach(() => {
  jest.useRealTimers();
});

const ids = ({ store }: Sharing) => [...store.documents("graphs").keys()].sort();

/** Tabs of one browser that all follow graphs. */
const tabs = async (count: number, loggedIn?: () => Promise<boolean>) => {
  const server = streamServer();
  const browser = new TestBrowser(server.open, loggedIn);
  const opened = Array.from({ length: count }, () => browser.tab());
  for (const { sharing } of opened) sharing.follow("graphs");
  await settle();
  const [first = browser.tab(), ...others] = opened;
  return { server, browser, first, others, all: opened.map(({ sharing }) => sharing) };
};

describe("tabs of one browser", () => {
  test("share one stream", async () => {
    const { server, all } = await tabs(20);
    expect(server.opened.filter(({ readyState }) => readyState !== 2)).toHaveLength(1);
    expect(all.filter(({ isLeader }) => isLeader)).toHaveLength(1);
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.document("a", "2");
    server.last.send("current", "2", {});
    await settle();
    for (const tab of all) {
      expect(ids(tab)).toEqual(["a"]);
      expect(tab.store.liveness).toEqual({ stream: "live", current: true, backend: true });
    }
  });

  test("a tab that comes later has at once what the others have", async () => {
    const { server, browser } = await tabs(1);
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.document("a", "2");
    const late = browser.tab().sharing;
    await settle();
    expect([ids(late), late.store.place]).toEqual([["a"], "2"]);
    expect(server.opened).toHaveLength(1);
  });

  test("the stream is opened again for what one more tab follows, at the place that was reached", async () => {
    const { server, others, all } = await tabs(2);
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.document("a", "2@7,graphs:9@8");
    await settle();
    const end = others[0]?.sharing.follow("tasks");
    await settle();
    expect(server.opened).toHaveLength(2);
    expect([server.last.follow, server.last.after]).toEqual([["graphs", "tasks"], "2@7,graphs:9@8"]);
    server.last.send("open", "2", { follow: ["graphs", "tasks"] });
    await settle();
    expect(all.map(ids)).toEqual([["a"], ["a"]]);
    // What nobody follows any more costs nothing until something else changes.
    end?.();
    end?.();
    await settle();
    expect(server.opened).toHaveLength(2);
  });

  test("if the leader dies, another goes on at the place that it has reached", async () => {
    const { server, first, others } = await tabs(3);
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.document("a", "2");
    await settle();
    first.kill();
    await settle();
    expect(server.opened).toHaveLength(2);
    expect([server.last.follow, server.last.after]).toEqual([["graphs"], "2"]);
    server.last.send("open", "2", { follow: ["graphs"] });
    server.last.document("b", "3");
    await settle();
    expect(others.map(({ sharing }) => ids(sharing))).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(others.filter(({ sharing }) => sharing.isLeader)).toHaveLength(1);
  });

  test("what a dead tab followed is followed no longer than to the next opening", async () => {
    const { server, browser, others } = await tabs(2);
    const other = browser.tab();
    other.sharing.follow("hosts");
    await settle();
    expect(server.last.follow).toEqual(["graphs", "hosts"]);
    other.kill();
    await settle();
    others[0]?.sharing.follow("tasks");
    await settle();
    expect(server.last.follow).toEqual(["graphs", "tasks"]);
  });

  test("a stale leader is not heard any more", async () => {
    const { server, first, others } = await tabs(2);
    const old = server.last;
    old.send("open", "1", { follow: ["graphs"] });
    first.kill();
    await settle();
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.document("a", "5", { id: "a", version: 2 });
    old.document("a", "4", { id: "a", version: 1 });
    await settle();
    expect(others[0]?.sharing.store.documents("graphs").get("a")).toEqual({ id: "a", version: 2 });
  });
});

describe("a leader that the browser has put to sleep", () => {
  const event = (id: string, feedsequence: number) => {
    const subject = `graph/${id}`;
    return { id, type: "t", subject, time: "2026-01-01T00:00:00Z", actor: "ann", feedsequence, data: {} };
  };
  const heard = ({ store }: Sharing) => store.events.map(({ id }) => id);

  const asleep = async () => {
    const made = await tabs(3);
    const { server, first } = made;
    expect(first.sharing.isLeader).toBe(true);
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.send("event", "2", event("a", 2));
    await settle();
    first.sleep();
    jest.advanceTimersByTime(25_000);
    await settle();
    return made;
  };

  test("is replaced by a tab that misses its signs of life, which goes on at the place that was reached", async () => {
    const { server, others } = await asleep();
    expect(others.filter(({ sharing }) => sharing.isLeader)).toHaveLength(1);
    expect(server.last.after).toBe("2");
    server.last.send("open", "2", { follow: ["graphs"] });
    server.last.send("event", "3", event("b", 3));
    await settle();
    expect(others.map(({ sharing }) => heard(sharing))).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  test("follows the new one when it wakes up: nobody believes what it says, and each event is heard once", async () => {
    const { server, first, others, all } = await asleep();
    const [old] = server.opened;
    server.last.send("open", "2", { follow: ["graphs"] });
    server.last.send("event", "3", event("b", 3));
    await settle();
    first.wake();
    old?.send("event", "3", event("b", 3));
    await settle();
    server.last.send("event", "4", event("c", 4));
    await settle();
    expect(all.map(heard)).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
    expect([first.sharing.isLeader, old?.readyState]).toEqual([false, 2]);
    expect(others.filter(({ sharing }) => sharing.isLeader)).toHaveLength(1);
    expect(first.sharing.store.liveness.stream).toBe("live");
    // It waits for its turn again.
    for (const { sharing, kill } of others) {
      kill();
      await settle();
      if (sharing === others.at(-1)?.sharing) expect(first.sharing.isLeader).toBe(true);
    }
  });

  test("is not replaced as long as it gives signs of life, although nothing comes", async () => {
    const { first } = await tabs(3);
    for (let beats = 0; beats < 20; beats++) {
      jest.advanceTimersByTime(5_000);
      await settle();
    }
    expect(first.sharing.isLeader).toBe(true);
  });
});

describe("a stream that is lost", () => {
  test("is the browser's to open again, as long as it tries", async () => {
    const { server, all } = await tabs(2);
    server.last.send("open", "1", { follow: ["graphs"] });
    server.last.lose(false);
    await settle();
    expect(server.opened).toHaveLength(1);
    expect(all.map(({ store }) => store.liveness.stream)).toEqual(["connecting", "connecting"]);
  });

  test("is opened again when the browser gave up, less and less often", async () => {
    const { server } = await tabs(1);
    server.last.send("open", "7", { follow: ["graphs"] });
    for (const [attempt, wait] of [500, 1_000, 2_000, 5_000, 10_000, 10_000].entries()) {
      server.last.lose(true);
      await settle();
      jest.advanceTimersByTime(wait - 1);
      expect(server.opened).toHaveLength(attempt + 1);
      jest.advanceTimersByTime(1);
      expect([server.opened.length, server.last.after]).toEqual([attempt + 2, "7"]);
    }
  });

  test("is not opened while the session is over, and goes on where it was after the next log-in", async () => {
    let loggedIn = false;
    const { server, all } = await tabs(2, async () => loggedIn);
    server.last.send("open", "7", { follow: ["graphs"] });
    server.last.lose(true);
    for (let looks = 0; looks < 12; looks++) {
      await settle();
      jest.advanceTimersByTime(5_000);
    }
    expect(server.opened).toHaveLength(1);
    expect(all.map(({ store }) => store.liveness.stream)).toEqual(["logged-out", "logged-out"]);
    loggedIn = true;
    for (let looks = 0; looks < 3; looks++) {
      await settle();
      jest.advanceTimersByTime(10_000);
    }
    expect([server.opened.length, server.last.after]).toEqual([2, "7"]);
  });

  test("is noticed by silence, after the laptop slept", async () => {
    const { server } = await tabs(1);
    server.last.send("open", "7", { follow: ["graphs"] });
    for (let beats = 0; beats < 5; beats++) {
      jest.advanceTimersByTime(10_000);
      server.last.send("alive", "7", { connected: true });
    }
    expect(server.opened).toHaveLength(1);
    jest.advanceTimersByTime(25_000);
    expect([server.opened.length, server.last.after]).toEqual([2, "7"]);
    expect(server.opened[0]?.readyState).toBe(2);
  });
});
