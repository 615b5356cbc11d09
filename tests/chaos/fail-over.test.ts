import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});

afterEach(() => leaf.dispose());

/** How long after the kill the log shows a process manager at work again, in milliseconds. */
const workGoesOn = async (kill: () => Promise<void>): Promise<number> => {
  const opened = leaf.seen("voting-opened");
  await kill();
  const killed = Date.now();
  // Its voting opens by a timer that a process manager sets, when the discussion is over.
  await leaf.client.command("proposal", "p1", "submit", {
    kind: "test",
    title: "Does it go on?",
    subject: {},
    electorate: ["ada"],
    discussionSeconds: 0.5,
  });
  await opened;
  return Date.now() - killed;
};

test("when the active backend is killed the other goes on within ten seconds", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.up("--no-agents");
  expect(await workGoesOn(first.kill)).toBeLessThan(10_000);
}, 60_000);

test("a backend that is stopped in order hands over at once", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.up("--no-agents");
  expect(
    await workGoesOn(async () => {
      expect(await first.stop()).toBe(0);
    }),
  ).toBeLessThan(5_000);
}, 60_000);
