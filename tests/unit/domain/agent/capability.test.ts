import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { satisfies } from "../../../../src/domain/agent/capability.ts";

test.each([
  [undefined, undefined, true],
  ["3", undefined, true],
  [undefined, "1", false],
  ["1.2", "1.2.0", true],
  ["1.2.3", "1.2.4", false],
  ["1.10", "1.9", true],
  ["1.3", "1.2.9", true],
  ["2.0", "1.9", false],
  ["1.9", "2", false],
])("%s does for %s: %s", (offered, wanted, does) => {
  expect(satisfies(offered, wanted)).toBe(does);
});

test("what does for a version does for every older one of its major number", () => {
  const version = fc.tuple(fc.nat(3), fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(version, fc.nat(20), fc.nat(20), ([major, minor, patch], older, other) => {
      const wanted = `${major}.${Math.min(minor, older)}.${older < minor ? other : Math.min(patch, other)}`;
      expect(satisfies(`${major}.${minor}.${patch}`, wanted)).toBe(true);
    }),
  );
});
