import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startReferenceAgents } from "../../src/agents/reference.ts";
import { SimulatedHosts } from "../../src/infrastructure/simulated/mod.ts";
import type { BackendProcess } from "../support/backend-process.ts";
import { type Installation, installation } from "../support/installation.ts";
import { expectNothingTwice } from "../support/nothing-twice.ts";

/** Two backends on one store. The agents run here, so that killing a backend kills no agent. */
let leaf: Installation;
let first: BackendProcess;
let second: BackendProcess;
let agents: Awaited<ReturnType<typeof startReferenceAgents>>;
const up = () => leaf.up("--no-agents", "--no-console");

beforeAll(async () => {
  leaf = await installation();
  first = await up();
  second = await up();
  const { url: servers, prefix } = leaf.nats;
  const simulated = await SimulatedHosts.open(leaf.client.nats, prefix);
  agents = await startReferenceAgents({ servers, prefix, operators: { simulated } });
  await leaf.grant(["ada"], "voter");
});

afterAll(async () => {
  await agents?.stop();
  await leaf?.dispose();
});

/** Waits until the log shows a process manager at work after a backend has ended. */
const workGoesOn = async (proposal: string, end: () => Promise<void>): Promise<void> => {
  const opened = leaf.seen("voting-opened");
  await end();
  // Its voting opens by a timer that a process manager sets, when the discussion is over.
  await leaf.client.command("proposal", proposal, "submit", {
    kind: "test",
    title: "Does it go on?",
    subject: {},
    electorate: ["ada"],
    discussionSeconds: 0.5,
  });
  await opened;
};

test("each process manager acts once", async () => {
  await leaf.deploy("d1");
  expect((await leaf.ended("d1")).status).toBe("succeeded");
  expectNothingTwice(await leaf.log(), "d1");
});

test("when the active backend is killed, the other one goes on", () => workGoesOn("killed", () => first.kill()));

test("a backend that is stopped in order hands over", async () => {
  await up();
  await workGoesOn("stopped", async () => {
    expect(await second.stop()).toBe(0);
  });
});
