import { asBackend, withClient } from "../connection.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import type { Output } from "../output.ts";
import type { Check, Finding } from "./check.ts";
import type { Facts } from "./facts.ts";
import { lookAt } from "./look.ts";
import { type LookOptions, lookOutside } from "./outside-of.ts";
import { certificates, disk, durability, server, settings, streams } from "./server-checks.ts";
import { backends, clocks, consumers, httpPort, lag, lease, log, parked } from "./work-checks.ts";

/** Every check, in the order in which it is shown. */
export const checks: ReadonlyArray<Check> = [
  server,
  settings,
  durability,
  log,
  streams,
  backends,
  lease,
  lag,
  parked,
  consumers,
  clocks,
  disk,
  certificates,
  httpPort,
];

/** What a check came to. `well`: nothing but notes. */
export interface Result {
  readonly check: string;
  readonly level: "well" | Finding["level"];
  readonly what: string;
  readonly findings: ReadonlyArray<Finding>;
}

const worst: ReadonlyArray<Finding["level"]> = ["wrong", "unknown", "note"];

const resultOf = ({ name, look, well }: Check, facts: Facts): Result => {
  const findings = look(facts);
  const level = worst.find((one) => findings.some((finding) => finding.level === one)) ?? "well";
  return { check: name, level, what: findings.length === 0 ? well(facts) : (findings[0]?.what ?? ""), findings };
};

/** Checks everything. */
export const diagnose = (facts: Facts): ReadonlyArray<Result> => checks.map((check) => resultOf(check, facts));

const styles = { well: "green", note: "dim", unknown: "yellow", wrong: "red" } as const;
const marks = { well: "well", note: "note", unknown: "?", wrong: "WRONG" } as const;
const [markWidth, nameWidth] = [5, 12];

/** Breaks a text into lines of a width. */
const broken = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** The lines of a result for people. */
export const resultLines = (
  { check, level, what, findings }: Result,
  { style, columns }: Pick<Output, "style" | "columns">,
): ReadonlyArray<string> => {
  const indent = " ".repeat(markWidth + nameWidth + 2);
  const width = Math.max(20, columns - indent.length);
  const texts =
    level === "well"
      ? broken(what, width)
      : findings.flatMap((finding) => [
          ...broken(finding.what, width),
          ...broken(`-> ${finding.remedy}`, width - 2).map((line) => `  ${line}`),
        ]);
  const head = `${style(styles[level], marks[level].padEnd(markWidth))} ${check.padEnd(nameWidth)} `;
  return texts.map((text, index) => (index === 0 ? `${head}${text}` : `${indent}${text}`));
};

/** Looks at a running installation, and says what is wrong and what to do. */
export const examine = (options: LookOptions) => (cli: Invocation) =>
  withClient(asBackend(cli), async (client) => {
    const { output } = cli;
    const facts = await lookAt(client, await lookOutside(cli, client, options));
    const results = diagnose(facts);
    const wrong = results.filter(({ level }) => level === "wrong").length;
    if (output.json) output.document({ ok: wrong === 0, checks: results });
    for (const result of results) output.result(resultLines(result, output));
    output.result(wrong === 0 ? "nothing is wrong" : `${wrong} of ${results.length} checks found something wrong`);
    return wrong === 0 ? exitCode.done : exitCode.failed;
  });
