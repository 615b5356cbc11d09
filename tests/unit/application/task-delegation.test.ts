import { describe, expect, test } from "@jest/globals";
import { Effect, Schema } from "effect";
import type { Behaviour, Leaf, Payload } from "./leaf.ts";
import { inLeaf } from "./leaf.ts";

const Assigned = Schema.Struct({
  kind: Schema.Literal("assigned"),
  task: Schema.Struct({ id: Schema.String, type: Schema.String }),
});
const isAssigned = Schema.is(Assigned);

const asked = (type: string, fields: Payload = {}): Payload => ({ type, requiredCapabilities: [type], ...fields });

/** Takes every task and goes on as the test says. */
const worker =
  (work: (leaf: Leaf, self: string, id: string) => Effect.Effect<unknown>, heard: Array<unknown> = []): Behaviour =>
  (leaf, self, { message }) =>
    Effect.gen(function* () {
      if (!isAssigned(message)) {
        heard.push(message);
        return;
      }
      const { id } = message.task;
      yield* leaf.give(self, "task", id, "acknowledge");
      yield* leaf.give(self, "task", id, "start");
      yield* work(leaf, self, id);
    });

const nothing = () => Effect.void;
const delegates =
  (...tasks: ReadonlyArray<Payload>) =>
  (leaf: Leaf, self: string, id: string) =>
    leaf.give(self, "task", id, "delegate", { tasks: [...tasks] });
const completes = (leaf: Leaf, self: string, id: string) =>
  leaf.give(self, "task", id, "complete", { result: { by: self } });

const typesOf = (leaf: Leaf, id: string) =>
  Effect.map(leaf.events("task", id), (events) => events.map(({ type }) => type));
const statusOf = (leaf: Leaf, id: string) => Effect.map(leaf.document("tasks", id), ({ status }) => status);

describe("a task that is delegated", () => {
  test("is done by others; its agent hears of the results, and completes it after them", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const heard: Array<unknown> = [];
        yield* leaf.join("ann", { capabilities: ["house"] }, worker(delegates(asked("roof"), asked("wall")), heard));
        yield* leaf.join("bob", { capabilities: ["roof", "wall"], maxConcurrentTasks: 2 }, worker(completes));
        yield* leaf.give("ada", "task", "t", "submit", asked("house"));
        yield* leaf.settle;
        expect(heard).toMatchObject([
          {
            kind: "child-ended",
            task: { id: "t", attempt: 1 },
            child: "t=1",
            status: "completed",
            result: { by: "bob" },
          },
          {
            kind: "child-ended",
            task: { id: "t", attempt: 1 },
            child: "t=2",
            status: "completed",
            result: { by: "bob" },
          },
        ]);
        yield* leaf.give("ann", "task", "t", "complete");
        expect(yield* leaf.document("tasks", "t")).toMatchObject({
          status: "completed",
          children: [
            { id: "t=1", type: "roof", status: "completed" },
            { id: "t=2", type: "wall", status: "completed" },
          ],
        });
      }),
    ));

  test("hears of a child that fails or is cancelled, and goes on", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const heard: Array<unknown> = [];
        yield* leaf.join("ann", { capabilities: ["house"] }, worker(delegates(asked("roof"), asked("wall")), heard));
        const fails = (one: Leaf, self: string, id: string) => one.give(self, "task", id, "fail", { reason: "rain" });
        yield* leaf.join("bob", { capabilities: ["roof"] }, worker(fails));
        yield* leaf.give("ada", "task", "t", "submit", asked("house"));
        yield* leaf.settle;
        yield* leaf.give("ann", "task", "t=2", "cancel", { reason: "no wall" });
        yield* leaf.settle;
        expect(heard).toMatchObject([
          { child: "t=1", status: "failed", failure: { reason: "rain" } },
          { child: "t=2", status: "cancelled", failure: { reason: "no wall" } },
        ]);
        expect(yield* statusOf(leaf, "t")).toBe("in-progress");
      }),
    ));

  test("takes its children, and theirs, with it when it is cancelled; their agents hear of it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const heard: Array<unknown> = [];
        yield* leaf.join("ann", { capabilities: ["house"] }, worker(delegates(asked("roof"))));
        yield* leaf.join("bob", { capabilities: ["roof"] }, worker(delegates(asked("tile"))));
        yield* leaf.join("cyd", { capabilities: ["tile"] }, worker(nothing, heard));
        yield* leaf.give("ada", "task", "t", "submit", asked("house"));
        yield* leaf.settle;
        expect(yield* statusOf(leaf, "t=1=1")).toBe("in-progress");
        yield* leaf.give("ada", "task", "t", "cancel");
        yield* leaf.settle;
        for (const id of ["t", "t=1", "t=1=1"]) expect(yield* statusOf(leaf, id)).toBe("cancelled");
        expect(heard).toMatchObject([
          { kind: "withdrawn", task: { id: "t=1=1", attempt: 1 }, reason: "parent-cancelled" },
        ]);
      }),
    ));

  test("begins anew with another agent when its own is gone, and the children of the first are cancelled", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const part = delegates(asked("roof", { maxAttempts: 1 }));
        yield* leaf.join("ann", { capabilities: ["house"] }, worker(part));
        yield* leaf.join("bob", { capabilities: ["roof"] }, worker(nothing));
        yield* leaf.give("ada", "task", "t", "submit", asked("house"));
        yield* leaf.settle;
        yield* leaf.join("eve", { capabilities: ["house"] }, worker(part));
        yield* leaf.give("presence", "agent", "ann", "record-presence", { status: "offline" });
        yield* leaf.settle;
        expect(yield* leaf.document("tasks", "t")).toMatchObject({ status: "in-progress", agent: "eve", attempt: 2 });
        expect(yield* leaf.document("tasks", "t=1")).toMatchObject({ status: "cancelled" });
        expect(yield* leaf.document("tasks", "t=2")).toMatchObject({ agent: "bob", chain: ["eve"] });
      }),
    ));

  test("fails for the child whose id somebody else has, and leaves the stranger alone", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const heard: Array<unknown> = [];
        yield* leaf.join("ann", { capabilities: ["house"] }, worker(delegates(asked("roof", { id: "t-1" })), heard));
        yield* leaf.give("eve", "task", "t-1", "submit", asked("nothing"));
        yield* leaf.give("ada", "task", "t", "submit", asked("house"));
        yield* leaf.settle;
        expect(heard).toMatchObject([{ child: "t-1", status: "failed", failure: { reason: "already-exists" } }]);
        yield* leaf.give("ada", "task", "t", "cancel");
        yield* leaf.settle;
        expect(yield* typesOf(leaf, "t-1")).toEqual(["task-submitted"]);
      }),
    ));

  test("never comes back to an agent of its chain, though that is the only one: it says what it waits for", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.join(
          "ann",
          { capabilities: ["house", "roof"], maxConcurrentTasks: 5 },
          worker(delegates(asked("roof"))),
        );
        yield* leaf.give("ada", "task", "t", "submit", asked("house"));
        yield* leaf.settle;
        expect(yield* typesOf(leaf, "t=1")).toEqual(["task-submitted"]);
        expect(yield* leaf.ask("tasks", "get", { id: "t=1" })).toMatchObject({
          queue: { place: 1, waitsFor: "it came through: ann" },
        });
      }),
    ));
});

test("a task that is not over at its deadline has failed, and its agent hears of it", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const heard: Array<unknown> = [];
      yield* leaf.join("ann", { capabilities: ["house"] }, worker(nothing, heard));
      yield* leaf.give("ada", "task", "t", "submit", asked("house", { deadlineSeconds: 30 }));
      yield* leaf.settle;
      yield* leaf.pass(29);
      expect(yield* statusOf(leaf, "t")).toBe("in-progress");
      yield* leaf.pass(3);
      expect(yield* leaf.document("tasks", "t")).toMatchObject({
        status: "failed",
        failure: { reason: "deadline-exceeded" },
      });
      expect(heard).toMatchObject([{ kind: "withdrawn", task: { id: "t" }, reason: "deadline-exceeded" }]);
    }),
  ));

test("the queue tells what each task waits for", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* leaf.join("ann", { capabilities: ["house"] }, worker(nothing));
      yield* leaf.join("bob", { capabilities: ["roof"] }, worker(nothing));
      yield* leaf.give("presence", "agent", "bob", "record-presence", { status: "offline" });
      yield* leaf.give("ada", "task", "running", "submit", asked("house"));
      yield* leaf.give("ada", "task", "full", "submit", asked("house"));
      yield* leaf.give("ada", "task", "rare", "submit", asked("tile", { priority: "high" }));
      yield* leaf.give("ada", "task", "both", "submit", { type: "x", requiredCapabilities: ["house", "roof"] });
      yield* leaf.give("ada", "task", "away", "submit", asked("roof"));
      yield* leaf.give("ada", "task", "named", "submit", asked("roof", { to: "eve" }));
      yield* leaf.settle;
      expect(yield* leaf.ask("tasks", "queue", {})).toMatchObject({
        waiting: 5,
        items: [
          { place: 1, id: "rare", waitsFor: "no agent has tile" },
          { place: 2, id: "full", waitsFor: "full: ann (1 of 1)" },
          { place: 3, id: "both", waitsFor: "no agent has all of house, roof" },
          { place: 4, id: "away", waitsFor: "offline: bob" },
          { place: 5, id: "named", waitsFor: "eve is not registered" },
        ],
      });
      expect(yield* leaf.ask("tasks", "get", { id: "both" })).toMatchObject({ queue: { place: 3 } });
      expect(yield* leaf.ask("tasks", "get", { id: "running" })).not.toHaveProperty("queue");
    }),
  ));
