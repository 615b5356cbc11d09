import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import {
  type ContextEntry,
  changed,
  conflictsOf,
  type Merge,
  mergeEntries,
  passes,
  propagated,
} from "../../../../src/domain/dialog/context.ts";
import { canonicalJson } from "../../../../src/domain/kernel/mod.ts";

const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("a", "b"), fc.array(fc.integer({ max: 3 })));
const entry = fc.record({ value, by: fc.constantFrom("ann", "bob"), order: fc.nat(4) });
const strategies = ["newest", "oldest", "union", "reject-on-conflict"] as const;

const merged = (merge: Merge, one: ContextEntry, other: ContextEntry) =>
  Result.getOrUndefined(mergeEntries(merge, one, other));
const through = (merge: Merge, first: ContextEntry | undefined, last: ContextEntry | undefined) =>
  first === undefined || last === undefined ? undefined : merged(merge, first, last);
/** As it is kept: a union holds lists. */
const kept = (merge: Merge, one: ContextEntry) => changed({}, { values: { k: one.value }, merge, ...one }).k ?? one;
const text = (one: ContextEntry | undefined) => (one === undefined ? "conflict" : canonicalJson({ ...one }));

describe.each(strategies)("merging by %s", (merge) => {
  test("does not depend on which value is given first", () => {
    fc.assert(
      fc.property(entry, entry, (one, other) => {
        expect(text(merged(merge, one, other))).toBe(text(merged(merge, other, one)));
      }),
    );
  });
  test("does not depend on which values are merged first", () => {
    fc.assert(
      fc.property(entry, entry, entry, (a, b, c) => {
        const left = through(merge, merged(merge, a, b), c);
        const right = through(merge, a, merged(merge, b, c));
        expect(text(left)).toBe(text(right));
      }),
    );
  });
  test("changes nothing where a value meets itself", () => {
    fc.assert(
      fc.property(entry, (one) => {
        expect(text(merged(merge, kept(merge, one), one))).toBe(text(kept(merge, one)));
      }),
    );
  });
});

const at = (order: number, values: Record<string, number | null>, merge: Merge = "newest") => ({
  values,
  merge,
  order,
  by: "ann",
});

test("newest and oldest go by the log, whatever comes in first", () => {
  const late = changed({}, at(5, { k: 5 }));
  expect(changed(late, at(3, { k: 3 })).k?.value).toBe(5);
  expect(changed(late, at(3, { k: 3 }, "oldest")).k?.value).toBe(3);
});

test("a conflict is named, and what was there stands", () => {
  const before = changed({}, at(1, { k: 1, other: 1 }));
  const change = at(2, { k: 2, other: 1, fresh: 3 }, "reject-on-conflict");
  expect(conflictsOf(before, change)).toEqual(["k"]);
  expect(changed(before, change)).toMatchObject({ k: { value: 1 }, other: { value: 1 }, fresh: { value: 3 } });
});

test("null removes a key, and keys may be called anything", () => {
  expect(changed(changed({}, at(1, { k: 1, constructor: 2 })), at(2, { k: null }))).toEqual({
    constructor: { value: 2, by: "ann", order: 1 },
  });
  expect(conflictsOf({}, at(1, { toString: 1 }, "reject-on-conflict"))).toEqual([]);
});

test("a participant gets what its lists let through, and the nearer value", () => {
  expect(passes({}, "web.ip")).toBe(true);
  expect(passes({ allow: ["web.*"] }, "web.ip")).toBe(true);
  expect(passes({ allow: ["web"] }, "web.ip")).toBe(false);
  expect(passes({ allow: ["*"], deny: ["web.ip"] }, "web.ip")).toBe(false);
  expect(passes({ allow: [] }, "web.ip")).toBe(false);
  expect(propagated({ deny: ["secret*"] }, [{ a: 1, b: 1, "secret-1": 1 }, { b: 2 }])).toEqual({ a: 1, b: 2 });
});
