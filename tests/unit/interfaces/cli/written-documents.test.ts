import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hasComments, withValue } from "../../../../src/interfaces/cli/graph/graph-file.ts";
import { documentOf } from "../../../../src/interfaces/cli/read-input.ts";
import { yamlLines } from "../../../../src/interfaces/cli/yaml.ts";

const fault = (text: string, file: string): string => {
  try {
    documentOf(text, file);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** JSON values without the one key that no object may have, and without -0, which JSON has not. */
const values = fc
  .jsonValue({ maxDepth: 4 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes('"__proto__":'));

describe("JSON as people write it", () => {
  test("may have comments, and commas after the last member", () => {
    const text = '{\n  // the shop\n  "id": "shop", /* its nodes */ "nodes": [\n    {"id": "a",}, // first\n  ],\n}\n';
    expect(documentOf(text, "shop.json")).toEqual({ id: "shop", nodes: [{ id: "a" }] });
  });

  test.each([
    ["[,]", "shop.json:1:2: not JSON"],
    ['{"a": 1,,}', "shop.json:1:9: not JSON"],
    ['{"a": ,}', "shop.json:1:7: not JSON"],
    ['{ /* "a": 1 */\n  "b": x }', "shop.json:2:8: not JSON"],
    ['{ "a": 1, // one\n  "a": 2, }', "shop.json:2:3: `a`: is there twice: leave one out"],
    ['{ "url": "https://x//y", "text": "/* , ] */" ', "shop.json:1:46: not JSON"],
  ])("%j is refused where its fault is", (text, message) => {
    expect(fault(text, "shop.json")).toContain(message);
  });

  test("means the same with comments wherever there may be a blank", () => {
    fc.assert(
      fc.property(values, (value) => {
        const commented = JSON.stringify(value, null, 1).replaceAll("\n", " // , ] }\n/* [ */ ");
        expect(documentOf(commented, "any.json")).toEqual(value);
      }),
    );
  });
});

describe("YAML", () => {
  test("is read from a file that is named so, and from standard input", () => {
    const text = "# the shop\nid: shop\nnodes:\n  - id: web\n    port: 8080\n    tls: no\n";
    const shop = { id: "shop", nodes: [{ id: "web", port: 8080, tls: "no" }] };
    expect(documentOf(text, "shop.yaml")).toEqual(shop);
    expect(documentOf(text, "shop.YML")).toEqual(shop);
    expect(documentOf(text, "-")).toEqual(shop);
  });

  test.each([
    ["", "a.yaml:1:1: not YAML: it is empty"],
    ["a: 1\na: 2\n", "a.yaml:2:1: not YAML: Map keys must be unique"],
    ["a: [1, 2\n", "a.yaml:2:1: not YAML"],
    ["a: 1\nb: 9007199254740993\n", "a.yaml:2:4: not YAML: `9007199254740993` would be rounded"],
    ["a: .inf\n", "a.yaml:1:4: not YAML: `Infinity` is not a number that JSON has"],
    ["? [a, b]\n: 1\n", "a.yaml:1:3: not YAML: a key must be a text"],
    ["__proto__: {x: 1}\n", "a.yaml:1:1: not YAML: `__proto__` is a key that no object may have"],
    ["a: *b\n", "not YAML: Unresolved alias"],
    [`a: ${"[".repeat(70)}${"]".repeat(70)}\n`, "not YAML: it is nested deeper than 64 levels"],
    ["--- \na: 1\n---\nb: 1\n", "not YAML: Source contains multiple documents"],
  ])("%j is refused with what is wrong", (text, message) => {
    expect(fault(text, "a.yaml")).toContain(message);
  });

  test("aliases that multiply do not fill the memory", () => {
    const laughs = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [index, name] of [..."bcdefghi"].entries())
      laughs.push(`${name}: &${name} [${Array(10).fill(`*${"abcdefgh"[index]}`).join(", ")}]`);
    expect(fault(laughs.join("\n"), "a.yaml")).toContain("Excessive alias count");
  });

  test("a long text of several lines stays on one, also as a name", () => {
    const forged = `${"so ".repeat(40)}\n\nok    FORGED: yes\n`;
    const lines = yamlLines({ text: forged, [forged]: [forged] });
    expect(lines.filter((line) => /^\s*ok/.test(line))).toEqual([]);
    expect(lines).toHaveLength(3);
  });

  test("what is written as YAML is read as the same value, and each line of it is one line", () => {
    fc.assert(
      fc.property(values, (value) => {
        const lines = yamlLines({ value });
        expect(lines.every((line) => !/[\r\n]/.test(line))).toBe(true);
        expect(documentOf(lines.join("\n"), "any.yaml")).toEqual({ value });
      }),
    );
  });
});

describe("a graph's file", () => {
  const json = '{\n  // why\n  "id": "shop",\n  "nodes": [\n    { "id": "a" } // first\n  ]\n}\n';
  const yaml = "# why\nid: shop\nnodes:\n  - id: a # first\n";

  test.each([
    ["shop.json", json],
    ["shop.yaml", yaml],
  ])("%s keeps its comments when a value is set in it", (file, text) => {
    const pinned = withValue(file, text, ["pins"], { nixpkgs: "github:NixOS/nixpkgs/1" });
    const more = withValue(file, pinned, ["nodes", "end"], { id: "b" });
    const other = withValue(file, more, ["nodes", 1], { id: "c" });
    expect(other).toContain("why");
    expect(other).toContain("first");
    expect(documentOf(other, file)).toEqual({
      id: "shop",
      nodes: [{ id: "a" }, { id: "c" }],
      pins: { nixpkgs: "github:NixOS/nixpkgs/1" },
    });
  });

  test("is known to have comments, or to have none", () => {
    expect([hasComments("a.json", json), hasComments("a.yaml", yaml)]).toEqual([true, true]);
    expect([hasComments("a.json", '{"a": "// no"}'), hasComments("a.yaml", 'a: "# no"\n')]).toEqual([false, false]);
  });
});
