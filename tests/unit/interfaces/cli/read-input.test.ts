import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseJson, readDocument } from "../../../../src/interfaces/cli/read-input.ts";
import { fakeHost } from "./harness.ts";

const fault = (text: string): string => {
  try {
    parseJson(text, "file");
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe("JSON that people wrote", () => {
  test.each([
    ["", "file:1:1: not JSON: it is empty"],
    ["{\n", "file:2:1: not JSON: Expected property name"],
    ['{\n  "a": 1\n  "b": 2\n}', "file:3:3: not JSON: Expected ',' or '}'"],
    ['{\n  // why\n  "a": 1\n}', "file:2:3: not JSON: Expected property name"],
    ['{"a": {"__proto__": 1}}', "file:1:8: `a.__proto__`: is a key that no object may have"],
    ['{"a": tru}', "file:1:10: not JSON: Unexpected token '}'"],
    ["[1,\n 2,\n nope]", "file:3:3: not JSON: Unexpected token 'o'"],
    ['{"a": "x}\n', "file:1:10: not JSON: Bad control character"],
    ["[1, 2", "file:1:6: not JSON"],
    ['{\n  "a": 1,\n  "a": 2\n}', "file:3:3: `a`: is there twice: leave one out"],
    ['{"a": [1,\n 9007199254740993]}', "file:2:2: `a.1`: `9007199254740993` would be rounded"],
    ['{"a": 1e400, "b": "\\ud800"}', "file:1:7: `a`: `1e400` is larger than any number can be (and 1 more)"],
  ])("%j is reported at its place", (text, message) => {
    expect(fault(text)).toContain(message);
  });

  test("whatever JSON there is, is read", () => {
    fc.assert(
      fc.property(
        fc.jsonValue().map((value) => JSON.stringify(value)),
        (text) => {
          // The one key that no object may have.
          fc.pre(!text.includes('"__proto__":'));
          expect(parseJson(`\ufeff${text}`, "file")).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test("a stray character is found wherever it stands between two members", () => {
    const document = '{\n  "a": [1, 2],\n  "b": {"c": null}\n}';
    for (let at = 0; at < document.length; at++) {
      if (document[at] !== ",") continue;
      const broken = `${document.slice(0, at)}#${document.slice(at)}`;
      const before = broken.slice(0, at).split("\n");
      expect(fault(broken)).toContain(`file:${before.length}:${(before.at(-1)?.length ?? 0) + 1}:`);
    }
  });
});

describe("files", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cim-cli-"));
    await writeFile(join(folder, "latin1.json"), Uint8Array.of(0x22, 0xe9, 0x22));
    await writeFile(join(folder, "good.json"), '{"a": 1}');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("a file, or standard input as -, is read", async () => {
    expect(await readDocument(fakeHost().host, join(folder, "good.json"))).toEqual({ a: 1 });
    expect(await readDocument(fakeHost({ stdin: "[2]" }).host, "-")).toEqual([2]);
  });

  test.each([
    ["nowhere.json", "there is no such file"],
    ["", "is a directory"],
    ["latin1.json", "is not UTF-8 text"],
    ["good.json/x", "there is no such file"],
  ])("%s cannot be read: %s", async (name, message) => {
    await expect(readDocument(fakeHost().host, join(folder, name))).rejects.toThrow(message);
  });
});
