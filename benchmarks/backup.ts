import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Context, Effect, Exit, Layer, Scope } from "effect";
import { sealOf } from "../src/application/new-commit.ts";
import { verify } from "../src/application/operations/verify/mod.ts";
import type { NewCommit } from "../src/application/ports/mod.ts";
import { atOnce, defined } from "../src/domain/kernel/mod.ts";
import { digests, digestsLayer } from "../src/infrastructure/digests.ts";
import { backUp } from "../src/infrastructure/nats/backup/backup.ts";
import type { LogEnd, RawMessage } from "../src/infrastructure/nats/backup/line.ts";
import { files, readManifest } from "../src/infrastructure/nats/backup/manifest.ts";
import { checkLogOf, importLog, readBack } from "../src/infrastructure/nats/backup/restore.ts";
import { beginLog, finishLog, writeLog } from "../src/infrastructure/nats/backup/write-log.ts";
import { NatsConnection } from "../src/infrastructure/nats/connection.ts";
import { embeddedServer } from "../src/infrastructure/nats/embedded-server/mod.ts";
import { milliseconds, report } from "./support/measurement.ts";

/**
 * How long a backup and its restore take: a log of tasks that are submitted and cancelled, on disk, with
 * `sync_interval: always`. The number of events is the argument; 100,000 by default.
 */
const wanted = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 100_000);
const events = Math.ceil(wanted / 2) * 2;

const sealed = (id: string, command: string, type: string, data: object, before?: NewCommit): NewCommit => {
  const sequence = before === undefined ? 1 : 2;
  const previous = before?.events[0].cid ?? null;
  const event = { type, schemaVersion: 1, data: JSON.parse(JSON.stringify(data)) };
  const commit: NewCommit = {
    aggregate: "task",
    id,
    command,
    commandId: `${id}-${command}`,
    time: "2026-11-30T09:00:00.000Z",
    firstVersion: sequence,
    actor: "bench",
    correlationId: id,
    ...defined({ previousCid: previous ?? undefined }),
    events: [{ ...event, cid: atOnce(digests.cid({ content: event, previous, sequence })) }],
  };
  return { ...commit, seal: sealOf(commit, digests.sha256) };
};

/** Commits of one event each. */
async function* generated(): AsyncGenerator<RawMessage> {
  for (let index = 0; index < events / 2; index += 1) {
    const id = `task-${index}`;
    const submitted = sealed(id, "submit", "task-submitted", {
      type: "render",
      requiredCapabilities: ["nobody-has-this"],
      preferredCapabilities: [],
      priority: "normal",
      payload: { graph: "web-shop", note: "x".repeat(200) },
    });
    const cancelled = sealed(id, "cancel", "task-cancelled", { reason: "no longer needed" }, submitted);
    const position = index * 2 + 1;
    yield { position, subject: `task.${id}`, data: Buffer.from(JSON.stringify(submitted)) };
    yield { position: position + 1, subject: `task.${id}`, data: Buffer.from(JSON.stringify(cancelled)) };
  }
}

const folder = await mkdtemp(join(tmpdir(), "cim-bench-"));
const scope = Scope.makeUnsafe();
const serverOn = async (name: string): Promise<NatsConnection["Service"]> => {
  const program = Effect.gen(function* () {
    const { url } = yield* embeddedServer({ store: join(folder, name) });
    return Context.get(yield* Layer.build(NatsConnection.layer({ servers: url, prefix: "cim" })), NatsConnection);
  });
  return Effect.runPromise(Effect.provideService(program, Scope.Scope, scope));
};
let largest = 0;
const memory = () => `at most ${Math.round(largest / 1e6)} MB of memory`;
setInterval(() => {
  largest = Math.max(largest, process.memoryUsage.rss());
}, 200).unref();
const following = { onPosition: () => {}, signal: new AbortController().signal };

interface Timed {
  readonly took: number;
  readonly used: number;
}

/** Seconds that some work takes, and those that this process uses of a processor for it. */
const timed = async (work: () => Promise<unknown>): Promise<Timed> => {
  const before = process.cpuUsage();
  const took = await milliseconds(work);
  const { user, system } = process.cpuUsage(before);
  return { took: took / 1000, used: (user + system) / 1e6 };
};
const told = (name: string, { took, used }: Timed, ...notes: ReadonlyArray<string>) =>
  report({ name, unit: "s", value: took, note: [`${used.toFixed(1)} s of processor time`, ...notes].join(", ") });

try {
  const source = await serverOn("source");
  await beginLog(source, "cim audit import");
  told("generate", await timed(() => writeLog(source, generated(), () => {})));
  await finishLog(source);
  const copy = join(folder, "backup");
  const backup = await timed(() => backUp(source, copy, "0", following));
  const { size } = await stat(join(copy, files.log));
  told("backup", backup, `${events} events`, `${Math.round(size / 1e6)} MB`, memory());
  const manifest = await readManifest(copy);
  let end: LogEnd | undefined;
  const check = await timed(async () => {
    end = await checkLogOf(copy, manifest, following);
  });
  told("restore-check", check);
  if (end === undefined) throw new Error("the backup has no end");
  const whole = end;
  const target = await serverOn("target");
  await beginLog(target, "cim restore");
  const write = await timed(() => importLog(target, join(copy, files.log), whole, following));
  told("restore-write", write);
  const verified = await timed(async () => {
    const { ok } = await Effect.runPromise(
      verify(readBack(target, whole, following), { seen: [] }).pipe(Effect.provide(digestsLayer)),
    );
    if (!ok) throw new Error("the restored log does not verify");
  });
  told("restore-verify", verified, memory());
  told("restore", { took: check.took + write.took + verified.took, used: check.used + write.used + verified.used });
} finally {
  await Effect.runPromise(Scope.close(scope, Exit.void));
  await rm(folder, { recursive: true, force: true });
}
