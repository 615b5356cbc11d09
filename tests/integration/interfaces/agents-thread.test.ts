import { afterAll, beforeAll, test } from "@jest/globals";
import { Effect, Exit, Scope } from "effect";
import { loadAgents, startAgents } from "../../../src/interfaces/agents.ts";
import { type TestNats, testNats } from "../../support/nats.ts";
import { eventually, type ScriptedBackend, scriptedBackend } from "../agents/scripted-backend.ts";

let nats: TestNats;
let backend: ScriptedBackend;

beforeAll(async () => {
  nats = await testNats();
  backend = await scriptedBackend(nats.url, nats.prefix);
  backend.answers.set("tasks.get", ({ id }) => ({ id }));
});
afterAll(async () => {
  await backend.close();
  await nats.dispose();
});

const registrations = (): number =>
  backend.applied.filter(({ command, id }) => command === "register" && id === "security").length;

/** Opens a vote on something that the reviewer has no rule for, on which it abstains. */
const openVote = (id: string) =>
  backend.deliver("security", "proposal", {
    deliveryId: id,
    kind: "voting-opened",
    proposal: {
      id,
      kind: "lunch",
      title: "t",
      subject: {},
      protocol: "simple-majority",
      quorum: "1/2",
      deadline: "2026-01-01T00:00:00.000Z",
      weight: 1,
    },
  });
const hasVoted = (id: string): boolean =>
  backend.applied.some((applied) => applied.command === "vote" && applied.id === id);

test("if the thread of the reference agents ends, they are back, and vote", async () => {
  const scope = Scope.makeUnsafe();
  const connection = { servers: nats.url, prefix: nats.prefix };
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Scope.provide(effect, scope));
  try {
    const thread = await run(loadAgents);
    await run(startAgents(thread, { connection, agents: {}, stepMilliseconds: 1 }));
    await openVote("p-1");
    await eventually("the vote before", () => hasVoted("p-1"));
    const before = registrations();
    await thread.end();
    await eventually("the registration of the new thread's agents", () => registrations() > before);
    await openVote("p-2");
    await eventually("the vote after", () => hasVoted("p-2"));
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void));
  }
});
