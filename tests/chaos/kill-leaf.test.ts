import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";
import { observe, type Seen } from "../support/installation.ts";
import { expectNothingTwice } from "../support/nothing-twice.ts";

/** A leaf as `cim up` starts it: backend, agents and an embedded nats-server, which all die at once. */
let store = "";
let leaf: BackendProcess;
let seen: Seen;

beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), "cim-leaf-"));
  leaf = await startBackend("--store", store, "--port", "0");
  seen = await observe(leaf.url, "cim");
});

afterEach(async () => {
  await seen.client.close();
  await leaf.kill();
  await rm(store, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
});

/** Starts the leaf again where it was. */
const again = () => startBackend("--store", store, "--port", new URL(leaf.url).port);

test("a leaf that is killed with its nats-server goes on when it is started again", async () => {
  const deploying = seen.seen("host-step-recorded");
  await seen.deploy("d1");
  await deploying;
  await leaf.kill();
  leaf = await again();
  expect((await seen.ended("d1")).status).toBe("succeeded");
  expectNothingTwice(await seen.log(), "d1");
});

test("a leaf that is told to stop leaves no process behind, and nothing is lost", async () => {
  const { position } = await seen.client.command("graph", "g", "import", { id: "g", nodes: [], edges: [] });
  expect(await leaf.stop()).toBe(0);
  leaf = await again();
  expect(await seen.client.query("graphs", "get", { id: "g" }, { minPosition: position })).toMatchObject({
    data: { id: "g" },
  });
});
