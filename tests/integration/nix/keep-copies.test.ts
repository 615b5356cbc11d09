import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { runProgram } from "./run-program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cim-copies-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const keep = (...command: ReadonlyArray<string>) => runProgram("keepCopies", [folder, "shop", "sql", "2", ...command]);
const copy = (stamp: string, text: string, name = "shop") =>
  writeFileSync(join(folder, `${name}.${stamp}.sql.gz`), gzipSync(text));
const names = () => readdirSync(folder).sort();
const stampsOf = () => names().map((file) => file.split(".")[1]);

const rows = "CREATE TABLE orders (id int);\nCOPY public.orders (id) FROM stdin;\n1\n2\n\\.\n";
const noRows =
  "CREATE TABLE orders (id int);\nCOPY public.orders (id) FROM stdin;\n\\.\n-- a comment that makes it longer\n";

describe("copies of a database", () => {
  test("have what a command prints; the oldest of that name go", () => {
    copy("20200101T000000Z", rows);
    copy("20210101T000000Z", rows);
    copy("20200101T000000Z", rows, "shop-2");
    keep("printf", "%s", rows);
    const [other, old, made, ...more] = names();
    expect([other, old, more]).toEqual(["shop-2.20200101T000000Z.sql.gz", "shop.20210101T000000Z.sql.gz", []]);
    expect(gunzipSync(readFileSync(join(folder, String(made)))).toString()).toBe(rows);
  });

  test("stay as they are if the command fails or prints nothing", () => {
    copy("20200101T000000Z", rows);
    expect(() => keep("false")).toThrow();
    expect(() => keep("true")).toThrow(/is empty/);
    expect(names().filter((name) => !name.startsWith("."))).toEqual(["shop.20200101T000000Z.sql.gz"]);
  });

  test("keep the newest one with rows, however many without come after it", () => {
    copy("20200101T000000Z", rows);
    copy("20200102T000000Z", rows);
    for (const day of ["03", "04", "05"]) copy(`202001${day}T000000Z`, noRows);
    keep("printf", "%s", noRows);
    expect(stampsOf().slice(0, -1)).toEqual(["20200102T000000Z", "20200105T000000Z"]);
  });

  test("keep the newest one that is not much smaller than the largest", () => {
    const large = Array.from({ length: 3000 }, (_, at) => `${at * 7919}\n`).join("");
    copy("20200101T000000Z", rows.replace("1\n", large));
    for (const day of ["03", "04"]) copy(`202001${day}T000000Z`, rows);
    keep("printf", "%s", rows);
    expect(stampsOf().slice(0, -1)).toEqual(["20200101T000000Z", "20200104T000000Z"]);
  });

  test("are kept for as many days as there are copies, one a day, also if they come every minute", () => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10).replaceAll("-", "");
    for (const minute of ["01", "02", "03", "04"]) copy(`${yesterday}T00${minute}00Z`, rows);
    const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    for (const second of ["00", "01", "02"]) copy(`${today}T0000${second}Z`, rows);
    keep("printf", "%s", rows);
    expect(stampsOf().slice(0, -1)).toEqual([`${yesterday}T000400Z`, `${today}T000002Z`]);
  });
});

describe("copies on another disk", () => {
  let elsewhere: string;
  beforeEach(() => {
    elsewhere = mkdtempSync("/dev/shm/cim-copies-");
  });
  afterEach(() => rmSync(elsewhere, { recursive: true }));
  const copyElsewhere = (target = elsewhere) => runProgram("copyElsewhere", [folder, target]);

  test("are those of the backup; what it has no more goes after its time, but never the newest", () => {
    copy("20260101T000000Z", rows);
    copyElsewhere();
    expect(readdirSync(elsewhere)).toEqual(names());
    const long = new Date(Date.now() - 90 * 86_400_000);
    for (const file of ["gone.1.sql.gz", ...names()]) {
      writeFileSync(join(elsewhere, file), "");
      utimesSync(join(elsewhere, file), long, long);
    }
    copyElsewhere();
    expect(readdirSync(elsewhere)).toEqual(names());
    for (const file of names()) rmSync(join(folder, file));
    copyElsewhere();
    expect(readdirSync(elsewhere)).toHaveLength(1);
  });

  test("are refused on the same disk", () => {
    expect(() => copyElsewhere(join(folder, "there"))).toThrow("mount another one there");
  });
});
