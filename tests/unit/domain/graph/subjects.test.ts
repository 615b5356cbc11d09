import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { overlaps } from "../../../../src/domain/graph/subjects.ts";
import { overlap } from "../../../../src/domain/nix/message-bus/nats/topics.ts";

describe("overlaps", () => {
  test.each([
    ["a", "a"],
    ["a.*", "a.b"],
    ["a.b", "*.b"],
    ["a.*.c", "a.>"],
    ["*.b", "a.*"],
    [">", "a"],
    ["a.>", "a.>"],
  ])("has %s and %s", (left, right) => {
    expect(overlaps([left, right])).toEqual([[right, left]]);
    expect(overlaps([right, left])).toEqual([[left, right]]);
  });

  test.each([
    ["a", "a.>"],
    ["a", "b"],
    ["a.*", "a"],
    ["a.*", "a.b.c"],
    ["*.b", "a.c"],
  ])("has not %s and %s", (left, right) => {
    expect(overlaps([left, right])).toEqual([]);
    expect(overlaps([right, left])).toEqual([]);
  });

  test("leaves the topics that the streams are made of", () => {
    const word = fc.constantFrom("a", "b", "*");
    const topic = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([words, open]) => [...words, ...(open ? [">"] : [])].join("."));
    fc.assert(
      fc.property(fc.array(topic), (topics) => {
        const kept: Array<string> = [];
        const dropped = topics.filter((name) => {
          if (kept.some((other) => overlap(other, name))) return true;
          kept.push(name);
          return false;
        });
        const found = overlaps(topics);
        expect(found.map(([name]) => name)).toEqual(dropped);
        for (const [name, earlier] of found) expect(overlap(earlier, name)).toBe(true);
      }),
    );
  });
});
