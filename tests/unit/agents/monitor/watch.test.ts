import { expect, test } from "@jest/globals";
import { type Accepted, BackendUnavailable } from "../../../../src/agents/kit/mod.ts";
import { watch } from "../../../../src/agents/monitor/watch.ts";
import type { Operator } from "../../../../src/contract/hosts.ts";
import { check, type FakeHosts, fakeHosts, unreachable } from "../deployer/fake-hosts.ts";

/** Watches one host that should run `new-a1`; `look` changes what happens as the looks go by, from 1. */
const watching = async (hosts: FakeHosts, looks: number, look: (number: number) => void = () => undefined) => {
  const reports: Array<Record<string, unknown>> = [];
  const said: Array<string> = [];
  const stop = new AbortController();
  let number = 0;
  const operator: Operator = {
    ...hosts.operator,
    observe: async (host, signal) => {
      number += 1;
      look(number);
      if (number > looks) stop.abort();
      return hosts.operator.observe(host, signal);
    },
  };
  const accepted: Accepted = {
    aggregate: "a",
    id: "i",
    version: 1,
    position: 1,
    commandId: "c",
    events: [],
    duplicate: false,
  };
  const payload = {
    target: "simulated",
    hosts: [{ host: "a1", address: "10.0.0.1", closure: "new-a1", checks: [{ ...check("web", 50) }] }],
  };
  const outcome = await watch(
    {
      task: { id: "w", type: "watch", priority: "low", attempt: 1, payload },
      signal: stop.signal,
      progress: async ({ message = "" }) => {
        said.push(message);
        return accepted;
      },
      client: {
        command: async (_aggregate, _id, _command, data) => {
          reports.push({ ...(data as object) });
          return accepted;
        },
      },
    },
    { simulated: operator },
    0.001,
  ).catch(() => "aborted");
  return { reports, said, outcome };
};

const deployed = () => {
  const hosts = fakeHosts();
  hosts.running.set("a1", "new-a1");
  return hosts;
};
const well = {
  closure: "new-a1",
  health: "healthy",
  failing: [],
  drift: false,
  expected: "new-a1",
  observed: { failedUnits: [] },
};

test("a host where nothing changes is reported once, for as long as it is watched", async () => {
  const { reports, outcome } = await watching(deployed(), 20);
  expect(reports).toEqual([well]);
  expect(outcome).toBe("aborted");
});

test("another closure and an ill node are reported and end nothing", async () => {
  const hosts = deployed();
  const { reports } = await watching(hosts, 9, (number) => {
    if (number === 3) hosts.running.set("a1", "by-hand");
    if (number === 5) hosts.ill.add("web");
    if (number === 7) {
      hosts.running.set("a1", "new-a1");
      hosts.ill.clear();
    }
  });
  expect(reports).toEqual([
    well,
    { ...well, closure: "by-hand", drift: true },
    { ...well, closure: "by-hand", drift: true, health: "unhealthy", failing: ["web"] },
    well,
  ]);
});

test("an ill node is looked at three times, not as often as its check says: the next look comes soon", async () => {
  const hosts = deployed();
  hosts.ill.add("web");
  await watching(hosts, 1);
  expect(hosts.log.filter((line) => line === "check a1")).toHaveLength(3);
});

test("a host that is away for a moment is no news; one that stays away is unreachable, once", async () => {
  const short = deployed();
  short.before = unreachable("observe", "a1", 2);
  expect((await watching(short, 6)).reports).toEqual([well]);
  const long = deployed();
  long.before = unreachable("observe", "a1", 6);
  const { reports } = await watching(long, 9);
  expect(reports).toEqual([{ health: "unreachable", failing: [], drift: false, expected: "new-a1" }, well]);
});

test("what keeps a host from being looked at is said once, and the watch goes on", async () => {
  const hosts = deployed();
  let looks = 0;
  hosts.before = (operation) => {
    if (operation !== "observe") return;
    looks += 1;
    if (looks < 5) throw new Error("no systemctl here");
  };
  const { reports, said } = await watching(hosts, 8);
  expect(said).toEqual(["a1 could not be looked at: no systemctl here"]);
  expect(reports).toEqual([well]);
});

test("a backend that is away is told later", async () => {
  const hosts = deployed();
  let away = true;
  const reports: Array<unknown> = [];
  const stop = new AbortController();
  await watch(
    {
      task: {
        id: "w",
        type: "watch",
        priority: "low",
        attempt: 1,
        payload: { target: "simulated", hosts: [{ host: "a1", address: "x", closure: "new-a1", checks: [] }] },
      },
      signal: stop.signal,
      progress: () => Promise.reject(new Error("nothing is to be said")),
      client: {
        command: async (aggregate, id, _, data) => {
          if (away) {
            away = false;
            throw new BackendUnavailable("nobody answers");
          }
          reports.push(data);
          stop.abort();
          return { aggregate, id, version: 1, position: 1, commandId: "c", events: [], duplicate: false };
        },
      },
    },
    { simulated: hosts.operator },
    0.001,
  ).catch(() => undefined);
  expect(reports).toEqual([well]);
});
