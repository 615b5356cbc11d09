import { setTimeout as sleep } from "node:timers/promises";
import { startBackend } from "./support/backend-process.ts";
import type { Told } from "./support/checked-history.ts";
import { startCluster } from "./support/cluster.ts";
import { faultsUnderLoad } from "./support/faults-under-load.ts";
import { report } from "./support/measurement.ts";

/**
 * In how many seconds of some minutes commands succeed on three servers, while the log's leader is killed or frozen again
 * and again. The minutes are the argument of this file. It ends with 1 if a command was lost or doubled.
 */
const minutes = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 2);
/** Milliseconds from one fault to the next, of which an election takes about five seconds. */
const calm = 20_000;

/** Counts the whole seconds from the first question to the last. */
const secondsOf = (told: ReadonlyArray<Told>) => {
  const begin = Math.min(...told.map(({ askedAt }) => askedAt));
  const end = Math.max(...told.map(({ answeredAt }) => answeredAt));
  const total = Math.floor((end - begin) / 1_000);
  const secondOf = (at: number) => Math.floor((at - begin) / 1_000);
  const answered = new Set(told.map(({ answeredAt }) => secondOf(answeredAt)));
  const failed = new Set(told.flatMap(({ outcome, askedAt }) => (outcome === "unknown" ? [secondOf(askedAt)] : [])));
  const inside = (seconds: ReadonlySet<number>) => [...seconds].filter((second) => second < total).length;
  return { total, succeeded: total - inside(failed), answered: inside(answered) };
};

// What is told to end removes its folder on the way out.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const cluster = await startCluster();
const options = { store: "", port: -1, prefix: "cim", agents: false, rate: 0, replicas: 3 };
const servers = cluster.servers.map(({ url }) => url);
const nats = { servers };
const backends = [await startBackend({ ...options, nats }), await startBackend({ ...options, nats })];
let isWell = false;
try {
  const { seed, told, findings } = await faultsUnderLoad(
    cluster,
    "cim",
    {
      "the log's leader is killed": async () => {
        const leader = await cluster.leaderOf("CIM_EVENTS");
        await leader.kill();
        await sleep(1_000);
        await leader.start();
        await sleep(calm);
      },
      "the log's leader freezes": async () => {
        const leader = await cluster.leaderOf("CIM_EVENTS");
        await leader.freeze();
        await sleep(6_000);
        await leader.thaw();
        await sleep(calm);
      },
    },
    minutes * 60,
  );
  const { total, succeeded, answered } = secondsOf(told);
  const longest = Math.max(...told.map(({ askedAt, answeredAt }) => answeredAt - askedAt));
  const percent = (part: number) => (100 * part) / total;
  report({
    name: "succeeded",
    unit: "%",
    value: percent(succeeded),
    aim: 99.9,
    note: `of ${total} seconds, those in which every command that was given succeeded; ${told.length} commands, seed ${seed}`,
  });
  report({
    name: "answered",
    unit: "%",
    value: percent(answered),
    note: "those in which a command was answered: elections take the others",
  });
  report({ name: "longest", unit: "ms", value: longest, note: "the longest that a command took" });
  report({ name: "lost-or-doubled", unit: "findings", value: findings.length });
  for (const finding of findings) console.error(finding);
  isWell = findings.length === 0;
} finally {
  for (const backend of backends) await backend.stop();
  await cluster.dispose();
}
process.exit(isWell ? 0 : 1);
