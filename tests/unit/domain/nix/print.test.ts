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
  strings,
} from "../../../../src/domain/nix/expression.ts";
import { print, printFile } from "../../../../src/domain/nix/print.ts";

describe("print", () => {
  test("escapes what has a meaning in a string", () => {
    expect(print(string("it's ${not} a ''nix'' string\n\"ok\""))).toBe(
      "\"it's \\${not} a ''nix'' string\\n\\\"ok\\\"\"",
    );
  });

  test("writes plain text of several lines as an indented string", () => {
    expect(print(attributes([binding("rules", string("one\n\n  two\n"))]))).toBe(
      "{\n  rules = ''\n    one\n\n      two\n  '';\n}",
    );
  });

  test("escapes a dollar before an interpolation, which would make it text", () => {
    expect(print(interpolation("$", reference("pkgs", "hello"), "/bin/hello"))).toBe('"\\$${pkgs.hello}/bin/hello"');
  });

  test("quotes attribute names that are no identifiers, and keywords", () => {
    expect(print(attributes([binding(["a", "in", "b.c", "d-e'"], integer(1))]))).toBe(
      '{\n  a."in"."b.c".d-e\' = 1;\n}',
    );
  });

  test("puts negative numbers and applications of a list in parentheses", () => {
    expect(print(list([integer(-1), apply(reference("f"), integer(-2))]))).toBe("[ (-1) (f (-2)) ]");
  });

  test("breaks long lists", () => {
    const words = Array.from({ length: 12 }, (_, index) => `long-word-${index}`);
    expect(print(strings(words)).split("\n")).toHaveLength(14);
  });

  test("writes paths that a literal cannot hold as a sum", () => {
    expect([path("./hosts/a.nix"), path("/etc/x"), path("/a b"), path("../ü")].map(print)).toEqual([
      "./hosts/a.nix",
      "/etc/x",
      '(/. + "/a b")',
      '(./. + "/../ü")',
    ]);
  });

  test("writes a comment on one line, whatever is in it", () => {
    const value = { ...binding("a", integer(1)), comment: "one\ntwo" };
    expect(print(attributes([value]))).toBe("{\n  # one two\n  a = 1;\n}");
  });

  test("writes a module", () => {
    expect(printFile(lambda(["config", "pkgs"], attributes([])))).toBe("{ config, pkgs, ... }:\n{ }\n");
  });
});
