import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { interpolation, list, string, strings } from "../../../src/domain/nix/language/expression.ts";
import { print } from "../../../src/domain/nix/language/print.ts";
import { describeWithNix, evaluate } from "./nix.ts";
import { hostile, samples } from "./trees.ts";

describeWithNix("the printed text, read by Nix", () => {
  test("is exactly the string it was printed from", () => {
    const texts = fc.sample(hostile, { numRuns: 5000, seed: 1 });
    expect(evaluate(print(strings(texts)))).toEqual(texts);
  });

  test("is the tree it was printed from: precedence, negative numbers, names that need quotes", () => {
    const trees = fc.sample(samples, { numRuns: 1500, seed: 2 });
    expect(evaluate(print(list(trees.map(([expression]) => expression))))).toEqual(trees.map(([, value]) => value));
  });

  test("keeps the text around an interpolated expression as it is", () => {
    const texts = fc.sample(fc.tuple(hostile, hostile), { numRuns: 3000, seed: 3 });
    const expressions = texts.map(([before, after]) => interpolation(before, string("<x>"), after));
    expect(evaluate(print(list(expressions)))).toEqual(texts.map(([before, after]) => `${before}<x>${after}`));
  });
});
