import { Result } from "effect";
import { type Problem, error as problem } from "../../../domain/graph/problem.ts";
import { hasErrors, problemsAtDoor } from "../../../domain/graph/problems.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import type { Output } from "../output.ts";
import { nameOf, Unreadable } from "../read-input.ts";
import { countText } from "../text.ts";
import { problemLines } from "./problem-lines.ts";
import { allowedIn, graphSource, readSource } from "./source.ts";

interface FileReport {
  readonly file: string;
  readonly ok: boolean;
  readonly problems: ReadonlyArray<Problem>;
}

/** The problems of a graph. A file that is neither JSON nor YAML has one problem; a graph that cannot be read fails the command. */
const problemsOf = async (
  cli: Invocation,
  argument: string,
  allowed: ReadonlyArray<string>,
): Promise<ReadonlyArray<Problem>> => {
  try {
    const input = await readSource(cli, await graphSource(argument));
    if (Result.isFailure(input)) return input.failure;
    return problemsAtDoor(input.success.input, allowedIn(input.success, allowed), input.success.texts);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return [problem("invalid-config", {}, error.message)];
  }
};

const count = (problems: ReadonlyArray<Problem>, severity: Problem["severity"]): string =>
  countText(problems.filter((problem) => problem.severity === severity).length, severity);

const reportLines = ({ file, ok, problems }: FileReport, output: Output): ReadonlyArray<string> => [
  `${output.style("bold", nameOf(file))}: ${ok ? output.style("green", "ok") : output.style("red", "not deployable")} (${count(problems, "error")}, ${count(problems, "warning")})`,
  ...problemLines(problems, output.style).map((line) => `  ${line}`),
];

/**
 * Prints every problem of every file; `allowed` names fields that may look like secrets. The exit code is 1 if a problem
 * is an error.
 */
export const validate =
  (files: ReadonlyArray<string>, allowed: ReadonlyArray<string> = []) =>
  async (cli: Invocation): Promise<number> => {
    const reports: Array<FileReport> = [];
    for (const file of files) {
      const problems = await problemsOf(cli, file, allowed);
      reports.push({ file, ok: !hasErrors(problems), problems });
    }
    if (cli.output.json) cli.output.document({ files: reports });
    for (const report of reports) cli.output.result(reportLines(report, cli.output));
    return reports.every(({ ok }) => ok) ? exitCode.done : exitCode.failed;
  };
