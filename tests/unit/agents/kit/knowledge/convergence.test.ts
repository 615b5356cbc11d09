import { expect, test } from "@jest/globals";
import { HashMap } from "effect";
import fc from "fast-check";
import { restoreState, stateText } from "../../../../../src/agents/kit/knowledge/replica-file.ts";
import { ReplicaState } from "../../../../../src/agents/kit/knowledge/replica-state.ts";
import { sha256 } from "../../../domain/knowledge/fixtures.ts";
import { world } from "./world.ts";

const replicas = 10;
const which = fc.nat(replicas - 1);
const bit = fc.nat(1_000_000);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      at: which,
      subject: fc.constantFrom("a", "b", "c"),
      object: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("retract" as const), at: which, fact: fc.nat(50) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("weigh" as const),
      at: which,
      fact: fc.nat(50),
      verdict: fc.constantFrom("support" as const, "dispute" as const),
      evidence: fc.constantFrom("x", "y"),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("submit" as const),
      at: which,
      most: fc.integer({ min: 1, max: 5 }),
      answered: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      at: which,
      most: fc.integer({ min: 1, max: 8 }),
      fault: fc.constantFrom("none" as const, "none" as const, "twice" as const, "skip" as const, "flip" as const),
      bit,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("announce" as const), at: which, to: which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("restart" as const), at: which, bit: fc.option(bit, { nil: undefined }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("expire" as const), at: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("epoch" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("revoke" as const), record: fc.nat(50) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const take = (all: ReturnType<typeof world>, one: Step): unknown => {
  switch (one.do) {
    case "write":
      all.pass(1);
      return all.write(one.at, one.subject, "is", one.object);
    case "retract": {
      const fact = all.factOf(one.at, one.fact);
      if (fact !== undefined) all.retract(one.at, fact);
      return undefined;
    }
    case "weigh": {
      const fact = all.factOf(one.at, one.fact);
      if (fact !== undefined) all.weigh(one.at, fact, one.verdict, one.evidence);
      return undefined;
    }
    case "submit":
      return all.submit(one.at, one.most, one.answered);
    case "deliver":
      return all.deliver(one.at, one.most, one.fault, one.bit);
    case "announce":
      return all.announce(one.at, one.to);
    case "restart":
      all.restart(one.at, one.bit);
      return undefined;
    case "expire":
      return all.expire(one.at);
    case "epoch":
      return all.epoch();
    case "revoke":
      return all.revoke(one.record);
  }
};

/** Everybody reaches the log again, sends what waits, and reads to its end. */
const heal = (all: ReturnType<typeof world>): void => {
  for (let round = 0; round < 20; round++)
    for (let at = 0; at < replicas; at++) {
      all.submit(at, Number.POSITIVE_INFINITY, true);
      all.deliver(at, Number.POSITIVE_INFINITY, "none", 0);
    }
  all.pass(120_000);
  for (let at = 0; at < replicas; at++) all.expire(at);
};

test("ten replicas, cut off in any way, restarted and damaged, come to the same bytes, and nothing acknowledged is lost", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
      const all = world(replicas);
      for (const one of steps) take(all, one);
      heal(all);
      const bytes = all.export();
      for (let at = 0; at < replicas; at++) {
        const one = all.replica(at);
        expect(one.outbox).toEqual([]);
        expect(one.export()).toBe(bytes);
        expect(one.content).toBe(all.log.state().content);
        expect(one.isIntact()).toBe(true);
        // A replica judges by its records as the log does by its state.
        const { base } = one.knowledge;
        const retracted = [...base.facts()].map(({ id }) => id).filter((id) => base.isRetracted(id));
        expect(retracted.sort()).toEqual([...HashMap.keys(all.log.state().retracted)].sort());
        const evidence = [...base.facts()].flatMap((fact) => [...fact.evidence.keys()]);
        expect(evidence.sort()).toEqual([...HashMap.keys(all.log.state().evidence)].sort());
      }
      for (const id of all.acknowledged) expect(all.replica(0).has(id)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("a file in which any bit is flipped is found out: what is left is right, and the log has the rest", () => {
  fc.assert(
    fc.property(bit, (at) => {
      const one = world(1);
      one.write(0, "a", "is", 1);
      one.submit(0, 1, true);
      one.deliver(0, 1, "none", 0);
      const found = one.restart(0, at);
      expect(found).not.toBe("intact");
      const { content } = one.log.state();
      if (one.replica(0).version > 0) expect(one.replica(0).content).toBe(content);
      one.deliver(0, 10, "none", 0);
      expect(one.replica(0).content).toBe(content);
      expect(one.restart(0, undefined)).toBe("intact");
    }),
  );
});

test("a file whose last line was being written keeps the lines before it", () => {
  const state = () => new ReplicaState({ author: "ada", sha256, now: () => "2026-01-01T00:00:00.000Z" });
  const before = state();
  for (const object of [1, 2])
    before.add({ kind: "fact", subject: "a", predicate: "is", object, confidence: 1, ...before.authorship() });
  const text = stateText(before);
  const after = state();
  expect(restoreState(after, text.slice(0, -5))).toBe("torn");
  expect(after.outbox.map(({ entry }) => entry.id)).toEqual(before.outbox.slice(0, 1).map(({ entry }) => entry.id));
});

test("what is announced counts at once, and goes again where the log never has it", () => {
  const all = world(2);
  all.write(0, "a", "is", "b");
  all.announce(0, 1);
  const seen = () => [...all.replica(1).knowledge.base.match({ subject: "a" })].length;
  expect(seen()).toBe(1);
  expect(all.replica(1).records).toBe(0);
  all.expire(1);
  expect(seen()).toBe(0);
});

test("an announcement is taken from its author alone", () => {
  const all = world(2);
  all.write(0, "a", "is", "b");
  const [change] = all.replica(0).outbox;
  expect(all.replica(1).announce("mallory", change?.entry)).toBe(false);
  expect(all.replica(1).announce("agent-0", { ...change?.entry, id: "0".repeat(64) })).toBe(false);
  expect(all.replica(1).announce("agent-0", change?.entry)).toBe(true);
});
