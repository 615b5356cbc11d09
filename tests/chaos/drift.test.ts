import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});
afterEach(() => leaf.dispose());

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));
const watching = ["--watch-every", "0.5"];

/** What happened to a host, by the types of its events. */
const eventsOf = async (id: string) =>
  (await leaf.log())
    .filter((commit) => commit.aggregate === "host" && commit.id === id)
    .flatMap(({ events }) => events);
const count = async (id: string, type: string) => (await eventsOf(id)).filter((event) => event.type === type).length;

const resolved = async (id: string) => {
  for (let waited = 0; waited < 60_000; waited += 300) {
    if ((await count(id, "host-drift-resolved")) > 0) return;
    await sleep(300);
  }
  throw new Error(`the drift of ${id} was not repaired in a minute`);
};

test.each(["host-drift-detected", "proposal-submitted", "proposal-approved", "task-started"])(
  "a backend that is killed at %s and started again repairs a drift, once",
  async (moment) => {
    const first = await leaf.up(...watching);
    await leaf.deploy("d1");
    expect((await leaf.ended("d1")).status).toBe("succeeded");
    await first.kill();
    const begun = leaf.seen(moment);
    const second = await leaf.up(...watching, "--fail", "drift:leaf-1");
    await begun;
    await second.kill();
    await leaf.up(...watching);
    await resolved("leaf-1");

    const before = (await leaf.log()).length;
    await sleep(3_000);
    // Idle hosts that are as they should be make no events, nor does a backend that starts.
    const since = (await leaf.log()).slice(before).filter(({ aggregate }) => aggregate === "host");
    expect(since).toEqual([]);
    expect(await count("leaf-1", "host-drift-detected")).toBe(1);
    const commits = await leaf.log();
    const of = (aggregate: string, type: string) =>
      commits.filter(
        (commit) =>
          commit.aggregate === aggregate &&
          commit.id.includes("=repair-") &&
          commit.events.some((e) => e.type === type),
      );
    expect(of("proposal", "proposal-submitted")).toHaveLength(1);
    expect(of("task", "task-submitted")).toHaveLength(1);
    expect(of("task", "task-completed")).toHaveLength(1);
    const ids = commits.map(({ aggregate, id, commandId }) => `${aggregate}.${id} ${commandId}`);
    expect(new Set(ids).size).toBe(ids.length);
  },
);
