import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Installation, installation } from "../support/installation.ts";
import { expectNothingTwice } from "../support/nothing-twice.ts";

/** The event that begins each phase of a deployment. */
const beginnings = {
  requested: "deployment-requested",
  discussing: "discussion-started",
  voting: "voting-started",
  generating: "deployment-approved",
  deploying: "deploying-started",
  monitoring: "monitoring-started",
  "rolling back": "rollback-started",
} as const;

type Phase = keyof typeof beginnings;

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});

afterEach(() => leaf.dispose());

/** Deploys, kills the backend whenever one of the phases begins, starts it again, and waits for the deployment's end. */
const killedIn = async (phases: ReadonlyArray<Phase>, before: ReadonlyArray<string>, after = before) => {
  let backend = await leaf.up(...before);
  const begun = phases.map((phase) => leaf.seen(beginnings[phase]));
  await leaf.deploy("d1");
  for (const beginning of begun) {
    await beginning;
    await backend.kill();
    backend = await leaf.up(...after);
  }
  const deployment = await leaf.ended("d1");
  expectNothingTwice(await leaf.log(), "d1");
  return deployment;
};

const expectRolledBack = ({ status, hosts }: Awaited<ReturnType<typeof killedIn>>) => {
  expect(status).toBe("rolled-back");
  const touched = hosts.filter(({ previous }) => previous !== undefined);
  expect(touched.length).toBeGreaterThan(0);
  for (const host of touched) expect(host.status).toBe("reverted");
};

const failing = ["--no-console", "--fail", "gateway@leaf-1"];

test("a backend that is killed in every phase of a deployment goes on where it was, and the deployment succeeds", async () => {
  const phases = ["requested", "discussing", "voting", "generating", "deploying", "monitoring"] as const;
  const { status, hosts } = await killedIn(phases, ["--no-console"]);
  expect(status).toBe("succeeded");
  for (const host of hosts) expect(host.status).toBe("confirmed");
});

test("one that is killed while a deployment fails, and while it goes back, rolls it back", async () => {
  expectRolledBack(await killedIn(["deploying", "rolling back"], failing));
});

test("one that is killed while what was deployed begins to fail rolls it back", async () => {
  // What fails in monitoring was healthy when it was deployed.
  expectRolledBack(await killedIn(["monitoring"], ["--no-console"], failing));
});
