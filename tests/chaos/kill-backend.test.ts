import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
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
} as const;

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});

afterEach(() => leaf.dispose());

/** Kills the backend when a phase begins, starts it again, and waits for the deployment's end. */
const killedAt = async (beginning: string, before: ReadonlyArray<string>, after = before) => {
  const backend = await leaf.up(...before);
  const begun = leaf.seen(beginning);
  await leaf.deploy("d1");
  await begun;
  await backend.kill();
  await leaf.up(...after);
  const deployment = await leaf.ended("d1");
  expectNothingTwice(await leaf.log(), "d1");
  return deployment;
};

describe("a backend that is killed in a phase and started again goes on where it was", () => {
  test.each(Object.entries(beginnings))("%s: the deployment succeeds", async (_phase, beginning) => {
    const deployment = await killedAt(beginning, []);
    expect(deployment.status).toBe("succeeded");
    for (const host of deployment.hosts) expect(host.status).toBe("confirmed");
  });

  const failing = ["--fail", "gateway@leaf-1"];
  test.each([...Object.entries(beginnings), ["rolling-back", "rollback-started"] as const])(
    "%s: a deployment that fails is rolled back",
    async (phase, beginning) => {
      // What fails in monitoring was healthy when it was deployed.
      const deployment = await killedAt(beginning, phase === "monitoring" ? [] : failing, failing);
      expect(deployment.status).toBe("rolled-back");
      const touched = deployment.hosts.filter(({ previous }) => previous !== undefined);
      expect(touched.length).toBeGreaterThan(0);
      for (const host of touched) expect(host.status).toBe("reverted");
    },
  );
});
