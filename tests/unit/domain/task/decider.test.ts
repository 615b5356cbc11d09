import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import type { EventOf } from "../../../../src/domain/kernel/mod.ts";
import { type KnownToTasks, taskCommands } from "../../../../src/domain/task/contract.ts";
import { task } from "../../../../src/domain/task/decider.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof task.events>;

const nobodyKnown: KnownToTasks = {};
const { given } = specification(task, { principal: "alice", known: nobodyKnown });

const request = Schema.decodeUnknownSync(taskCommands.submit.schema)({
  type: "review",
  requiredCapabilities: ["review"],
  maxAttempts: 2,
});
const submitted: Event = { type: "task-submitted", data: request };
const assignment = { agent: "alice", strategy: "capability-match", reasons: ["has review"] };
const assigned = (attempt = 1): Event => ({
  type: "task-assigned",
  data: { ...assignment, attempt, acknowledgeBy: "2026-01-01T00:00:30.000Z" },
});
const acknowledged: Event = { type: "task-acknowledged", data: { agent: "alice" } };
const started: Event = { type: "task-started", data: { agent: "alice" } };
const completed: Event = { type: "task-completed", data: { agent: "alice" } };
const expired = (attempt = 1): Event => ({
  type: "assignment-expired",
  data: { agent: "alice", attempt, reason: "unacknowledged" },
});
const histories = {
  submitted: [submitted],
  assigned: [submitted, assigned()],
  acknowledged: [submitted, assigned(), acknowledged],
  "in-progress": [submitted, assigned(), acknowledged, started],
  completed: [submitted, assigned(), acknowledged, started, completed],
};
const nothing = Result.succeed([]);

describe("submitting", () => {
  test("makes a task with the defaults of the contract", () => {
    expect(given([]).when({ type: "submit", payload: request })).toEqual(
      Result.succeed([
        { type: "task-submitted", data: { ...request, startWithinSeconds: 600, deadlineSeconds: 86_400 } },
      ]),
    );
    expect(request).toEqual({
      type: "review",
      requiredCapabilities: ["review"],
      preferredCapabilities: [],
      priority: "normal",
      acknowledgeWithinSeconds: 30,
      maxAttempts: 2,
    });
  });
  test("keeps the times that it names, and those of the backend name none of their own accord", () => {
    const named = { ...request, startWithinSeconds: 5, deadlineSeconds: 60 };
    expect(given([]).when({ type: "submit", payload: named })).toEqual(
      Result.succeed([{ type: "task-submitted", data: named }]),
    );
    expect(given([]).when({ type: "submit", payload: request }, { principal: "deployment-workflow" })).toEqual(
      Result.succeed([submitted]),
    );
  });
  test("under an id that is taken is refused", () => {
    expect(given([submitted]).refuses({ type: "submit", payload: request })).toBe("already-exists");
  });
});

describe("assigning", () => {
  test("gives the task to an agent, with a deadline to acknowledge", () => {
    expect(given([submitted]).when({ type: "assign", payload: assignment })).toEqual(Result.succeed([assigned()]));
  });
  test("counts the attempts", () => {
    expect(given([submitted, assigned(), expired()]).when({ type: "assign", payload: assignment })).toEqual(
      Result.succeed([assigned(2)]),
    );
  });
  test("is refused while an agent has the task, and at its end", () => {
    expect(given(histories.assigned).refuses({ type: "assign", payload: assignment })).toBe("wrong-state");
    expect(given(histories.completed).refuses({ type: "assign", payload: assignment })).toBe("wrong-state");
  });
});

describe("a time to start", () => {
  const timed: Event = { type: "task-submitted", data: { ...request, startWithinSeconds: 600 } };
  const startBy = "2026-01-01T00:10:00.000Z";
  const taken: Event = { type: "task-acknowledged", data: { agent: "alice", startBy } };
  const late = {
    type: "expire-assignment",
    payload: { agent: "alice", attempt: 1, reason: "not-started" },
  } as const;
  const lost: Event = { type: "assignment-expired", data: late.payload };

  test("begins with the acknowledgement", () => {
    expect(given([timed, assigned()]).when({ type: "acknowledge", payload: {} })).toEqual(Result.succeed([taken]));
  });
  test("takes the task from an agent that has not started it by then, and from no other", () => {
    expect(given([timed, assigned(), taken]).when(late)).toEqual(Result.succeed([lost]));
    expect(given([timed, assigned()]).when(late)).toEqual(nothing);
    expect(given([timed, assigned(), taken, started]).when(late)).toEqual(nothing);
    expect(given([timed, assigned(), taken, lost, assigned(2)]).when(late)).toEqual(nothing);
  });
});

describe("the assigned agent", () => {
  const commands = {
    acknowledge: { type: "acknowledge", payload: {} },
    start: { type: "start", payload: {} },
    "report-progress": { type: "report-progress", payload: { percent: 50 } },
    complete: { type: "complete", payload: { result: { ok: true } } },
    fail: { type: "fail", payload: { reason: "broken" } },
  } as const;

  test.each([
    ["acknowledge", ["assigned"], { type: "task-acknowledged", data: { agent: "alice" } }],
    ["start", ["acknowledged"], { type: "task-started", data: { agent: "alice" } }],
    ["report-progress", ["in-progress"], { type: "progress-reported", data: { agent: "alice", percent: 50 } }],
    ["complete", ["in-progress"], { type: "task-completed", data: { agent: "alice", result: { ok: true } } }],
    [
      "fail",
      ["assigned", "acknowledged", "in-progress"],
      { type: "task-failed", data: { agent: "alice", reason: "broken" } },
    ],
  ] as const)("may %s from %j only", (name, allowed: ReadonlyArray<string>, event) => {
    for (const state of ["assigned", "acknowledged", "in-progress", "completed"] as const) {
      if (allowed.includes(state)) {
        expect(given(histories[state]).when(commands[name])).toEqual(Result.succeed([event]));
      } else {
        expect(given(histories[state]).refuses(commands[name])).toBe("wrong-state");
      }
    }
  });

  test.each(Object.values(commands))("is the only one who may %j", (command) => {
    for (const history of Object.values(histories)) {
      expect(given(history).refuses(command, { principal: "bob" })).toBe("not-assigned");
    }
    expect(given([submitted]).refuses(command)).toBe("not-assigned");
    expect(given([]).refuses(command)).toBe("not-found");
  });

  test("may not go on after its assignment expired", () => {
    expect(given([submitted, assigned(), expired()]).refuses(commands.acknowledge)).toBe("not-assigned");
  });

  test("reports from nothing to everything", () => {
    const decode = Schema.decodeUnknownExit(taskCommands["report-progress"].schema);
    expect([-1, 0, 100, 101].map((percent) => decode({ percent })._tag)).toEqual([
      "Failure",
      "Success",
      "Success",
      "Failure",
    ]);
  });
});

describe("an assignment expires", () => {
  const expire = (attempt: number, reason: "unacknowledged" | "agent-offline", agent = "alice") =>
    ({ type: "expire-assignment", payload: { agent, attempt, reason } }) as const;

  test("where it was not acknowledged", () => {
    expect(given(histories.assigned).when(expire(1, "unacknowledged"))).toEqual(Result.succeed([expired()]));
    expect(given(histories.acknowledged).when(expire(1, "unacknowledged"))).toEqual(nothing);
  });
  test.each(["assigned", "acknowledged", "in-progress"] as const)("where the agent went away with it %s", (state) => {
    expect(given(histories[state]).when(expire(1, "agent-offline"))).toEqual(
      Result.succeed([{ type: "assignment-expired", data: { agent: "alice", attempt: 1, reason: "agent-offline" } }]),
    );
  });
  test("only while it is the present one: what comes late changes nothing", () => {
    const again = [submitted, assigned(1), expired(1), assigned(2)];
    expect(given(again).when(expire(1, "unacknowledged"))).toEqual(nothing);
    expect(given(again).when(expire(2, "unacknowledged", "bob"))).toEqual(nothing);
    expect(given(histories.submitted).when(expire(1, "unacknowledged"))).toEqual(nothing);
    expect(given(histories.completed).when(expire(1, "agent-offline"))).toEqual(nothing);
  });
  test("and fails the task in the same commit after the last attempt", () => {
    expect(given([submitted, assigned(1), expired(1), assigned(2)]).when(expire(2, "unacknowledged"))).toEqual(
      Result.succeed([expired(2), { type: "task-failed", data: { agent: "alice", reason: "attempts-exhausted" } }]),
    );
  });
});

describe("cancelling", () => {
  const cancel = { type: "cancel", payload: { reason: "not needed" } } as const;

  test("is anyone's before the end, and names who had the task", () => {
    expect(given(histories["in-progress"]).when(cancel, { principal: "bob" })).toEqual(
      Result.succeed([{ type: "task-cancelled", data: { by: "bob", agent: "alice", reason: "not needed" } }]),
    );
    expect(given([submitted]).when(cancel, { principal: "bob" })).toEqual(
      Result.succeed([{ type: "task-cancelled", data: { by: "bob", reason: "not needed" } }]),
    );
  });
  test("is refused at the end", () => {
    expect(given(histories.completed).refuses(cancel)).toBe("wrong-state");
    expect(given([submitted, { type: "task-cancelled", data: { by: "bob" } }]).refuses(cancel)).toBe("wrong-state");
  });
});

describe("failing with `retry`", () => {
  const retry = { type: "fail", payload: { reason: "no disk", retry: true } } as const;

  test("gives the task back while it allows attempts", () => {
    expect(given(histories["in-progress"]).when(retry)).toEqual(
      Result.succeed([{ type: "attempt-failed", data: { agent: "alice", attempt: 1, reason: "no disk" } }]),
    );
    const back: Event = { type: "attempt-failed", data: { agent: "alice", attempt: 1, reason: "no disk" } };
    expect(given([...histories["in-progress"], back]).when({ type: "assign", payload: assignment })).toEqual(
      Result.succeed([assigned(2)]),
    );
  });
  test("fails it after the last one", () => {
    expect(given([submitted, assigned(1), expired(1), assigned(2)]).when(retry)).toEqual(
      Result.succeed([{ type: "task-failed", data: { agent: "alice", reason: "no disk" } }]),
    );
  });
});

describe("the deadline", () => {
  const expire = { type: "expire", payload: {} } as const;

  test("fails a task that is not over, and names who had it", () => {
    expect(given([submitted]).when(expire)).toEqual(
      Result.succeed([{ type: "task-failed", data: { reason: "deadline-exceeded" } }]),
    );
    expect(given(histories["in-progress"]).when(expire)).toEqual(
      Result.succeed([{ type: "task-failed", data: { agent: "alice", reason: "deadline-exceeded" } }]),
    );
  });
  test("does nothing to one that is", () => {
    expect(given(histories.completed).when(expire)).toEqual(nothing);
  });
});

describe("delegating", () => {
  const part = (fields: object = {}) =>
    Schema.decodeUnknownSync(taskCommands.delegate.schema)({
      tasks: [{ type: "part", requiredCapabilities: ["review"], ...fields }],
    }).tasks[0];
  const delegate = (
    ...[first, ...rest]: readonly [ReturnType<typeof part>, ...ReadonlyArray<ReturnType<typeof part>>]
  ) => ({ type: "delegate", payload: { tasks: [first, ...rest] } }) as const;
  const delegated = (...ids: ReadonlyArray<string>): Event => {
    const [first, ...rest] = ids.map((id) => ({ ...part(), id }));
    if (first === undefined) throw new Error("delegate something");
    return { type: "task-delegated", data: { agent: "alice", chain: ["alice"], tasks: [first, ...rest] } };
  };
  const working = histories["in-progress"];
  const waiting = [...working, delegated("x", "y")];
  const ended = (child: string): Event => ({ type: "child-ended", data: { child, status: "completed" } });
  const ofAnn = given([
    { type: "task-submitted", data: { ...request, parent: "p", chain: ["ann", "bob"] } },
    assigned(),
    acknowledged,
    started,
  ]);

  test("names the children after their task, by their number, where they have no name", () => {
    expect(given(working).when(delegate(part(), part({ id: "x" }), part()))).toMatchObject({
      success: [{ data: { chain: ["alice"], tasks: [{ id: "subject-1=1" }, { id: "x" }, { id: "subject-1=3" }] } }],
    });
    expect(given(waiting).when(delegate(part()))).toMatchObject({
      success: [{ data: { tasks: [{ id: "subject-1=3" }] } }],
    });
  });
  test("is for who works on the task", () => {
    expect(given(working).refuses(delegate(part()), { principal: "bob" })).toBe("not-assigned");
    expect(given(histories.acknowledged).refuses(delegate(part()))).toBe("wrong-state");
  });
  test("never goes back to an agent through which the task came", () => {
    expect(given(working).refuses(delegate(part({ to: "alice" })))).toBe("delegation-circle");
    expect(ofAnn.refuses(delegate(part({ to: "bob" })))).toBe("delegation-circle");
    expect(ofAnn.when(delegate(part({ to: "eve" })))).toMatchObject({
      success: [{ data: { chain: ["ann", "bob", "alice"] } }],
    });
  });
  test("gives no child an id that another one has, or that is no id", () => {
    expect(given(working).refuses(delegate(part({ id: "x" }), part({ id: "x" })))).toBe("already-exists");
    expect(given(waiting).refuses(delegate(part({ id: "x" })))).toBe("already-exists");
    const long = "x".repeat(199);
    expect(given(working).refuses(delegate(part()), { aggregateId: long })).toBe("id-too-long");
  });
  test("gives a child an id of its own, and none that the backend makes for others", () => {
    const mine = "subject-1=2-1-1";
    expect(given(working).when(delegate(part({ id: mine })))).toMatchObject({
      success: [{ data: { tasks: [{ id: mine }] } }],
    });
    for (const id of ["d1=deploy", "subject-1=deploy", "subject-1=1=1", "other=1", "x".repeat(129)])
      expect([id, given(working).refuses(delegate(part({ id })))]).toEqual([id, "not-its-own-id"]);
  });
  test("keeps the task from being completed before all children are over", () => {
    const complete = { type: "complete", payload: {} } as const;
    expect(given(waiting).refuses(complete)).toBe("children-open");
    expect(given([...waiting, ended("x")]).refuses(complete)).toBe("children-open");
    expect(given([...waiting, ended("x"), ended("y")]).when(complete)).toEqual(Result.succeed([completed]));
  });
  test("ends for a child once, and for none that the task does not wait for", () => {
    const end = (child: string) =>
      ({ type: "end-child", payload: { child, status: "failed", failure: { reason: "no" } } }) as const;
    expect(given(waiting).when(end("x"))).toEqual(
      Result.succeed([{ type: "child-ended", data: { child: "x", status: "failed", failure: { reason: "no" } } }]),
    );
    expect(given([...waiting, ended("x")]).when(end("x"))).toEqual(nothing);
    expect(given([...waiting, expired()]).when(end("x"))).toEqual(nothing);
  });
  test("lets a child be cancelled by its own parent only", () => {
    const child: Event = { type: "task-submitted", data: { ...request, parent: "p", chain: ["ann"] } };
    const cancel = (parent: string) =>
      ({ type: "cancel-child", payload: { parent, reason: "parent-failed" } }) as const;
    expect(given([child]).when(cancel("p"), { principal: "task-delegation" })).toEqual(
      Result.succeed([{ type: "task-cancelled", data: { by: "task-delegation", reason: "parent-failed" } }]),
    );
    expect(given([child]).when(cancel("q"))).toEqual(nothing);
    expect(given([submitted]).when(cancel("p"))).toEqual(nothing);
  });
  test("makes children that are given to nobody in their chain, nor to another one than they ask for", () => {
    const assign = { type: "assign", payload: assignment } as const;
    const child = (fields: object): Event => ({ type: "task-submitted", data: { ...request, ...fields } });
    expect(given([child({ parent: "p", chain: ["alice"] })]).refuses(assign)).toBe("delegation-circle");
    expect(given([child({ to: "bob" })]).refuses(assign)).toBe("only-for-another");
  });
});

describe("an answer that names its attempt and instance", () => {
  const working = histories["in-progress"];
  const again = [...working, expired(), assigned(2), acknowledged, started];
  const answers = [
    { type: "report-progress", payload: { percent: 50 } },
    { type: "complete", payload: { result: 1 } },
    { type: "fail", payload: { reason: "no" } },
  ] as const;
  const naming = <C extends (typeof answers)[number]>(command: C, more: { attempt?: number; instance?: string }) =>
    ({ ...command, payload: { ...command.payload, ...more } }) as C;

  test.each(answers)("is taken for the present one: $type", (command) => {
    const known = { instance: "run-2" };
    const plain = given(working).when(command);
    expect(given(working).when(naming(command, { attempt: 1, instance: "run-2" }), { known })).toEqual(plain);
    expect(given(working).when(naming(command, { attempt: 1, instance: "run-2" }))).toEqual(plain);
    expect(JSON.stringify(plain)).not.toContain("attempt");
  });
  test.each(answers)("is refused for an old attempt, and from a replaced instance: $type", (command) => {
    expect(given(working).refuses(naming(command, { attempt: 2 }))).toBe("old-attempt");
    expect(given(again).refuses(naming(command, { attempt: 1 }))).toBe("old-attempt");
    const known = { instance: "run-3" };
    expect(given(working).refuses(naming(command, { attempt: 1, instance: "run-2" }), { known })).toBe("replaced");
  });
  test("is judged by the agent alone without them", () => {
    expect(given(again).when({ type: "complete", payload: {} }, { known: { instance: "run-3" } })).toEqual(
      Result.succeed([completed]),
    );
  });
  test("is refused from the first one on", () => {
    const taken = given(histories.assigned);
    expect(taken.refuses({ type: "acknowledge", payload: { attempt: 2 } })).toBe("old-attempt");
    expect(given(histories.acknowledged).refuses({ type: "start", payload: { attempt: 2 } })).toBe("old-attempt");
  });
});
