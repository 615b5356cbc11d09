import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Logger } from "effect";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { findServerBinary } from "../../../../../src/infrastructure/nats/embedded-server/binary.ts";
import { embeddedServer, startServer } from "../../../../../src/infrastructure/nats/embedded-server/mod.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-embedded-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const freshStore = () => join(folder, crypto.randomUUID());

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.provide(effect, Logger.layer([])));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = (condition: () => boolean) =>
  Effect.gen(function* () {
    while (!condition()) yield* Effect.sleep("10 millis");
  });

const jetStreamAnswers = (url: string) =>
  Effect.gen(function* () {
    const { jsm } = yield* NatsConnection;
    return yield* Effect.promise(() => jsm.getAccountInfo());
  }).pipe(Effect.provide(NatsConnection.layer({ servers: url })));

/** A program in place of nats-server. */
const impostor = async (script: string) => {
  const path = join(folder, crypto.randomUUID());
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
};

describe("the embedded server", () => {
  test("lives as long as its scope", () =>
    run(
      Effect.gen(function* () {
        const pid = yield* Effect.scoped(
          Effect.gen(function* () {
            const server = yield* embeddedServer({ store: freshStore() });
            yield* jetStreamAnswers(server.url);
            return server.pid();
          }),
        );
        expect(alive(pid)).toBe(false);
      }),
    ));

  test("syncs what it acknowledges", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { store } = yield* embeddedServer({ store: freshStore() });
          const configuration = yield* Effect.promise(() =>
            readFile(join(store, "server", "nats-server.conf"), "utf8"),
          );
          expect(configuration).toContain("sync_interval: always");
        }),
      ),
    ));

  test("is started again on its port when it dies", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const server = yield* embeddedServer({ store: freshStore() });
          const first = server.pid();
          process.kill(first, "SIGKILL");
          yield* until(() => server.pid() !== first);
          yield* jetStreamAnswers(server.url);
        }),
      ),
    ));

  test("has its data when it is started again", () =>
    run(
      Effect.gen(function* () {
        const store = freshStore();
        const withServer = <A>(body: (jsm: NatsConnection["Service"]["jsm"]) => Promise<A>) =>
          Effect.scoped(
            Effect.flatMap(embeddedServer({ store }), ({ url }) =>
              Effect.provide(
                Effect.flatMap(NatsConnection, ({ jsm }) => Effect.promise(() => body(jsm))),
                NatsConnection.layer({ servers: url }),
              ),
            ),
          );
        yield* withServer((jsm) => jsm.streams.add({ name: "KEPT", subjects: ["kept"] }));
        const info = yield* withServer((jsm) => jsm.streams.info("KEPT"));
        expect(info.config.subjects).toEqual(["kept"]);
      }),
    ));

  test("ends when our process is killed", async () => {
    const module = pathToFileURL(join(process.cwd(), "src/infrastructure/nats/embedded-server/mod.ts")).href;
    const program = `
      import { Effect } from "effect";
      import { embeddedServer } from ${JSON.stringify(module)};
      await Effect.runPromise(Effect.scoped(Effect.flatMap(embeddedServer({ store: ${JSON.stringify(freshStore())} }), (server) =>
        Effect.andThen(Effect.sync(() => console.log(server.pid())), Effect.never))));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => child.stdout.once("data", (line) => resolve(Number(line))));
    expect(alive(pid)).toBe(true);
    child.kill("SIGKILL");
    await run(until(() => !alive(pid)));
  });
});

describe("a store", () => {
  test("is refused while another live server has it", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { store, url } = yield* embeddedServer({ store: freshStore() });
          const error = yield* Effect.flip(embeddedServer({ store }));
          expect(error).toMatchObject({ _tag: "StoreInUse", store });
          expect(error.message).toMatch(/in use by another nats-server \(process \d+\)/);
          yield* jetStreamAnswers(url);
        }),
      ),
    ));

  test("is waited for while its server is going away", () =>
    run(
      Effect.gen(function* () {
        const binary = yield* findServerBinary(process.env);
        const options = { binary, store: freshStore(), port: -1, name: "test" };
        const first = yield* startServer(options);
        yield* Effect.forkChild(Effect.delay(first.stop, "300 millis"));
        const second = yield* startServer(options);
        expect(alive(first.pid)).toBe(false);
        yield* second.stop;
      }),
    ));

  test("is taken over from a server and guardian that were killed", () =>
    run(
      Effect.gen(function* () {
        const binary = yield* findServerBinary(process.env);
        const options = { binary, store: freshStore(), port: -1, name: "test" };
        const first = yield* startServer(options);
        const guardian = Number(yield* Effect.promise(() => readFile(join(first.store, "server", "lock"), "utf8")));
        process.kill(guardian, "SIGKILL");
        process.kill(first.pid, "SIGKILL");
        yield* until(() => !alive(first.pid));
        const second = yield* startServer(options);
        yield* jetStreamAnswers(second.url);
        yield* second.stop;
      }),
    ));

  test("goes to exactly one of several that start at once", () =>
    run(
      Effect.gen(function* () {
        const binary = yield* findServerBinary(process.env);
        const options = { binary, store: freshStore(), port: -1, name: "test" };
        const starts = yield* Effect.forEach([1, 2, 3], () => Effect.option(startServer(options)), { concurrency: 3 });
        const started = starts.flatMap((start) => (start._tag === "Some" ? [start.value] : []));
        expect(started).toHaveLength(1);
        yield* Effect.forEach(started, (server) => server.stop);
      }),
    ));

  test("that cannot be written is refused", () =>
    run(
      Effect.gen(function* () {
        const file = join(folder, "file");
        yield* Effect.promise(() => writeFile(file, ""));
        for (const store of [join(file, "store"), "/sys/store"]) {
          const error = yield* Effect.flip(Effect.scoped(embeddedServer({ store })));
          expect(error).toMatchObject({ _tag: "StoreNotWritable", store });
          expect(error.message).toContain("--store");
        }
      }),
    ));
});

describe("a server that does not start", () => {
  const starting = (script: string, port = -1) =>
    Effect.gen(function* () {
      const binary = yield* Effect.promise(() => impostor(script));
      return yield* Effect.flip(startServer({ binary, store: freshStore(), port, name: "test" }));
    });

  test("for its port says which", () =>
    run(
      Effect.gen(function* () {
        const listener = createServer().listen(0, "127.0.0.1");
        yield* Effect.promise(() => new Promise((resolve) => listener.once("listening", resolve)));
        const address = listener.address();
        const port = typeof address === "object" && address !== null ? address.port : 0;
        const error = yield* Effect.flip(Effect.scoped(embeddedServer({ store: freshStore(), port })));
        listener.close();
        expect(error).toMatchObject({ _tag: "PortInUse", port });
        expect(error.message).toBe(
          `port ${port} is already in use: choose another with --port, or stop what listens there`,
        );
      }),
    ));

  test("says its last words", () =>
    run(
      Effect.gen(function* () {
        const error = yield* starting('echo "nats-server: unknown field \\"x\\"" >&2; exit 1');
        expect(error).toMatchObject({
          _tag: "ServerFailed",
          message: 'nats-server ended before it was ready: nats-server: unknown field "x"',
        });
      }),
    ));

  test("for a full disk says so", () =>
    run(
      Effect.gen(function* () {
        const line = "[1] 2026/01/01 00:00:00.000000 [FTL] Can't start JetStream: write x: no space left on device";
        expect(yield* starting(`echo "${line}"; exit 1`)).toMatchObject({ _tag: "StoreFull" });
      }),
    ));
});

describe("which nats-server", () => {
  test("is what NATS_SERVER names", () =>
    run(
      Effect.gen(function* () {
        const chosen = yield* Effect.promise(() => impostor("exit"));
        expect(yield* findServerBinary({ NATS_SERVER: chosen, PATH: "" })).toBe(chosen);
      }),
    ));

  test("a wrong NATS_SERVER is an error, not passed over", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(findServerBinary({ NATS_SERVER: "/nowhere/nats-server" }));
        expect(error).toMatchObject({
          _tag: "ServerBinaryMissing",
          message: "NATS_SERVER is /nowhere/nats-server, which cannot be run: correct or unset it",
        });
      }),
    ));
});
