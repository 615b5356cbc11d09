// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import fc from "fast-check";
import {
  apply,
  attributes,
  binding,
  boolean,
  concat,
  type Expression,
  fn,
  inherited,
  integer,
  interpolation,
  lambda,
  letIn,
  list,
  merge,
  nil,
  reference,
  string,
} from "../../../src/domain/nix/language/expression.ts";

/** Strings made of what has a meaning in Nix, next to any Unicode; NUL is refused before it gets here. */
export const hostile = fc.oneof(
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
    .chain((lines) => fc.constantFrom(lines.join("\n"), `${lines.join("\n")}\n`)),
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
);

/** A tree and the JSON of its value. */
export type Sample = readonly [Expression, unknown];

type List = readonly [Expression, ReadonlyArray<unknown>];

type Attributes = readonly [Expression, Readonly<Record<string, unknown>>];

/** What may stand above a binding. */
const spacing = fc.record(
  { comment: fc.oneof(hostile, fc.constant("a comment ".repeat(20))), blankBefore: fc.constant<true>(true) },
  { requiredKeys: [] },
);

const { sample } = fc.letrec<{ sample: Sample; leaf: Sample; items: List; record: Attributes; computed: Sample }>(
  (tie) => ({
    sample: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("items"), tie("record"), tie("computed")),
    leaf: fc.oneof(
      hostile.map((value): Sample => [string(value), value]),
      fc.maxSafeInteger().map((value): Sample => [integer(value), value]),
      fc.boolean().map((value): Sample => [boolean(value), value]),
      fc.constant<Sample>([nil, null]),
      fc
        .tuple(hostile, fc.oneof(hostile, fc.constant("a long text ".repeat(10))), hostile)
        .chain(([before, text, after]) =>
          fc
            .constantFrom(
              string(text),
              apply(reference("toString"), string(text)),
              letIn([binding("x", string(text))], reference("x")),
            )
            .map((expression): Sample => [interpolation(before, expression, after), before + text + after]),
        ),
    ),
    items: fc.oneof(
      fc
        .array(tie("sample"), { maxLength: 6 })
        .map((items): List => [list(items.map(([item]) => item)), items.map(([, value]) => value)]),
      fc
        .tuple(tie("items"), tie("items"))
        .map(([left, right]): List => [concat(left[0], right[0]), [...left[1], ...right[1]]]),
    ),
    record: fc.oneof(
      fc.dictionary(hostile, fc.tuple(tie("sample"), spacing), { maxKeys: 5 }).map((record): Attributes => {
        // Nix gives these names a meaning when it writes JSON.
        const members = Object.entries(record).filter(([name]) => !["outPath", "__toString"].includes(name));
        return [
          attributes(members.map(([name, [[value], above]]) => ({ ...binding([name], value), ...above }))),
          Object.fromEntries(members.map(([name, [[, value]]]) => [name, value])),
        ];
      }),
      fc
        .tuple(tie("record"), tie("record"))
        .map(([left, right]): Attributes => [merge(left[0], right[0]), { ...left[1], ...right[1] }]),
      fc
        .tuple(tie("sample"), spacing)
        .map(
          ([[expression, value], above]): Attributes => [
            letIn([binding("x", expression)], attributes([binding("a", nil), { ...inherited(["x"]), ...above }])),
            { a: null, x: value },
          ],
        ),
    ),
    computed: tie("sample").chain(([expression, value]) =>
      fc.constantFrom<Sample>(
        [letIn([binding("x", expression)], reference("x")), value],
        [letIn([binding("x", attributes([binding(["in", "a b"], expression)]))], reference("x", "in", "a b")), value],
        [
          letIn([inherited(["x", "in"], attributes([binding("x", expression), binding("in", nil)]))], reference("x")),
          value,
        ],
        [apply(lambda(["x"], reference("x")), attributes([binding("x", expression)])), value],
        [apply(lambda([], expression), attributes([binding("x", nil)])), value],
        [apply(fn("x", fn("y", reference("y"))), nil, expression), value],
        [apply(fn("x", list([reference("x")])), expression), [value]],
        [apply(reference("builtins", "head"), list([expression])), value],
      ),
    ),
  }),
);

/** Trees of every kind of node but paths, and their values. */
export const samples: fc.Arbitrary<Sample> = sample;
