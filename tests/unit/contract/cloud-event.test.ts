import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeAttribute, encodeAttribute } from "../../../src/contract/cloud-event.ts";

describe("an attribute of a CloudEvent as a header", () => {
  test.each([
    ["thing.t-1.1", "thing.t-1.1"],
    ["a b", "a%20b"],
    ['say "hi"', "say%20%22hi%22"],
    ["100%", "100%25"],
    ["Euro €", "Euro%20%E2%82%AC"],
    ["😀", "%F0%9F%98%80"],
    ["a\r\nb", "a%0D%0Ab"],
    ["!~", "!~"],
  ])("%j is sent as %j, and read again", (value, header) => {
    expect(encodeAttribute(value)).toBe(header);
    expect(decodeAttribute(header)).toBe(value);
  });

  test.each(["100%", "%zz", "%E2%82"])("%j, which encodes nothing, stays as it is", (header) => {
    expect(decodeAttribute(header)).toBe(header);
  });

  test("every text comes back, in printable ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const header = encodeAttribute(value);
        expect(header).toMatch(/^[\x21-\x7e]*$/u);
        expect(decodeAttribute(header)).toBe(value);
      }),
    );
  });
});
