import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { treeLines } from "../../../../src/interfaces/cli/text.ts";

describe("a tree", () => {
  test("stands further right branch by branch", () => {
    const branches = [{ text: "a", below: [{ text: "b", below: [{ text: "c" }] }, { text: "d" }] }, { text: "e" }];
    expect(treeLines(branches)).toEqual(["a", "  b", "    c", "  d", "e"]);
  });

  test("is 120 wide where its words allow, and keeps every word", () => {
    const word = fc.stringMatching(/^[a-z\u{1F600}]{1,40}$/u);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
        const lines = treeLines([{ text: "top", below: [{ text: words.join(" ") }] }]).slice(1);
        expect(lines.every((line) => [...line].length <= 120)).toBe(true);
        expect(lines.map((line) => line.trim()).join(" ")).toBe(words.join(" "));
      }),
    );
  });

  test("lets no text draw on the terminal or leave its place", () => {
    expect(treeLines([{ text: "ann\u001b[2J says\nso" }])).toEqual(["ann\\u001b[2J says so"]);
  });
});
