import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { findServerBinary } from "../../../../src/infrastructure/nats/embedded-server/binary.ts";
import { freePort } from "../../../support/nats.ts";

let folder: string;
const servers: Array<ChildProcess> = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-topology-"));
});
afterAll(async () => {
  for (const server of servers) server.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const start = async (name: string, jetstream: string, more = ""): Promise<string> => {
  const port = await freePort();
  const configuration = join(folder, `${name}.conf`);
  const store = `store_dir: "${join(folder, name)}"`;
  await writeFile(
    configuration,
    `server_name: ${name}\nlisten: "127.0.0.1:${port}"\njetstream { ${store} ${jetstream} }\n${more}\n`,
  );
  const binary = await Effect.runPromise(findServerBinary(process.env));
  servers.push(spawn(binary, ["-c", configuration], { stdio: "ignore" }));
  return `nats://127.0.0.1:${port}`;
};

/** Connects as a backend does, as soon as the server is there. Returns its error, or nothing. */
const refusal = async (url: string, replicas?: number): Promise<string | undefined> => {
  for (;;) {
    const layer = NatsConnection.layer({ servers: url, ...defined({ replicas }) });
    const outcome = await Effect.runPromise(Effect.result(Effect.provide(NatsConnection, layer)));
    const message = outcome._tag === "Failure" ? outcome.failure.message : undefined;
    if (message?.startsWith("no nats-server answers") !== true) return message;
    await sleep(50);
  }
};

test("a single server has one replica of everything", async () => {
  const url = await start("single", "");
  expect(await refusal(url)).toBeUndefined();
  expect(await refusal(url, 1)).toBeUndefined();
  expect(await refusal(url, 3)).toMatch(/^--replicas 3 needs a cluster of at least 3 nats-servers/);
});

test("a server with a JetStream domain is refused", async () => {
  const url = await start("hub", ", domain: hub");
  expect(await refusal(url)).toMatch(/^the nats-server has the JetStream domain `hub`/);
});

test("an account with a leaf link is refused at both ends", async () => {
  const port = await freePort();
  const hub = await start("near", "", `leafnodes { listen: "127.0.0.1:${port}" }`);
  const leaf = await start("far", "", `leafnodes { remotes: [{ url: "nats://127.0.0.1:${port}" }] }`);
  for (const url of [leaf, hub]) {
    // The link takes a moment.
    let message = await refusal(url);
    while (message === undefined) message = await refusal(url);
    expect(message).toMatch(/^the account of this connection has 1 leaf link, .* without leaf links$/);
  }
});
