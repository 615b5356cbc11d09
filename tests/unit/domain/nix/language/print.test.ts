// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import { describe, expect, test } from "@jest/globals";
import {
  apply,
  attributes,
  binding,
  integer,
  interpolation,
  lambda,
  list,
  path,
  reference,
  string,
} from "../../../../../src/domain/nix/language/expression.ts";
import { print, printFile } from "../../../../../src/domain/nix/language/print.ts";
import { layouts } from "./layouts.ts";

describe("print", () => {
  test.each(layouts)("%s", (_, expression, text) => {
    expect(print(expression)).toBe(text);
  });

  test("escapes what has a meaning in a string", () => {
    expect(print(string("it's ${not} a ''nix'' string \n\"ok\""))).toBe(
      "\"it's \\${not} a ''nix'' string \\n\\\"ok\\\"\"",
    );
  });

  test.each([
    ["one line", "a"],
    ["only line breaks", "\n\n"],
    ["no line at the margin", "  a\n  b\n"],
    ["a line that ends with a blank", "a \nb\n"],
    ["a blank at the end", "a\n "],
    ["control characters", "a\r\nb\n"],
  ])("writes text between quotes that has %s", (_, text) => {
    expect(print(string(text))).toBe(JSON.stringify(text));
  });

  test("escapes a dollar before an interpolation, which would make it text", () => {
    const hello = reference("pkgs", "hello");
    expect(print(interpolation("$", hello, "/bin/hello"))).toBe('"\\$${pkgs.hello}/bin/hello"');
    expect(print(interpolation("a\n'$", hello, "'"))).toBe("''\n  a\n  ''\\'''$${pkgs.hello}''\\'''");
  });

  test("quotes attribute names that are no identifiers, and keywords", () => {
    expect(print(attributes([binding(["a", "in", "b.c", "d-e'"], integer(1))]))).toBe(
      '{\n  a."in"."b.c".d-e\' = 1;\n}',
    );
  });

  test("puts negative numbers and applications of a list in parentheses", () => {
    expect(print(list([integer(-1), apply(reference("f"), integer(-2))]))).toBe("[\n  (-1)\n  (f (-2))\n]");
  });

  test("applies to more operands what is an application already", () => {
    expect(print(apply(apply(reference("f"), integer(1)), integer(2)))).toBe("f 1 2");
    expect(print(apply(reference("f")))).toBe("f");
  });

  test("writes paths that a literal cannot hold as a sum", () => {
    expect([path("./hosts/a.nix"), path("/etc/x"), path("/a b"), path("../ü")].map(print)).toEqual([
      "./hosts/a.nix",
      "/etc/x",
      '/. + "/a b"',
      './. + "/../ü"',
    ]);
    expect(print(list([path("/a b")]))).toBe('[ (/. + "/a b") ]');
  });

  test("counts a line's characters, not its indentation", () => {
    const line = (length: number) => print(list([apply(reference("f"), integer(-1), string("😀".repeat(length)))]));
    expect(line(100 - '[ (f (-1) "") ]'.length).split("\n")).toHaveLength(1);
    expect(line(101 - '[ (f (-1) "") ]'.length).split("\n")).toHaveLength(3);
  });
});

describe("printFile", () => {
  test("writes a module", () => {
    expect(printFile(lambda(["config", "pkgs"], attributes([])))).toBe("{ config, pkgs, ... }: { }\n");
  });

  test("writes a comment above it, whatever its lines are", () => {
    expect(printFile(attributes([]), "Generated.\r\n\nDo not edit. ")).toBe("# Generated.\n#\n# Do not edit.\n{ }\n");
  });
});
