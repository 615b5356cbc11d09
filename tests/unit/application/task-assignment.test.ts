import { describe, expect, test } from "@jest/globals";
import { HashMap, HashSet, Result } from "effect";
import fc from "fast-check";
import type { Action } from "../../../src/application/action.ts";
import { taskAssignment } from "../../../src/application/processes/task-assignment.ts";
import { agent } from "../../../src/domain/agent/decider.ts";
import type { CommandOf, EventOf, RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { type AllocationState, taskOf, workerOf } from "../../../src/domain/task/allocation.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { obstacle } from "../../../src/domain/task/eligibility.ts";
import { inQueueOrder } from "../../../src/domain/task/queue-order.ts";
import type { TaskState } from "../../../src/domain/task/state.ts";
import { waitingIn } from "../domain/task/waiting.ts";
import { reactionsTo, recorder } from "./recorded.ts";

type TaskRequest = Extract<CommandOf<typeof task.commands>, { type: "submit" }>["payload"];

const asked = (fields: Partial<TaskRequest> = {}): TaskRequest => ({
  type: "work",
  requiredCapabilities: ["work"],
  preferredCapabilities: [],
  priority: "normal",
  acknowledgeWithinSeconds: 5,
  maxAttempts: 3,
  ...fields,
});

/** A story of agents and tasks. */
const story = () => {
  const record = recorder();
  const events: Array<RecordedEvent> = [];
  const tell = {
    registered: (id: string, capabilities: ReadonlyArray<string>, maxConcurrentTasks = 1) => {
      events.push(record(agent, id, { type: "agent-registered", data: { capabilities, maxConcurrentTasks } }));
      return tell.presence(id, "online");
    },
    limited: (id: string, capability: string, maxConcurrent: number) => {
      const ability = { capabilities: [capability, "rest"], capabilityDetails: { [capability]: { maxConcurrent } } };
      events.push(record(agent, id, { type: "agent-registered", data: { ...ability, maxConcurrentTasks: 9 } }));
      return tell.presence(id, "online");
    },
    left: (id: string) => {
      events.push(record(agent, id, { type: "agent-deregistered", data: {} }));
      return tell;
    },
    back: (id: string, capabilities: ReadonlyArray<string>) => {
      events.push(record(agent, id, { type: "agent-registered", data: { capabilities, maxConcurrentTasks: 1 } }));
      return tell;
    },
    canDo: (id: string, capabilities: ReadonlyArray<string>) => {
      events.push(record(agent, id, { type: "capabilities-updated", data: { capabilities, maxConcurrentTasks: 1 } }));
      return tell;
    },
    presence: (id: string, status: "online" | "away" | "offline") => {
      events.push(record(agent, id, { type: "presence-changed", data: { status, previous: "offline" } }));
      return tell;
    },
    task: (id: string, event: EventOf<typeof task.events>) => {
      events.push(record(task, id, event));
      return tell;
    },
    submitted: (id: string, fields: Partial<TaskRequest> = {}) =>
      tell.task(id, { type: "task-submitted", data: asked(fields) }),
    assigned: (id: string, to: string, attempt = 1) =>
      tell.task(id, {
        type: "task-assigned",
        data: { agent: to, attempt, strategy: "s", reasons: [], acknowledgeBy: "2026-01-01T00:00:05.000Z" },
      }),
    reactions: () => reactionsTo(taskAssignment, events),
  };
  return tell;
};

/** Which tasks are given to whom, of some actions. */
const assignments = (actions: ReadonlyArray<Action>) =>
  actions.flatMap((action) =>
    action.kind === "command" && action.command === "assign"
      ? [[action.id, (action.payload as { readonly agent: string }).agent]]
      : [],
  );

describe("a task goes", () => {
  test("to an agent that has every capability it requires", () => {
    const tell = story().registered("a", ["work"]).registered("b", ["work", "steel"]);
    expect(assignments(tell.submitted("t", { requiredCapabilities: ["work", "steel"] }).reactions())).toEqual([
      ["t", "b"],
    ]);
  });
  test("to the one with most of the capabilities it prefers, then the least loaded, then the first by name", () => {
    const tell = story().registered("c", ["work", "fast"], 9).registered("b", ["work"], 9).registered("a", ["work"], 9);
    expect(assignments(tell.submitted("t1", { preferredCapabilities: ["fast"] }).reactions())).toEqual([["t1", "c"]]);
    expect(assignments(tell.submitted("t2").reactions())).toEqual([["t2", "a"]]);
    expect(assignments(tell.submitted("t3").reactions())).toEqual([["t3", "b"]]);
  });
  test("to nobody who is offline or unknown, and rather to one who is not away", () => {
    const tell = story().registered("a", ["work"]).presence("a", "offline").submitted("t");
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.presence("a", "away").reactions())).toEqual([["t", "a"]]);
    const both = story().registered("a", ["work"]).registered("b", ["work"]).presence("a", "away");
    expect(assignments(both.submitted("t").reactions())).toEqual([["t", "b"]]);
  });
  test("to nobody who has come back and was not heard yet", () => {
    const tell = story().registered("a", ["work"]).left("a").back("a", ["work"]).submitted("t");
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.presence("a", "online").reactions())).toEqual([["t", "a"]]);
  });
  test("to an agent only as often at once as it can do what the task requires", () => {
    const tell = story().limited("a", "work", 2);
    const ids = ["t1", "t2", "t3"];
    for (const id of ids) tell.submitted(id).reactions();
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.submitted("other", { requiredCapabilities: ["rest"] }).reactions())).toEqual([
      ["other", "a"],
    ]);
    expect(assignments(tell.task("t1", { type: "task-completed", data: { agent: "a" } }).reactions())).toEqual([
      ["t3", "a"],
    ]);
  });
  test("with the reasons why", () => {
    const [action] = story().registered("a", ["work"], 2).submitted("t").reactions();
    expect(action).toMatchObject({
      payload: {
        strategy: "capability-match",
        reasons: ["has every required capability (work)", "holds 0 of at most 2 tasks", "best of 1 who can take it"],
      },
    });
  });
});

describe("by strategy", () => {
  test("`round-robin` asks everyone in turn, however loaded", () => {
    const tell = story().registered("a", ["work"], 9).registered("b", ["work"], 9).registered("c", ["work"], 9);
    const given = ["t1", "t2", "t3", "t4"].map((id) =>
      assignments(tell.submitted(id, { strategy: "round-robin", preferredCapabilities: ["work"] }).reactions()),
    );
    expect(given.flat().map(([, to]) => to)).toEqual(["a", "b", "c", "a"]);
  });
  test("`least-loaded` goes by the share of what each can hold, and leaves preferences out", () => {
    const tell = story().registered("small", ["work", "fast"], 2).registered("big", ["work"], 10);
    const least = (id: string) =>
      assignments(tell.submitted(id, { strategy: "least-loaded", preferredCapabilities: ["fast"] }).reactions());
    expect(["t1", "t2", "t3", "t4"].flatMap(least).map(([, to]) => to)).toEqual(["big", "small", "big", "big"]);
  });
  test("assignments say which it was", () => {
    const [action] = story().registered("a", ["work"]).submitted("t", { strategy: "round-robin" }).reactions();
    expect(action).toMatchObject({
      payload: { strategy: "round-robin", reasons: expect.arrayContaining(["next of 1 who can take it"]) },
    });
  });
});

describe("a task that is for some only", () => {
  test("waits for the one that it asks for", () => {
    const tell = story().registered("a", ["work"]).submitted("t", { to: "b" });
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.registered("b", ["work"]).reactions())).toEqual([["t", "b"]]);
  });
  test("goes to nobody through whom it came", () => {
    const tell = story().registered("a", ["work"], 2);
    tell.task("t", { type: "task-submitted", data: { ...asked(), parent: "p", chain: ["a"] } });
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.registered("b", ["work"]).reactions())).toEqual([["t", "b"]]);
  });
});

describe("a time to start", () => {
  test("is a timer from the acknowledgement to the start, in the place of the one before it", () => {
    const startBy = "1970-01-01T00:10:00.000Z";
    const tell = story().registered("a", ["work"]).submitted("t");
    tell.task("t", {
      type: "task-assigned",
      data: { agent: "a", strategy: "s", reasons: [], attempt: 1, acknowledgeBy: startBy },
    });
    const payload = { agent: "a", attempt: 1, reason: "not-started" };
    const command = { aggregate: "task", id: "t", command: "expire-assignment", payload };
    tell.task("t", { type: "task-acknowledged", data: { agent: "a", startBy } });
    expect(tell.reactions()).toContainEqual({ kind: "schedule", timerId: "t-ack-1", at: startBy, command });
    expect(tell.task("t", { type: "task-started", data: { agent: "a" } }).reactions()).toContainEqual({
      kind: "cancel-timer",
      timerId: "t-ack-1",
    });
  });
});

describe("a deadline", () => {
  test("is a timer until the task is over", () => {
    const tell = story().registered("a", ["work"]).submitted("t", { deadlineSeconds: 60 });
    const command = { aggregate: "task", id: "t", command: "expire", payload: {} };
    expect(tell.reactions()).toContainEqual({
      kind: "schedule",
      timerId: "t-deadline",
      at: "1970-01-01T00:01:03.000Z",
      command,
    });
    expect(tell.task("t", { type: "task-cancelled", data: { by: "ada" } }).reactions()).toContainEqual({
      kind: "cancel-timer",
      timerId: "t-deadline",
    });
  });
});

describe("the queue", () => {
  test("is by priority, then by age", () => {
    const tell = story()
      .submitted("old")
      .submitted("low", { priority: "low" })
      .submitted("new")
      .submitted("urgent", { priority: "critical" });
    expect(assignments(tell.registered("a", ["work"], 3).reactions())).toEqual([
      ["urgent", "a"],
      ["old", "a"],
      ["new", "a"],
    ]);
  });
  test("moves when an agent is free again", () => {
    const tell = story().registered("a", ["work"]).submitted("t1").submitted("t2").assigned("t1", "a");
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.task("t1", { type: "task-completed", data: { agent: "a" } }).reactions())).toEqual([
      ["t2", "a"],
    ]);
  });
  test("moves when an agent can do more", () => {
    const tell = story().registered("a", []).submitted("t");
    expect(assignments(tell.reactions())).toEqual([]);
    expect(assignments(tell.canDo("a", ["work"]).reactions())).toEqual([["t", "a"]]);
  });
  test("keeps what waits for nobody who is there out of the way of others", () => {
    const tell = story()
      .submitted("rare", { requiredCapabilities: ["rare"], priority: "critical" })
      .submitted("t");
    expect(assignments(tell.registered("a", ["work"]).reactions())).toEqual([["t", "a"]]);
  });
});

describe("an assignment", () => {
  const expiry = { agent: "a", attempt: 1, reason: "unacknowledged" } as const;
  test("expires when it is not acknowledged in time", () => {
    const tell = story().registered("a", ["work"]).submitted("t").assigned("t", "a");
    expect(tell.reactions()).toEqual([
      {
        kind: "schedule",
        timerId: "t-ack-1",
        at: "2026-01-01T00:00:05.000Z",
        command: { aggregate: "task", id: "t", command: "expire-assignment", payload: expiry },
      },
    ]);
    expect(tell.task("t", { type: "task-acknowledged", data: { agent: "a" } }).reactions()).toEqual([
      { kind: "cancel-timer", timerId: "t-ack-1" },
    ]);
  });
  test("that has expired is made anew, with another agent where there is one", () => {
    const expired = { type: "assignment-expired", data: expiry } as const;
    const alone = story().registered("a", ["work"]).submitted("t").assigned("t", "a");
    expect(assignments(alone.task("t", expired).reactions())).toEqual([["t", "a"]]);
    const two = story().registered("a", ["work"]).registered("b", ["work"]).submitted("t").assigned("t", "a");
    expect(assignments(two.task("t", expired).reactions())).toEqual([["t", "b"]]);
  });
  test("that its agent gave back goes to one that has lost it less often", () => {
    const failed = (by: string, attempt: number) =>
      ({ type: "attempt-failed", data: { agent: by, attempt, reason: "no disk" } }) as const;
    const tell = story().registered("a", ["work"]).registered("b", ["work"]).submitted("t", { maxAttempts: 9 });
    tell.assigned("t", "a");
    expect(assignments(tell.task("t", failed("a", 1)).reactions())).toEqual([["t", "b"]]);
    expect(assignments(tell.assigned("t", "b", 2).task("t", failed("b", 2)).reactions())).toEqual([["t", "a"]]);
    expect(assignments(tell.assigned("t", "a", 3).task("t", failed("a", 3)).reactions())).toEqual([["t", "b"]]);
  });
  test("that is lost does not come before what is more urgent", () => {
    const tell = story().registered("a", ["work"]).submitted("t").assigned("t", "a");
    tell.submitted("urgent", { priority: "critical" });
    expect(assignments(tell.task("t", { type: "assignment-expired", data: expiry }).reactions())).toEqual([
      ["urgent", "a"],
    ]);
  });
  test("is not made anew after the last attempt", () => {
    const tell = story().registered("a", ["work"]).submitted("t", { maxAttempts: 1 }).assigned("t", "a");
    expect(assignments(tell.task("t", { type: "assignment-expired", data: expiry }).reactions())).toEqual([]);
  });
  test("of an agent that is gone expires at once, also where it was decided this moment", () => {
    const tell = story().registered("a", ["work"], 2).submitted("t1").assigned("t1", "a").submitted("t2");
    const expire = (id: string) => ({
      kind: "command",
      step: `${id}.expire-assignment`,
      aggregate: "task",
      id,
      command: "expire-assignment",
      payload: { agent: "a", attempt: 1, reason: "agent-offline" },
    });
    expect(tell.presence("a", "offline").reactions()).toEqual([expire("t1"), expire("t2")]);
  });
});

/** What must hold of the allocator after any event, whatever it decided. */
const expectSound = (state: AllocationState) => {
  const workers = [...HashMap.values(state.workers)];
  const queued = waitingIn(state.queue);
  const waiting = queued.flatMap((id) => taskOf(state, id) ?? []);
  expect(waiting).toHaveLength(queued.length);
  const holders = new Map<string, number>();
  for (const { load, maxConcurrentTasks, holds } of workers) {
    expect(load).toBe(HashSet.size(holds));
    expect(load).toBeLessThanOrEqual(maxConcurrentTasks);
    for (const id of holds) holders.set(id, (holders.get(id) ?? 0) + 1);
  }
  // No task is lost, none is twice: each one waits, or is held by the agent it was given to.
  const waits = new Set(waiting.map(({ id }) => id));
  expect(waits.size).toBe(waiting.length);
  for (const { id, agent: holder } of HashMap.values(state.tasks)) {
    expect([id, waits.has(id), holders.get(id)]).toEqual([
      id,
      holder === undefined,
      holder === undefined ? undefined : 1,
    ]);
  }
  // Nothing waits for an agent that could take it.
  for (const open of waiting) for (const worker of workers) expect(obstacle(worker, open)).toBeDefined();
  // Whoever was given a task had nothing more urgent to take.
  for (const { task: id, agent: chosen } of state.decided) {
    const given = taskOf(state, id);
    const worker = workerOf(state, chosen);
    if (given === undefined || worker === undefined) throw new Error(`${id} is given to nobody`);
    for (const open of waiting)
      if (inQueueOrder(open, given) < 0) expect(obstacle({ ...worker, load: 0 }, open)).toBeDefined();
  }
};

describe("no agent ever holds more than its maximum", () => {
  /** What happens, or how long the allocator waits for the events of what it decided. */
  const step = fc.oneof(
    fc.record({
      what: fc.constant("submit" as const),
      priority: fc.constantFrom("low", "normal", "high", "critical"),
      strategy: fc.constantFrom("capability-match", "least-loaded", "round-robin"),
      needs: fc.constantFrom(["work"], ["work", "steel"]),
    }),
    fc.record({
      what: fc.constantFrom("take", "complete", "fail", "give-back", "cancel", "expire"),
      which: fc.nat(20),
    }),
    fc.record({ what: fc.constant("register" as const), which: fc.nat(2), max: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ what: fc.constant("presence" as const), which: fc.nat(2), online: fc.boolean() }),
  );

  test("however late it sees what has happened", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(4)), { maxLength: 60 }), (steps) => {
        const record = recorder();
        /** The log, and how far the allocator has read it. */
        const log: Array<RecordedEvent> = [];
        let read = 0;
        let state = taskAssignment.initial;
        const tasks = new Map<string, TaskState>();
        const maximum = new Map<string, number>();

        const commandTask = (id: string, command: CommandOf<typeof task.commands>, principal: string) => {
          const before = tasks.get(id) ?? task.initial;
          const context = { aggregateId: id, commandId: "c", principal, time: "2026-01-01T00:00:00.000Z" };
          const decided = task.decide(command, before, { ...context, known: undefined });
          for (const event of Result.isSuccess(decided) ? decided.success : []) {
            const recorded = record(task, id, event);
            log.push(recorded);
            tasks.set(id, task.evolve(tasks.get(id) ?? null, event, { ...recorded, aggregateId: id }));
          }
        };
        const held = (id: string) =>
          [...tasks.values()].filter(
            (one) => one?.agent === id && ["assigned", "acknowledged", "in-progress"].includes(one.status),
          ).length;
        const readOn = () => {
          const event = log[read];
          if (event === undefined) return;
          read += 1;
          state = taskAssignment.evolve(state, event);
          expectSound(state);
          for (const action of taskAssignment.react(state, event)) {
            if (action.kind !== "command") continue;
            const given = { type: action.command, payload: action.payload } as CommandOf<typeof task.commands>;
            commandTask(action.id, given, "task-assignment");
            if (given.type === "assign")
              expect(held(given.payload.agent)).toBeLessThanOrEqual(maximum.get(given.payload.agent) ?? 0);
          }
        };
        for (const [happening, reads] of steps) {
          const id = "which" in happening ? [...tasks.keys()][happening.which % Math.max(1, tasks.size)] : undefined;
          const holder = id === undefined ? undefined : tasks.get(id)?.agent;
          switch (happening.what) {
            case "submit": {
              const { priority, strategy, needs } = happening;
              const payload = asked({ priority, strategy, requiredCapabilities: needs, maxAttempts: 100 });
              commandTask(`t${tasks.size}`, { type: "submit", payload }, "ada");
              break;
            }
            case "register": {
              const name = `agent-${happening.which}`;
              // A maximum that only grows, so that what was read late is never more than what is so.
              const max = Math.max(happening.max, maximum.get(name) ?? 0);
              maximum.set(name, max);
              log.push(
                record(agent, name, {
                  type: "agent-registered",
                  data: { capabilities: name === "agent-0" ? ["work", "steel"] : ["work"], maxConcurrentTasks: max },
                }),
                record(agent, name, { type: "presence-changed", data: { status: "online", previous: "offline" } }),
              );
              break;
            }
            case "presence": {
              const [status, previous] = happening.online
                ? (["online", "offline"] as const)
                : (["offline", "online"] as const);
              const name = `agent-${happening.which}`;
              if (maximum.has(name))
                log.push(record(agent, name, { type: "presence-changed", data: { status, previous } }));
              break;
            }
            case "take":
              if (id !== undefined && holder !== undefined) {
                commandTask(id, { type: "acknowledge", payload: {} }, holder);
                commandTask(id, { type: "start", payload: {} }, holder);
              }
              break;
            case "complete":
              if (id !== undefined && holder !== undefined) commandTask(id, { type: "complete", payload: {} }, holder);
              break;
            case "fail":
              if (id !== undefined && holder !== undefined)
                commandTask(id, { type: "fail", payload: { reason: "no" } }, holder);
              break;
            case "give-back":
              if (id !== undefined && holder !== undefined)
                commandTask(id, { type: "fail", payload: { reason: "no", retry: true } }, holder);
              break;
            case "cancel":
              if (id !== undefined) commandTask(id, { type: "cancel", payload: {} }, "ada");
              break;
            case "expire": {
              const attempt = id === undefined ? 0 : (tasks.get(id)?.attempt ?? 0);
              if (id !== undefined && holder !== undefined)
                commandTask(
                  id,
                  { type: "expire-assignment", payload: { agent: holder, attempt, reason: "unacknowledged" } },
                  "timers",
                );
            }
          }
          for (let n = 0; n < reads; n++) readOn();
        }
        while (read < log.length) readOn();

        for (const [id, max] of maximum) expect(held(id)).toBeLessThanOrEqual(max);
      }),
      { numRuns: 500 },
    );
  });
});
