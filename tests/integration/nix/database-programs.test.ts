import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runProgram } from "./run-program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cim-copies-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const keep = (...command: ReadonlyArray<string>) => runProgram("keepCopies", [folder, "shop", "sql", "2", ...command]);

test("backups keep what a command prints, and the newest copies of that name", () => {
  for (const name of ["shop.20200101T000000Z.sql.gz", "shop.20210101T000000Z.sql.gz", "shop-2.20200101T000000Z.sql.gz"])
    writeFileSync(join(folder, name), "");
  keep("printf", "%s", "a b");
  const [other, old, copy, ...more] = readdirSync(folder).sort();
  expect([other, old, more]).toEqual(["shop-2.20200101T000000Z.sql.gz", "shop.20210101T000000Z.sql.gz", []]);
  expect(gunzipSync(readFileSync(join(folder, String(copy)))).toString()).toBe("a b");
});

test("a command that fails leaves the copies as they are", () => {
  writeFileSync(join(folder, "shop.20200101T000000Z.sql.gz"), "");
  expect(() => keep("false")).toThrow();
  expect(readdirSync(folder).filter((name) => !name.startsWith("."))).toEqual(["shop.20200101T000000Z.sql.gz"]);
});
