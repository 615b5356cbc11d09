import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { fractionOf, Share, shareText } from "../../../../src/domain/consensus/fraction.ts";

const isShare = (value: unknown): boolean => Schema.decodeUnknownExit(Share)(value)._tag === "Success";

describe("a share", () => {
  test.each([
    ["2/3", "2/3"],
    ["2/4", "1/2"],
    ["0/7", "0/1"],
    [0.1, "1/10"],
    [0.5, "1/2"],
    [0, "0/1"],
    [1, "1/1"],
    [1e-7, "1/10000000"],
    [0.30000000000000004, "7500000000000001/25000000000000000"],
  ])("%j is %s exactly", (share, exact) => {
    expect(shareText(share)).toBe(exact);
  });

  test.each(["3/2", "1/0", "0/0", "-1/2", "1", "0.5", "1/2 ", "", "a/b", 1.01, -0.1, Number.NaN])(
    "%j is none",
    (value) => {
      expect(isShare(value)).toBe(false);
    },
  );

  test("is the same share as its own text, for every number from 0 to 1", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (number) => {
        const { numerator, denominator } = fractionOf(shareText(number));
        expect(isShare(shareText(number))).toBe(true);
        expect(fractionOf(number).numerator * denominator).toBe(numerator * fractionOf(number).denominator);
      }),
    );
  });
});
