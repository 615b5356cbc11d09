import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { nearest } from "../../../../src/domain/graph/complaints.ts";

const fields = ["port", "public", "command", "args", "environment", "environmentFiles", "healthCheck"];

describe("nearest", () => {
  test.each([
    ["prot", "port"],
    ["ports", "port"],
    ["health-check", "healthCheck"],
    ["environmentfile", "environmentFiles"],
    ["comand", "command"],
    ["colour", undefined],
    ["x", undefined],
    ["", undefined],
  ])("to %j is %j", (word, meant) => {
    expect(nearest(word, fields)).toBe(meant);
  });

  test("a word with one fault in it is recognised", () => {
    const word = fc.constantFrom("command", "environment", "subscriptions", "healthCheck");
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom("", "x"), (known, place, instead) => {
        const at = place % known.length;
        expect(nearest(known.slice(0, at) + instead + known.slice(at + 1), [known, "port"])).toBe(known);
      }),
    );
  });

  test("a word as long as a book is soon found to be none", () => {
    expect(nearest("x".repeat(10_000_000), fields)).toBeUndefined();
  });
});
