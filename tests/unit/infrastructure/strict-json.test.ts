import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { defined } from "../../../src/domain/kernel/mod.ts";
import { mostKeys, parseStrictJson } from "../../../src/infrastructure/strict-json.ts";

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text));
const faultsIn = (text: string) => {
  const parsed = parse(text);
  return Result.isFailure(parsed) ? parsed.failure : [];
};

describe("strict JSON", () => {
  test("takes every value as it is written, however it is laid out", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        // The one key that no object may have: see below.
        fc.pre(!text.includes('"__proto__":'));
        expect(parse(text)).toEqual(Result.succeed(JSON.parse(text)));
      }),
    );
  });

  test.each([
    ['{"a": 1, "b": {"c": 1, "c": 1}}', [["b.c", 23, "is there twice: leave one out"]]],
    ['{"a": 1, "\\u0061": 2}', [["a", 9, "is there twice: leave one out"]]],
    ['[{"a": 1}, {"a": 2}]', []],
    ['{"n": [1, 9007199254740993]}', [["n.1", 10, "`9007199254740993` would be rounded to 9007199254740992"]]],
    ['{"n": -9007199254740993.0}', [["n", 6, "would be rounded to -9007199254740992: "]]],
    ['{"n": 35690848647070830, "m": 35690848647070831}', [["m", 30, "would be rounded"]]],
    ['{"n": 9007199254740992, "m": 1152921504606846976, "f": 0.12345678901234567}', []],
    ["1e400", [["", 0, "`1e400` is larger than any number can be"]]],
    ["[-1E309, 1e3]", [["0", 1, "is larger than any number"]]],
    ['{"s": "\\ud800", "t": "\\ud83d\\ude00"}', [["s", 6, "half a character"]]],
    ['{"\\udc00": 1}', [["\udc00", 1, "half a character"]]],
    ['{"s": "1e400 9007199254740993 {\\"a\\": 1, \\"a\\": 1}"}', []],
    ['{"a": [], "b": {"__proto__": 1}}', [["b.__proto__", 16, "choose another name"]]],
    [`${"[".repeat(65)}${"]".repeat(65)}`, [["", undefined, "nests deeper than 64 levels"]]],
    ['{"a": }', [["", undefined, "is not JSON in UTF-8"]]],
  ])("%s", (text, expected) => {
    expect(faultsIn(text)).toEqual(
      expected.map(([path, offset, problem]) =>
        expect.objectContaining(defined({ path, offset, problem: expect.stringContaining(String(problem)) })),
      ),
    );
  });

  test("names every second key, wherever it is", () => {
    const key = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
    const value = fc.jsonValue({ maxDepth: 1 }).filter((any) => !JSON.stringify(any).includes('"__proto__":'));
    const member = fc.tuple(key, value);
    fc.assert(
      fc.property(
        fc.array(key),
        fc.uniqueArray(member, { selector: ([name]) => name, minLength: 1 }),
        fc.nat(),
        (outer, members, which) => {
          const [twice = ""] = members[which % members.length] ?? [];
          const written = [...members, [twice, 0] as const].map(
            ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
          );
          const text = outer.reduceRight(
            (inner, name) => `{${JSON.stringify(name)}:${inner}}`,
            `{${written.join(",")}}`,
          );
          expect(faultsIn(text).map(({ path }) => path)).toEqual([[...outer, twice].join(".")]);
        },
      ),
    );
  });

  test("refuses exactly the integers that would be rounded", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (integer) => {
        const exact = BigInt(Number(integer)) === integer || String(Number(integer)) === `${integer}`;
        expect(faultsIn(`{"n":${integer}}`)).toHaveLength(exact ? 0 : 1);
      }),
    );
  });

  test("bytes that are not UTF-8 are not JSON", () => {
    expect(Result.isFailure(parseStrictJson(new Uint8Array([0x22, 0xff, 0x22])))).toBe(true);
  });
});

test("an object with more keys than a schema reads in a moment is refused, lists and many objects are not", () => {
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));
  const within = { a: keys(mostKeys), b: keys(mostKeys), c: Array.from({ length: mostKeys + 1 }, () => 0) };
  expect(parse(JSON.stringify(within))).toEqual(Result.succeed(within));
  expect(faultsIn(JSON.stringify({ a: [keys(mostKeys + 1)] }))).toEqual([
    { path: "", problem: "has an object with more than 20000 keys: send fewer" },
  ]);
});
