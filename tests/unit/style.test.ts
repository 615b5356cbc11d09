import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cim-style-"));
  const plugins = [join(root, ".biome/spreads.grit")];
  await writeFile(join(directory, "biome.json"), JSON.stringify({ plugins, linter: { rules: { preset: "none" } } }));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Returns the numbers of the lines in which the lint rule finds a needless spread. */
const found = async (lines: ReadonlyArray<string>): Promise<ReadonlyArray<number>> => {
  await writeFile(join(directory, "planted.ts"), lines.join("\n"));
  const { stdout } = await run(join(root, "node_modules/.bin/biome"), ["lint", "--reporter=github", "planted.ts"], {
    cwd: directory,
  }).catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  return [...stdout.matchAll(/title=plugin,[^\n]*?line=(\d+),/g)].map(([, line]) => Number(line));
};

test("spreads that add a field if it has a value, and spreads of literals, are found", async () => {
  const planted = [
    "export const a = { ...(x === undefined ? {} : { x }) };",
    "export const b = { ...(x !== undefined ? { y: x } : {}) };",
    "export const c = { ...(x && { x }) };",
    "export const d = { ...{ x, y }, z };",
    'export const e = [...["x", "y"], z];',
  ];
  expect(await found(planted)).toEqual(planted.map((_, index) => index + 1));
});

test("other spreads are left alone", async () => {
  const good = [
    "export const a = { ...defined({ x }), ...y };",
    "export const b = { ...(x ?? { y }) };",
    "export const c = { ...(x === undefined ? y : z) };",
    "export const d = [...(x === undefined ? [] : [x])];",
  ];
  expect(await found(good)).toEqual([]);
});
