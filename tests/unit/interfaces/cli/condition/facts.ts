import type { Facts, StreamFacts } from "../../../../../src/interfaces/cli/condition/facts.ts";

const stream = (name: string, config: Readonly<Record<string, unknown>> = {}): StreamFacts => ({
  name,
  config,
  messages: 10,
  bytes: 1_000,
  lost: 0,
  replicas: 1,
});

const logConfig = {
  retention: "limits",
  storage: "file",
  deny_delete: true,
  deny_purge: true,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_bytes: -1,
  max_age: 0,
};

const now = Date.parse("2026-11-30T12:00:00.000Z");

/** An installation in which nothing is wrong. */
export const healthy: Facts = {
  prefix: "cim",
  server: { url: "nats://127.0.0.1:4222", version: "2.15.2", maxPayload: 8 * 1024 * 1024, servers: 1, offset: 3 },
  otherServers: [],
  durability: { always: true, from: "http://127.0.0.1:8222" },
  serverHealth: { ok: true },
  disks: [{ what: "the disk of /data", used: 40e9, total: 100e9 }],
  streams: [
    stream("CIM_EVENTS", logConfig),
    ...["CIM_FEED", "CIM_INBOX", "CIM_TIMERS", "CIM_HEARTBEATS", "KV_cim_leases", "KV_cim_checkpoints"].map((name) =>
      stream(name),
    ),
    stream("OBJ_cim_artifacts"),
  ],
  consumers: [{ stream: "CIM_INBOX", name: "agent-ann", pending: 0, waiting: 1, bound: false, idle: 900_000 }],
  backends: [{ id: "b1", version: "0.1.0" }],
  health: { ready: true, checked: 500, passedOver: 0, problems: [], damaged: [], parked: 0 },
  log: { end: 500 },
  readers: [
    { name: "the views", position: 500, mayLag: 1_000 },
    { name: "the feed", position: 499, mayLag: 1_000 },
    { name: "deliveries", position: 400, mayLag: 10_000 },
  ],
  workHeld: true,
  commitOffset: -4,
  certificates: [{ what: "the certificate of the server", until: "2027-06-01T00:00:00.000Z" }],
  console: { url: "http://127.0.0.1:7422", asked: false, ready: true, problem: "" },
  now,
};

/** The same with a change to one of its streams. */
export const withStream = (name: string, change: Partial<StreamFacts>): Facts => ({
  ...healthy,
  streams: healthy.streams.map((one) => (one.name === name ? { ...one, ...change } : one)),
});

export { logConfig };
