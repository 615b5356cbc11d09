import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startReferenceAgents } from "../../src/agents/reference.ts";
import { SimulatedHosts } from "../../src/infrastructure/simulated/mod.ts";
import { type Installation, installation } from "../support/installation.ts";
import { expectNothingTwice } from "../support/nothing-twice.ts";

/** Two backends on one store. The agents run here, so that killing a backend kills no agent. */
let leaf: Installation;
let agents: Awaited<ReturnType<typeof startReferenceAgents>>;

beforeEach(async () => {
  leaf = await installation();
  await Promise.all([leaf.up("--no-agents"), leaf.up("--no-agents")]);
  const { url: servers, prefix } = leaf.nats;
  const simulated = await SimulatedHosts.open(leaf.client.nats, prefix);
  agents = await startReferenceAgents({ servers, prefix, operators: { simulated } });
});

afterEach(async () => {
  await agents.stop();
  await leaf.dispose();
});

test("each process manager acts once", async () => {
  await leaf.deploy("d1");
  expect((await leaf.ended("d1")).status).toBe("succeeded");
  expectNothingTwice(await leaf.log(), "d1");
});
