import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Patched } from "../../../../src/domain/graph/patched.ts";

const key = fc.constantFrom("a", "a-1", "a/1", "b", "c", "ü");
const change = fc.record({ key, value: fc.option(fc.integer(), { nil: undefined }) });

test("what is set and removed is what a map of all elements would have, in order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(key), fc.array(change), (keys, changes) => {
      const map = new Map(keys.map((one) => [one, { key: one, value: 0 }]));
      const patched = new Patched(
        [...keys].sort().map((one) => ({ key: one, value: 0 })),
        (one) => one.key,
      );
      for (const { key: one, value } of changes) {
        if (value === undefined) {
          map.delete(one);
          patched.remove(one);
        } else {
          map.set(one, { key: one, value });
          patched.set(one, { key: one, value });
        }
        expect(patched.get(one)).toEqual(map.get(one));
      }
      const sorted = [...map.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
      expect(patched.all()).toEqual(sorted);
    }),
  );
});
