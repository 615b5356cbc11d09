import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { programs } from "../../../src/domain/nix/unit/programs.ts";
import { describeWith } from "../../support/installed.ts";
import { runProgram } from "./run-program.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cim-monitor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** Runs a program with the folder as that of its credentials; returns what it has written. */
const run = (name: keyof typeof programs, ...args: ReadonlyArray<string>): string => {
  const file = join(folder, "written");
  expect(runProgram(name, [file, ...args], { CREDENTIALS_DIRECTORY: folder })).toBe("");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  return readFileSync(file, "utf8");
};

describeWith("jq")("the passwords of Redis servers", () => {
  test("are written for their exporter, whatever they are", () => {
    const password = fc.string({ unit: "binary" }).filter((text) => !/\0|\n$/.test(text) && text !== "");
    fc.assert(
      fc.property(password, fc.webUrl(), (text, uri) => {
        write("password-0", `${text}\n`);
        expect(JSON.parse(run("redisExporter", uri, "password-0"))).toEqual({ [uri]: text });
      }),
      { numRuns: 25 },
    );
  });

  test("are those of servers that have one", () => {
    write("password-0", "\n");
    expect(JSON.parse(run("redisExporter", "redis://a", "password-0"))).toEqual({});
    write("password-1", "b");
    write("password-2", "c\n\nd\n\n");
    const servers = ["redis://a", "password-0", "redis://b", "password-1", "redis://c", "password-2"];
    expect(JSON.parse(run("redisExporter", ...servers))).toEqual({ "redis://b": "b", "redis://c": "c\n\nd" });
  });

  test("are not written without those that were to be there", () => {
    expect(() => run("redisExporter", "redis://a", "password-0")).toThrow();
  });
});

describe("the password of an exporter", () => {
  test("is made up once", () => {
    const made = run("monitorPassword");
    expect(made).toMatch(/^[0-9a-f]{64}\n$/);
    expect(run("monitorPassword")).toBe(made);
    rmSync(join(folder, "written"));
    expect(run("monitorPassword")).not.toBe(made);
  });

  test("is the same wherever the key is, which it does not tell", () => {
    const made = run("monitorPassword", write("key", "c2VjcmV0\nc2VjcmV0\n"));
    expect(made).toMatch(/^[0-9a-f]{64}\n$/);
    expect(run("monitorPassword", write("key", "c2VjcmV0c2VjcmV0"))).toBe(made);
    expect(run("monitorPassword", write("key", "c2VjcmV0c2VjcmV1"))).not.toBe(made);
  });

  test("does not come of no key", () => {
    expect(() => run("monitorPassword", write("key", " \n"))).toThrow("the key is empty");
    expect(() => run("monitorPassword", join(folder, "none"))).toThrow("No such file");
  });

  test("is a variable for that of MongoDB", () => {
    write("password", "0a1b\n");
    expect(run("mongodbExporter")).toBe("MONGODB_PASSWORD=0a1b\n");
  });
});
