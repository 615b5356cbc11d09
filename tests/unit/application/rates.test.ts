import { describe, expect, test } from "@jest/globals";
import { Effect, Layer, Result } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { CommandRate, rateOf, TokenBuckets } from "../../../src/application/rates.ts";
import { inLeaf, type Leaf } from "./leaf.ts";

const rate = { perSecond: 10, burst: 100 };

describe("a token bucket", () => {
  test("gives the burst at once, then as much as the rate", () => {
    const buckets = new TokenBuckets();
    const takenAt = (now: number, times: number) =>
      Array.from({ length: times }, () => buckets.take("ada", rate, now)).filter((wait) => wait === 0).length;
    expect(takenAt(0, 150)).toBe(100);
    expect(buckets.take("ada", rate, 0)).toBe(100);
    expect(takenAt(99, 1)).toBe(0);
    expect(takenAt(100, 2)).toBe(1);
    expect(takenAt(60_000, 150)).toBe(100);
  });

  test("is one for each principal", () => {
    const buckets = new TokenBuckets();
    for (let index = 0; index < 200; index += 1) buckets.take("mallory", rate, 0);
    expect(buckets.take("mallory", rate, 0)).toBeGreaterThan(0);
    expect(buckets.take("ada", rate, 0)).toBe(0);
  });

  test("never gives more than the burst and the rate together, and keeps its word about when to come again", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 400 }), (pauses) => {
        const buckets = new TokenBuckets();
        let now = 0;
        let taken = 0;
        for (const pause of pauses) {
          now += pause;
          const wait = buckets.take("ada", rate, now);
          if (wait === 0) taken += 1;
          else {
            now += wait;
            expect(buckets.take("ada", rate, now)).toBe(0);
            taken += 1;
          }
        }
        expect(taken).toBeLessThanOrEqual(rate.burst + (now / 1000) * rate.perSecond + 1);
      }),
    );
  });

  test("is larger for those that carry out deployments", () => {
    const people = rateOf(100, new Set(["participant", "operator"]));
    expect(people).toEqual({ perSecond: 100, burst: 1_000 });
    for (const role of ["deployer", "monitor"]) expect(rateOf(100, new Set([role])).perSecond).toBe(1_000);
  });
});

const submit = (leaf: Leaf, principal: string, id: string, audience: "public" | "internal" = "public") =>
  leaf.handle({
    aggregate: "task",
    id,
    command: "submit",
    payload: { type: "z", requiredCapabilities: ["nope"] },
    principal,
    audience,
  });

test("commands of one principal beyond its rate are refused, and nobody else's", () =>
  inLeaf(
    (leaf) =>
      Effect.gen(function* () {
        for (let index = 0; index < 20; index += 1)
          expect(Result.isSuccess(yield* submit(leaf, "mallory", `m${index}`))).toBe(true);
        expect(yield* submit(leaf, "mallory", "m20")).toMatchObject({
          failure: { code: "rejected", details: { reason: "rate-limited", perSecond: 2, afterMilliseconds: 500 } },
        });
        expect(yield* leaf.document("tasks", "m20")).toEqual({});
        expect(Result.isSuccess(yield* submit(leaf, "ada", "a1"))).toBe(true);
        for (let index = 0; index < 40; index += 1)
          expect(Result.isSuccess(yield* submit(leaf, "timers", `t${index}`, "internal"))).toBe(true);
        yield* TestClock.adjust("500 millis");
        expect(Result.isSuccess(yield* submit(leaf, "mallory", "m20"))).toBe(true);
      }),
    Layer.succeed(CommandRate, 2),
  ));
