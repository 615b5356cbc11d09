import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { visible, visibleJson } from "../../../../src/domain/kernel/mod.ts";

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe("a text that others wrote", () => {
  test.each([
    ["a\nb\tc\rd", "a\\nb\\tc\\rd"],
    ["\u001b[2J\u009b", "\\u001b[2J\\u009b"],
    ["\u202e\u2066\u200b\u200f\u061c", "\\u202e\\u2066\\u200b\\u200f\\u061c"],
    ["\u2028\ufeff\u00ad", "\\u2028\\ufeff\\u00ad"],
    ["\u{e0041}\ud800", "\\udb40\\udc41\\ud800"],
    ["Grüße, 世界 😀", "Grüße, 世界 😀"],
  ])("%j reads %s", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test("is on one line without anything that cannot be seen, and stays so", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(visible(text)).not.toMatch(unseen);
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });
});

test("JSON of which every character can be seen is the same value, also over several lines", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const json = visibleJson(JSON.stringify(value, null, 2));
      expect(json.replaceAll("\n", "")).not.toMatch(unseen);
      expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value));
    }),
  );
});
