import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { printFile } from "../../../../../src/domain/nix/language/print.ts";
import {
  type Program,
  programFiles,
  programs,
  programsExpression,
} from "../../../../../src/domain/nix/unit/programs.ts";

const table: ReadonlyArray<Program> = Object.values(programs);
const texts = Object.entries(programFiles);

test("every program has a file, and every file belongs to a program", () => {
  const files = table.flatMap(({ name, script }) => [`${name}.sh`, ...(script === undefined ? [] : [script])]);
  expect(Object.keys(programFiles).sort()).toEqual(files.map((file) => `programs/${file}`).sort());
});

test("a program and the script in it say so of each other", () => {
  for (const { name, script } of table) {
    const [, wanted] = /^@(.*)@$/m.exec(programFiles[`programs/${name}.sh`] ?? "") ?? [];
    expect([name, wanted]).toEqual([name, script]);
  }
});

test.each(texts)("%s begins with its name and what it prevents, in lines of at most 120 characters", (file, text) => {
  const [, head = ""] = /^((?:(?:#|\/\/) .*\n)+)/.exec(text) ?? [];
  if (file.endsWith(".sh")) expect(`programs/${/^# (\S+)/.exec(head)?.[1]}.sh`).toBe(file);
  expect(head).toMatch(/^(?:#|\/\/) Prevents /m);
  expect(text.split("\n").filter((line) => line.length > 120 || line.includes("\t"))).toEqual([]);
});

test.each(texts.filter(([file]) => file.endsWith(".sh")))("bash can read %s", (_, text) => {
  expect(spawnSync("bash", ["-n"], { input: text, encoding: "utf8" }).stderr).toBe("");
});

test("the flake reads the programs from their files", () => {
  const text = printFile(programsExpression);
  const read = [...text.matchAll(/builtins\.readFile \.\.\/(programs\/[^;)\s]+)/g)].map(([, file]) => file);
  expect(read.sort()).toEqual(Object.keys(programFiles).sort());
});
