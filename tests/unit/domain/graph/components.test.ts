import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { componentsOf } from "../../../../src/domain/graph/components.ts";

const vertices = "abcdefgh".split("");

test("vertices share a component exactly if each can be reached from the other", () => {
  const edges = fc.array(fc.tuple(fc.constantFrom(...vertices), fc.constantFrom(...vertices)), { maxLength: 16 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const arrows = pairs.map(([from, to]) => ({ from, to }));
      const reached = (start: string): ReadonlySet<string> => {
        const found = new Set([start]);
        for (const vertex of found) for (const { from, to } of arrows) if (from === vertex) found.add(to);
        return found;
      };
      const component = componentsOf(vertices, arrows);
      for (const a of vertices)
        for (const b of vertices)
          expect(component.get(a) === component.get(b)).toBe(reached(a).has(b) && reached(b).has(a));
    }),
    { numRuns: 300 },
  );
});

test("a chain of a hundred thousand is no problem", () => {
  const chain = Array.from({ length: 100_000 }, (_, index) => ({ from: `${index}`, to: `${index + 1}` }));
  expect(new Set(componentsOf([], chain).values()).size).toBe(100_001);
});
