import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { makeLive } from "../../../../src/interfaces/cli/live.ts";
import { makeOutput } from "../../../../src/interfaces/cli/output.ts";
import { moment } from "../../../../src/interfaces/cli/settings.ts";
import { agoText, documentLines, durationText, table } from "../../../../src/interfaces/cli/text.ts";
import { fakeHost } from "./harness.ts";

const outputOn = (
  terminal: boolean,
  settings: { json?: boolean; color?: boolean; env?: Record<string, string> } = {},
) => {
  const { host, written } = fakeHost({ terminal });
  const { json = false, color = true, env = {} } = settings;
  return { output: makeOutput({ stdout: host.stdout, stderr: host.stderr, json, color, env }), written };
};

describe("output", () => {
  test("with --json, stdout carries documents and nothing else", () => {
    const { output, written } = outputOn(true, { json: true });
    output.result("for people");
    output.note("a note");
    output.document({ a: 1 });
    expect(written).toEqual({ stdout: '{"a":1}\n', stderr: "a note\n" });
  });

  test.each([
    ["no terminal", false, {}],
    ["NO_COLOR", true, { env: { NO_COLOR: "1" } }],
    ["--no-color", true, { color: false }],
    ["a dumb terminal", true, { env: { TERM: "dumb" } }],
  ])("%s: no ANSI", (_, terminal, settings) => {
    expect(outputOn(terminal, settings).output.style("red", "text")).toBe("text");
  });

  test("colour on a terminal", () => {
    const { output, written } = outputOn(true);
    output.result(`a ${output.style("red", "text")}`);
    expect(written.stdout).toBe("a \u001b[31mtext\u001b[39m\n");
  });

  test.each([true, false])("what others wrote cannot draw, or make a line, on a terminal: %s", (terminal) => {
    const { output, written } = outputOn(terminal);
    output.result(["a\u001b[31mb\u0007c", "d\nok  forged"]);
    output.note("e\u202ef\u200b\u0085");
    expect(written).toEqual({ stdout: "a\\u001b[31mb\\u0007c\nd\\nok  forged\n", stderr: "e\\u202ef\\u200b\\u0085\n" });
  });

  test("nothing that can be written but styles of the program reaches a terminal", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.array(text), text, (lines, styled) => {
        const { output, written } = outputOn(true);
        output.result([...lines, output.style("bold", styled)]);
        const rest = written.stdout.replaceAll("\u001b[1m", "").replaceAll("\u001b[22m", "");
        expect(rest.split("\n")).toHaveLength(lines.length + 2);
        expect(rest.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  test("a document is the same value, without a character that a terminal acts on", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        const { output, written } = outputOn(false, { json: true });
        output.document(value);
        expect(JSON.stringify(JSON.parse(written.stdout))).toBe(JSON.stringify(value));
        expect(written.stdout).not.toMatch(
          /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069]/,
        );
      }),
    );
  });
});

describe("live progress", () => {
  test("is plain lines where there is no terminal", () => {
    const { output, written } = outputOn(false);
    const live = makeLive(output, () => 0);
    live.status("voting");
    live.line("ann votes approve");
    live.end();
    expect(written.stderr).toBe("ann votes approve\n");
  });

  test("redraws its status on a terminal, and leaves only the lines", () => {
    const { output, written } = outputOn(true);
    const live = makeLive(output, () => 0);
    live.status("voting");
    live.line("ann votes approve");
    live.end();
    expect(written.stderr).toContain("voting");
    expect(written.stderr.endsWith("\r\u001b[2K")).toBe(true);
  });

  test("never draws with --json", () => {
    const { output, written } = outputOn(true, { json: true });
    const live = makeLive(output, () => 0);
    live.status("voting");
    live.end();
    expect(written.stderr).toBe("");
  });
});

describe("text for people", () => {
  test("columns are as wide as their widest cell", () => {
    expect(
      table(
        ["ID", "STATUS"],
        [
          ["web", "online"],
          ["long-name", "away"],
        ],
      ),
    ).toEqual(["ID         STATUS", "web        online", "long-name  away"]);
  });

  test("a document is YAML, a field a line, with nothing in it that begins a line of its own", () => {
    const document = {
      id: "a",
      one: ["x"],
      inner: { b: 1 },
      many: [{ c: null }],
      none: [],
      text: "so\n  id: b\u001b[2J",
    };
    expect(documentLines(document, "  ")).toEqual([
      "  id: a",
      "  one:",
      "    - x",
      "  inner:",
      "    b: 1",
      "  many:",
      "    - c: null",
      "  none: []",
      '  text: "so\\n  id: b\\e[2J"',
    ]);
  });

  test.each([
    ["2026-11-23T11:59:48.000Z", "12 s ago"],
    ["2026-11-23T11:55:00.000Z", "5 min ago"],
    ["2026-11-22T11:00:00.000Z", "1 d ago"],
    ["2026-11-23T12:00:51.000Z", "in 51 s"],
    ["2026-11-23T12:00:00.000Z", "0 s ago"],
  ])("%s is %s", (moment, text) => {
    expect(agoText(moment, Date.parse("2026-11-23T12:00:00.000Z"))).toBe(text);
  });

  test.each([
    [85, "85 ms"],
    [1234, "1.2 s"],
    [125_000, "2 min 5 s"],
  ])("%d ms is %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  test("a moment is a date, a time, or how long ago", () => {
    const now = Date.parse("2026-11-23T12:00:00.000Z");
    expect(moment("10m", now)).toBe("2026-11-23T11:50:00.000Z");
    expect(moment("2026-11-23", now)).toBe("2026-11-23T00:00:00.000Z");
    expect(moment("2026-11-23T10:00:00+02:00", now)).toBe("2026-11-23T08:00:00.000Z");
    for (const text of ["yesterday", "5", "2026-13-01", "10 m"]) expect(() => moment(text, now)).toThrow("a moment");
  });
});

test("a terminal gets lines that fit it, broken between words, the rest behind a bar; a pipe gets them whole", () => {
  const line = `  ada found this: ${"word ".repeat(30).trim()}`;
  const written = (isTTY: boolean): ReadonlyArray<string> => {
    let text = "";
    const sink = { isTTY, columns: 40, write: (more: string) => (text += more) };
    makeOutput({ stdout: sink, stderr: sink, json: false, color: false, env: {} }).result(line);
    return text.trimEnd().split("\n");
  };
  expect(written(false)).toEqual([line]);
  const lines = written(true);
  expect(lines.every((piece) => piece.length <= 40)).toBe(true);
  expect(lines.slice(1).every((piece) => piece.startsWith("    │ word"))).toBe(true);
  expect(lines.map((piece) => piece.replace(/^ *│ /u, "").trim()).join(" ")).toBe(line.trim());
});
