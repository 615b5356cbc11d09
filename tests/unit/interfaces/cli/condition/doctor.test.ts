import { describe, expect, test } from "@jest/globals";
import { checks, diagnose, resultLines } from "../../../../../src/interfaces/cli/condition/doctor.ts";
import type { Facts } from "../../../../../src/interfaces/cli/condition/facts.ts";
import { healthy, logConfig, withStream } from "./facts.ts";

const { durability: _, serverHealth: __, log: ___, health: ____, ...blind } = healthy;
const { health } = healthy;
if (health === undefined) throw new Error("a healthy installation answers");

const found = (facts: Facts) =>
  diagnose(facts).flatMap(({ check, findings }) => findings.map(({ level, what }) => `${check} ${level}: ${what}`));

type Planted = readonly [string, Facts, string];
const clock = (offset: number, commitOffset: number): Facts => ({
  ...healthy,
  server: { ...healthy.server, offset },
  commitOffset,
});
const consumer = (change: object): Facts => ({
  ...healthy,
  consumers: [{ stream: "CIM_INBOX", name: "agent-ann", pending: 3, waiting: 0, bound: false, ...change }],
});
const timersWithoutReader: Facts = consumer({ stream: "CIM_TIMERS", name: "fired", idle: 70_000 });
const cluster = { leader: "n1", behind: ["n3"] };

const planted: ReadonlyArray<Planted> = [
  [
    "an old server",
    { ...healthy, server: { ...healthy.server, version: "2.11.9" } },
    "server wrong: nats-server 2.11.9",
  ],
  [
    "a server without corrections",
    { ...healthy, server: { ...healthy.server, version: "2.14.4" } },
    "server note: .*8500",
  ],
  [
    "another server of the cluster without corrections",
    { ...healthy, otherServers: [{ url: "nats://n2:4222", version: "2.14.4" }] },
    "server note: .*2.14.4 lacks .*8500",
  ],
  [
    "servers of different versions",
    { ...healthy, otherServers: [{ url: "nats://n2:4222", version: "2.15.3" }] },
    "server note: the servers have versions 2.15.2 and 2.15.3",
  ],
  [
    "a server that does not answer",
    { ...healthy, otherServers: [{ url: "nats://n2:4222" }] },
    "server wrong: no nats-server answers at nats://n2:4222",
  ],
  [
    "a server that is not well",
    { ...healthy, serverHealth: { ok: false, error: "no quorum" } },
    "server wrong: .*no quorum",
  ],
  ["small messages", { ...healthy, server: { ...healthy.server, maxPayload: 1_048_576 } }, "settings note: .*1.0 MB"],
  ["writes that wait", { ...healthy, durability: { always: false, from: "x" } }, "durability wrong: .*power failure"],
  ["writes that nobody sees", { ...blind, health, log: { end: 500 } }, "durability unknown"],
  ["no log", { ...blind, health }, "log wrong: there is no log CIM_EVENTS"],
  [
    "an import that was cut off",
    { ...healthy, log: { end: 500, unfinished: "cim restore" } },
    "log wrong: the log is not whole: `cim restore`",
  ],
  ["a log that forgets", withStream("CIM_EVENTS", { config: { ...logConfig, max_age: 5 } }), "log wrong: .*max_age 5"],
  [
    "a log in memory",
    withStream("CIM_EVENTS", { config: { ...logConfig, storage: "memory" } }),
    "log wrong: .*storage memory",
  ],
  [
    "a damaged aggregate",
    {
      ...healthy,
      health: { ...health, damaged: [{ aggregate: "graph", id: "shop", position: 7, problem: "no chain" }] },
    },
    "log wrong: graph shop can only be read, since position 7",
  ],
  ["foreign messages", { ...healthy, health: { ...health, passedOver: 2 } }, "log note: 2 messages"],
  ["a stream that is gone", { ...healthy, streams: healthy.streams.slice(2) }, "streams wrong: missing: CIM_FEED"],
  ["lost messages", withStream("CIM_FEED", { lost: 4 }), "streams wrong: CIM_FEED has lost 4"],
  [
    "a stream without a leader",
    withStream("CIM_FEED", { cluster: { behind: [] } }),
    "streams wrong: CIM_FEED has no leader",
  ],
  [
    "a replica that is away",
    withStream("CIM_EVENTS", { cluster, replicas: 3 }),
    "streams wrong: replicas of CIM_EVENTS .*n3",
  ],
  [
    "one replica on three servers",
    { ...healthy, server: { ...healthy.server, servers: 3 } },
    "streams wrong: CIM_EVENTS has 1 replica",
  ],
  ["no backend", { ...healthy, backends: [] }, "backends wrong: no backend answers"],
  [
    "a backend that stands by",
    { ...healthy, health: { ...health, ready: false, reason: "newer events" } },
    "backends wrong: .*newer events",
  ],
  [
    "backends that differ",
    { ...healthy, backends: [...healthy.backends, { id: "b2", version: "0.2.0" }] },
    "backends note: .*0.1.0 and 0.2.0",
  ],
  [
    "one backend of two that stands by",
    { ...healthy, backends: [...healthy.backends, { id: "b2", version: "0.1.0", standsBy: "newer events" }] },
    "backends wrong: a backend of version 0.1.0 takes no commands: newer events",
  ],
  ["a lease that nobody has", { ...healthy, workHeld: false }, "lease wrong: no backend has the lease"],
  ["views that lag", { ...healthy, log: { end: 5_000 } }, "lag wrong: the views: 4500 commits behind"],
  [
    "a checkpoint beyond the log",
    { ...healthy, log: { end: 450 } },
    "lag wrong: the views: at position 500, and the log ends at 450",
  ],
  ["parked steps", { ...healthy, health: { ...health, parked: 2 } }, "parked wrong: 2 steps"],
  ["an agent that is away", consumer({}), "consumers note: 3 messages of CIM_INBOX wait for `agent-ann`"],
  ["timers without a reader", timersWithoutReader, "consumers wrong: .*`fired`"],
  ["a backend's clock ahead", clock(0, 2_000), "clocks wrong: .*2.0 s"],
  ["a backend's clock behind", clock(0, -15_000), "clocks wrong: .*-15.0 s"],
  ["the clock of this machine", clock(-3_000, 0), "clocks note: .*-3.0 s"],
  [
    "a disk that is full",
    { ...healthy, disks: [{ what: "the disk of /data", used: 95, total: 100 }] },
    "disk wrong: the disk of /data",
  ],
  ["a disk that fills up", { ...healthy, disks: [{ what: "the disk of /data", used: 80, total: 100 }] }, "disk note"],
  [
    "a certificate that ends soon",
    { ...healthy, certificates: [{ what: "the certificate of x", until: "2026-12-05T12:00:00.000Z" }] },
    "certificates wrong: the certificate of x expires on .* in 5 days",
  ],
  [
    "credentials that have expired",
    { ...healthy, certificates: [{ what: "the credentials", until: "2026-11-29T12:00:00.000Z" }] },
    "certificates wrong: the credentials has expired",
  ],
  [
    "a console that does not answer",
    { ...healthy, console: { url: "http://x", asked: true, problem: "refused" } },
    "console wrong: http://x does not answer: refused",
  ],
  [
    "no console that somebody named",
    { ...healthy, console: { url: "http://x", asked: false, problem: "refused" } },
    "console note",
  ],
  [
    "a console that is not ready",
    { ...healthy, console: { url: "http://x", asked: true, ready: false, problem: "feed" } },
    "console wrong: http://x is not ready: feed",
  ],
];

describe("the doctor", () => {
  test("finds nothing in a healthy installation", () => {
    expect(found(healthy)).toEqual([]);
    expect(diagnose(healthy).every(({ level, what }) => level === "well" && what !== "")).toBe(true);
  });

  test.each(planted)("finds %s, and nothing else in another check", (_, facts, expected) => {
    const all = found(facts);
    expect(all.join("\n")).toMatch(new RegExp(`^${expected}`, "m"));
    const [check] = expected.split(" ");
    expect(all.filter((one) => !one.startsWith(`${check} `) && one.includes(" wrong:"))).toEqual([]);
  });

  test("has a planted fault for each check, and says for each what to do", () => {
    const found = new Set(planted.map(([, , expected]) => expected.split(" ")[0]));
    expect(checks.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
    for (const [, facts] of planted)
      for (const { findings } of diagnose(facts)) for (const { remedy } of findings) expect(remedy).not.toBe("");
  });

  test("fits 80 columns", () => {
    for (const [, facts] of planted)
      for (const result of diagnose(facts))
        for (const line of resultLines(result, { columns: 80, style: (_, text) => text }))
          expect(line.length).toBeLessThanOrEqual(80);
  });
});
