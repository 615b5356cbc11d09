import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});

afterEach(() => leaf.dispose());

/** Waits until the log shows a process manager at work after the kill. */
const workGoesOn = async (kill: () => Promise<void>): Promise<void> => {
  const opened = leaf.seen("voting-opened");
  await kill();
  // Its voting opens by a timer that a process manager sets, when the discussion is over.
  await leaf.client.command("proposal", "p1", "submit", {
    kind: "test",
    title: "Does it go on?",
    subject: {},
    electorate: ["ada"],
    discussionSeconds: 0.5,
  });
  await opened;
};

test("when the active backend is killed, the other one goes on", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.up("--no-agents");
  await leaf.grant(["ada"], "voter");
  await workGoesOn(first.kill);
});

test("a backend that is stopped in order hands over", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.up("--no-agents");
  await leaf.grant(["ada"], "voter");
  await workGoesOn(async () => {
    expect(await first.stop()).toBe(0);
  });
});
