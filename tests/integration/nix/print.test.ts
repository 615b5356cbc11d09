// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  apply,
  attributes,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  lambda,
  letIn,
  list,
  nil,
  reference,
  string,
  strings,
} from "../../../src/domain/nix/expression.ts";
import { print } from "../../../src/domain/nix/print.ts";
import { describeWithNix, evaluate } from "./nix.ts";

/** Strings made of what has a meaning in Nix, next to any Unicode; NUL is refused before it gets here. */
const hostile = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ..."$ ${ } '' ' \" \\ \\n $$ $${ ''${ ''$ '''' ''\\ @ % # /* */ # \u2028 – ü 😀 \u0001 \u007f".split(" "),
        "\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "  a\n",
        "b\n",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
  fc
    .array(fc.constantFrom("a", "b c", "  indented", "", " ", "$a", "$(b)", "$", "$$", "'", "'$", "\\", '"', "$'"), {
      minLength: 1,
      maxLength: 6,
    })
    .map((lines) => `${lines.join("\n")}\n`),
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
);

/** A tree and the JSON of its value. */
type Sample = readonly [Expression, unknown];

const { tree } = fc.letrec<{ tree: Sample; leaf: Sample; items: Sample; record: Sample; computed: Sample }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("items"), tie("record"), tie("computed")),
  leaf: fc.oneof(
    hostile.map((value): Sample => [string(value), value]),
    fc.maxSafeInteger().map((value): Sample => [integer(value), value]),
    fc.boolean().map((value): Sample => [boolean(value), value]),
    fc.constant<Sample>([nil, null]),
  ),
  items: fc
    .array(tie("tree"), { maxLength: 6 })
    .map((items): Sample => [list(items.map(([item]) => item)), items.map(([, value]) => value)]),
  record: fc.dictionary(hostile, tie("tree"), { maxKeys: 5 }).map((record): Sample => {
    // Nix gives these names a meaning when it writes JSON.
    const members = Object.entries(record).filter(([name]) => !["outPath", "__toString"].includes(name));
    return [
      attributes(members.map(([name, [value]]) => binding([name], value))),
      Object.fromEntries(members.map(([name, [, value]]) => [name, value])),
    ];
  }),
  computed: tie("tree").chain(([expression, value]) =>
    fc.constantFrom<Sample>(
      [letIn([binding("x", expression)], reference("x")), value],
      [letIn([binding("x", attributes([binding(["in", "a b"], expression)]))], reference("x", "in", "a b")), value],
      [apply(lambda(["x"], reference("x")), attributes([binding("x", expression)])), value],
      [apply(reference("builtins", "head"), list([expression])), value],
    ),
  ),
}));

describeWithNix("the printed text, read by Nix", () => {
  test("is exactly the string it was printed from", () => {
    const texts = fc.sample(hostile, { numRuns: 5000, seed: 1 });
    expect(evaluate(print(strings(texts)))).toEqual(texts);
  });

  test("is the tree it was printed from: precedence, negative numbers, names that need quotes", () => {
    const samples = fc.sample(tree, { numRuns: 1500, seed: 2 });
    expect(evaluate(print(list(samples.map(([expression]) => expression))))).toEqual(samples.map(([, value]) => value));
  });

  test("keeps the text around an interpolated expression as it is", () => {
    const texts = fc.sample(fc.tuple(hostile, hostile), { numRuns: 1000, seed: 3 });
    const expressions = texts.map(([before, after]) => interpolation(before, string("<x>"), after));
    expect(evaluate(print(list(expressions)))).toEqual(texts.map(([before, after]) => `${before}<x>${after}`));
  });
});
