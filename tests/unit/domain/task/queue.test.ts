import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { taskAssignment } from "../../../../src/application/processes/task-assignment.ts";
import { task } from "../../../../src/domain/task/decider.ts";
import type { Need } from "../../../../src/domain/task/eligibility.ts";
import { dequeue, enqueue, nextOf, nobodyWaits } from "../../../../src/domain/task/queue.ts";
import { inQueueOrder, type Waiting } from "../../../../src/domain/task/queue-order.ts";
import { excluding, including, type SortedSet } from "../../../../src/domain/task/sorted-set.ts";
import { recorder } from "../../application/recorded.ts";
import { valuesOf, waitingIn } from "./waiting.ts";

type Queued = Waiting & Need;

const priorities = ["low", "normal", "high", "critical"] as const;
const needs: ReadonlyArray<Need> = [
  { requiredCapabilities: ["work"] },
  { requiredCapabilities: ["work", "steel"] },
  { requiredCapabilities: ["work"], to: "ann" },
  { requiredCapabilities: ["work"], chain: ["bob"] },
];

describe("the queue of tasks", () => {
  /** Tasks as they come, each at its own place of the log; those with the same number are the same task. */
  const queued = fc.nat(30).map((number): Queued => {
    const [priority = "low", need = { requiredCapabilities: [] }] = [priorities[number % 4], needs[(number >> 2) % 4]];
    return { id: `t${number}`, priority, submitted: (number * 7) % 31, ...need };
  });
  const step = fc.record({ what: fc.constantFrom("enqueue", "enqueue", "dequeue", "take"), task: queued });

  test("does what a list does that is sorted each time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(2), (steps, reach) => {
        const meets = ({ requiredCapabilities, to }: Need) =>
          (reach > 0 || to === undefined) && requiredCapabilities.length <= reach + 1;
        let queue = nobodyWaits;
        let model: ReadonlyArray<Queued> = [];
        for (const { what, task: one } of steps) {
          const next = model.find(meets);
          if (what === "enqueue") {
            const before = queue;
            queue = enqueue(queue, one);
            if (model.some(({ id }) => id === one.id)) expect(queue).toBe(before);
            else model = [...model, one].sort(inQueueOrder);
          } else {
            const gone = what === "take" ? next : one;
            if (gone !== undefined) queue = dequeue(queue, gone);
            model = model.filter(({ id }) => id !== gone?.id);
          }
          expect(nextOf(queue, meets)).toBe(model.find(meets)?.id);
          expect([...waitingIn(queue)].sort()).toEqual(model.map(({ id }) => id).sort());
        }
      }),
      { numRuns: 500 },
    );
  });

  test("is the one it was, also after it has gone on", () => {
    const one: Queued = { id: "t1", priority: "low", submitted: 1, requiredCapabilities: ["work"] };
    const before = enqueue(nobodyWaits, one);
    enqueue(before, { ...one, id: "t2", priority: "high", submitted: 2 });
    dequeue(before, one);
    expect(waitingIn(before)).toEqual(["t1"]);
  });
});

describe("a sorted set", () => {
  const compare = (one: number, other: number) => one - other;
  const heightOf = <T>(set: SortedSet<T>): number =>
    set === null ? 0 : 1 + Math.max(heightOf(set.left), heightOf(set.right));

  test("has its values in order, and no side more than three times as heavy as the other", () => {
    const change = fc.record({ value: fc.nat(200), isIn: fc.boolean() });
    const expectBalanced = (set: SortedSet<number>): void => {
      if (set === null) return;
      const [light = 0, heavy = 0] = [set.left?.weight ?? 1, set.right?.weight ?? 1].sort(compare);
      expect(heavy).toBeLessThanOrEqual(3 * light);
      expect(set.weight).toBe(light + heavy);
      expectBalanced(set.left);
      expectBalanced(set.right);
    };
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        let set: SortedSet<number> = null;
        const model = new Set<number>();
        for (const { value, isIn } of changes) {
          set = (isIn ? including : excluding)(set, value, compare);
          if (isIn) model.add(value);
          else model.delete(value);
        }
        expectBalanced(set);
        expect(valuesOf(set)).toEqual([...model].sort(compare));
      }),
      { numRuns: 200 },
    );
  });

  test.each<[string, (n: number) => number]>([
    ["rising", (n) => n],
    ["falling", (n) => -n],
    ["from both ends", (n) => (n % 2 === 0 ? n : -n)],
  ])("of values that come %s is no higher than the logarithm of their number allows", (_, nth) => {
    let set: SortedSet<number> = null;
    for (let n = 1; n <= 60_000; n++) set = including(set, nth(n), compare);
    expect(heightOf(set)).toBeLessThanOrEqual(Math.log(60_001) / Math.log(4 / 3));
    for (let n = 1; n <= 59_000; n++) set = excluding(set, nth(n), compare);
    expect(heightOf(set)).toBeLessThanOrEqual(Math.log(1_001) / Math.log(4 / 3));
  });
});

describe("60,000 tasks of one need that wait", () => {
  const objectsIn = (value: unknown, seen: Set<object>): Set<object> => {
    if (typeof value !== "object" || value === null || seen.has(value)) return seen;
    seen.add(value);
    for (const part of Object.values(value)) objectsIn(part, seen);
    return seen;
  };
  /** How many fields the objects have that are in the one value and were not in the other: what was copied. */
  const copied = (before: object, after: object): number => {
    const known = objectsIn(before, new Set());
    const shared = known.size;
    const made = [...objectsIn(after, known)].slice(shared);
    return made.reduce((sum, one) => sum + Object.keys(one).length, 0);
  };

  test("are put in and taken out without copying the line for each", () => {
    const record = recorder();
    const submitted = (n: number) =>
      record(task, `t${n}`, {
        type: "task-submitted",
        data: {
          type: "work",
          requiredCapabilities: ["work"],
          preferredCapabilities: [],
          acknowledgeWithinSeconds: 5,
          priority: priorities[n % 4] ?? "low",
          maxAttempts: 3,
        },
      });
    const cancelled = (n: number) => record(task, `t${n}`, { type: "task-cancelled", data: { by: "ada" } });
    const costs = new Map<string, number>();
    let state = taskAssignment.initial;
    for (let n = 1; n <= 60_000; n++) {
      const before = state.queue;
      state = taskAssignment.evolve(state, submitted(n));
      if (n !== 600 && n !== 60_000) continue;
      costs.set(`put in at ${n}`, copied(before, state.queue));
      const without = taskAssignment.evolve(state, cancelled(Math.round(n / 2)));
      costs.set(`taken out at ${n}`, copied(state.queue, without.queue));
    }
    for (const what of ["put in", "taken out"]) {
      const [few = 0, many = 0] = [costs.get(`${what} at 600`), costs.get(`${what} at 60000`)];
      expect(few).toBeGreaterThan(0);
      // A hundred times as many: a line that is copied costs a hundred times as much, a way through a tree not thrice.
      expect(many).toBeLessThan(3 * few);
    }
    expect(waitingIn(state.queue)).toHaveLength(60_000);
  });
});
