import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import type { NewCommit } from "../../../../../src/application/ports/mod.ts";
import { CommitLine, EndLine, ForeignLine } from "../../../../../src/contract/exported-log.ts";
import {
  endLineOf,
  lineDigest,
  lineOf,
  logMessageOf,
  type RawMessage,
} from "../../../../../src/infrastructure/nats/backup/line.ts";
import { readLogFile } from "../../../../../src/infrastructure/nats/backup/log-file.ts";
import { fitting } from "../../../../support/memory.ts";

const commit = (id: string, note: string): NewCommit =>
  fitting({
    aggregate: "task",
    id,
    firstVersion: 1,
    command: "submit",
    commandId: `c-${id}`,
    actor: "ada",
    time: "2026-11-30T09:00:00.000Z",
    correlationId: "c",
    events: [{ type: "task-submitted", schemaVersion: 1, data: { note }, cid: "" }],
  });

/** What a log may have: commits, and what other programs wrote. */
const messages: ReadonlyArray<RawMessage> = [
  JSON.stringify(commit("t-1", 'a quote " and ,"data": inside')),
  JSON.stringify(commit("t-2", "a break\nand ö, \u2028, \u{1f600}")),
  // Written by another program: with spaces, with a line break, not JSON, not UTF-8, empty.
  JSON.stringify(commit("t-3", "x")).replaceAll(":", " : "),
  JSON.stringify(commit("t-4", "x"), undefined, 1),
  "hello",
  new Uint8Array([0xff, 0xfe, 0x0a]),
  "",
].map((data, index) => ({ position: index + 1, subject: `task.t-${index + 1}`, data: Buffer.from(data) }));

const textOf = (some: ReadonlyArray<RawMessage>): string => {
  const digest = lineDigest();
  const lines = some.map((message) => lineOf(message, "/cim"));
  for (const line of lines) digest.add(line);
  const from = some[0]?.position ?? 1;
  const end = { source: "/cim", from, to: from + some.length - 1, digest: digest.digest() };
  return `${lines.join("")}${endLineOf(end)}`;
};

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-log-file-"));
  file = join(folder, "log.jsonl");
});
afterAll(() => rm(folder, { recursive: true }));

const readAll = async (content: string | Uint8Array): Promise<ReadonlyArray<RawMessage>> => {
  await writeFile(file, content);
  const read: Array<RawMessage> = [];
  for await (const message of readLogFile(file)) read.push(message);
  return read;
};

describe("a log as a file", () => {
  test("has the same bytes at the same positions when it is read", async () => {
    const read = await readAll(textOf(messages));
    expect(read.map(({ position, subject, data }) => [position, subject, Buffer.from(data).toString("hex")])).toEqual(
      messages.map(({ position, subject, data }) => [position, subject, Buffer.from(data).toString("hex")]),
    );
    const kinds = read.map((message) => logMessageOf(message).kind);
    expect(kinds.join(" ")).toBe("commit commit commit commit foreign foreign foreign");
  });

  test("is JSON Lines of CloudEvents, with the commit as its data", async () => {
    const [first, , , broken, foreign] = textOf(messages)
      .split("\n")
      .map((line) => (line === "" ? {} : JSON.parse(line)));
    expect(first).toMatchObject({
      specversion: "1.0",
      id: "log.1",
      source: "/cim",
      type: "cim.commit.v1",
      subject: "task.t-1",
      time: "2026-11-30T09:00:00.000Z",
      sequence: "1",
      data: JSON.parse(Buffer.from(messages[0]?.data ?? "").toString()),
    });
    const lines = textOf(messages)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.every(Schema.is(Schema.Union([CommitLine, ForeignLine, EndLine])))).toBe(true);
    expect([broken.type, foreign.type]).toEqual(["cim.foreign.v1", "cim.foreign.v1"]);
  });

  test("may be empty, or a part", async () => {
    expect(await readAll(textOf([]))).toEqual([]);
    expect(await readAll(textOf(messages.slice(2)))).toHaveLength(messages.length - 2);
  });

  test("is refused if any byte of it is another, and the line is named", async () => {
    const whole = Buffer.from(textOf(messages));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ mask;
        const line = whole.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
        const failure = await readAll(flipped).then(() => "none", String);
        expect(failure).toMatch(/^FileDamaged: .*log\.jsonl/);
        // The last line break may be lost without harm to a line: the one before it is then the last that was read.
        if (at === whole.length - 1) return;
        // The first line says of which installation the log is: if that is another name, the second is the first misfit.
        const named = line === 1 && failure.includes("it is of the installation") ? 2 : line;
        expect(failure).toMatch(new RegExp(`line ${named}\\b`));
      }),
      { numRuns: 400 },
    );
  });

  test("is refused if it ends too early, wherever", async () => {
    const whole = Buffer.from(textOf(messages));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 2), async (length) => {
        await expect(readAll(whole.subarray(0, length))).rejects.toThrow(/cut off|not a line|another/);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["swapped", [0, 2, 1, 3, 4, 5, 6, 7], "line 2: it is position 3, and 2 should follow"],
    ["missing", [0, 1, 3, 4, 5, 6, 7], "line 3: it is position 4, and 3 should follow"],
    ["twice", [0, 1, 1, 2, 3, 4, 5, 6, 7], "line 3: it is position 2, and 3 should follow"],
    ["missing at the beginning", [1, 2, 3, 4, 5, 6, 7], "line 7: the export has the positions 1 to 7"],
    ["missing at the end", [0, 1, 2, 3, 4, 5, 7], "line 7: the export has the positions 1 to 7"],
    ["after the end", [0, 1, 2, 3, 4, 5, 6, 7, 0], "line 9: it comes after the last line"],
  ])("is refused if a line is %s", async (_, order, message) => {
    const lines = textOf(messages).split("\n");
    await expect(readAll(order.map((index) => `${lines[index]}\n`).join(""))).rejects.toThrow(message);
  });

  test("is refused if a line is of another log with the same number", async () => {
    const lines = textOf(messages).split("\n");
    const other = lineOf(
      { position: 2, subject: "task.t-2", data: Buffer.from(JSON.stringify(commit("t-2", "y"))) },
      "/cim",
    );
    lines[1] = other.trimEnd();
    await expect(readAll(lines.join("\n"))).rejects.toThrow("line 8: the lines before it are not those of the export");
  });

  test("is refused at a line that is not ours, such as one of another file", async () => {
    for (const line of ["{}", "null", "x", '{"type":"cim.log-end.v1"}'])
      await expect(readAll(`${line}\n`)).rejects.toThrow(
        "line 1: it is not a line of an exported log: use another copy",
      );
    await expect(readAll(await readFile(import.meta.filename))).rejects.toThrow("line 1: it is not a line");
  });
});
