import { expect, test } from "@jest/globals";
import { statusLines, type Work } from "../../../../../src/interfaces/cli/condition/status.ts";
import { healthy } from "./facts.ts";

const since = "2026-11-30T11:59:00.000Z";
const host = (id: string, status: "confirmed" | "pending") => ({ id, wave: 1, address: id, status });

const work: Work = {
  agents: [
    { id: "ann", status: "online", registered: true },
    { id: "bob", status: "offline", registered: true },
  ],
  deployments: Array.from({ length: 6 }, (_, index) => ({
    id: `shop-${index}`,
    status: "deploying" as const,
    statusSince: since,
    reviewers: [],
    reviewed: [],
    hosts: [host("a", "confirmed"), host("b", "pending")],
  })),
  votes: [
    {
      id: "idea",
      status: "active",
      electorate: [
        { id: "ann", weight: 1 },
        { id: "bob", weight: 1 },
      ],
      ballots: [],
      deadline: "2026-11-30T12:00:51.000Z",
    },
  ],
  parked: [],
};

test("the status is one screen of 80 columns", () => {
  const lines = statusLines(healthy, work, 80);
  expect(lines.length).toBeLessThanOrEqual(24);
  for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
  expect(lines.map((line) => line.trimEnd())).toEqual(
    [
      "server        nats://127.0.0.1:4222, nats-server 2.15.2, prefix cim",
      "backends      1, version 0.1.0, ready",
      "log           position 500",
      "              views 0 behind, feed 1, processes up to 100 (deliveries)",
      "lease         held",
      "agents        1 online, 1 offline (bob)",
      "deployments   shop-0: deploying for 1 min 0 s, 1 of 2 hosts",
      "              shop-1: deploying for 1 min 0 s, 1 of 2 hosts",
      "              shop-2: deploying for 1 min 0 s, 1 of 2 hosts",
      "              and 3 more",
      "votes         idea: waiting for 2 of 2 votes: ann, bob (51 s left)",
      "parked        none",
      "disk          8.0 KB in 8 streams, disk 40 % full, CIM_EVENTS 1.0 KB, CIM_FEED 1.0 KB",
      "clocks        server +3 ms from here, commits -4 ms from the server",
    ].map((line) => ([...line].length <= 80 ? line : `${line.slice(0, 79)}…`)),
  );
});

test("without a backend it says so, and what the server shows", () => {
  const { health: _, ...rest } = healthy;
  const text = statusLines({ ...rest, backends: [] }, undefined, 80).join("\n");
  expect(text).toContain("backends      NONE: start one with `cim up`");
  expect(text).toContain("log           position 500");
  expect(text).not.toContain("votes");
});

test("a log that is not whole is the first thing to know", () => {
  const text = statusLines({ ...healthy, log: { end: 5, unfinished: "cim restore" } }, undefined, 80).join("\n");
  expect(text).toContain("log           NOT WHOLE: `cim restore` has not come to its end");
});
