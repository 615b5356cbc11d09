import { Result } from "effect";
import { type Problem, error as problem } from "../../../domain/graph/problem.ts";
import { hasErrors, problemsAtDoor } from "../../../domain/graph/problems.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import type { Output } from "../output.ts";
import { NotJson, nameOf } from "../read-input.ts";
import { allowedIn, graphSource, readSource } from "./source.ts";

interface FileReport {
  readonly file: string;
  readonly ok: boolean;
  readonly problems: ReadonlyArray<Problem>;
}

/** The problems of a graph. A file that is not JSON has one problem; a graph that cannot be read fails the command. */
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
    if (!(error instanceof NotJson)) throw error;
    return [problem("invalid-config", {}, error.message)];
  }
};

const count = (problems: ReadonlyArray<Problem>, severity: Problem["severity"]): string => {
  const number = problems.filter((problem) => problem.severity === severity).length;
  return `${number === 0 ? "no" : number} ${severity}${number === 1 ? "" : "s"}`;
};

const reportLines = ({ file, ok, problems }: FileReport, output: Output): ReadonlyArray<string> => [
  `${output.style("bold", nameOf(file))}: ${ok ? output.style("green", "ok") : output.style("red", "not deployable")} (${count(problems, "error")}, ${count(problems, "warning")})`,
  ...problems.map(
    ({ severity, code, message }) =>
      `  ${output.style(severity === "error" ? "red" : "yellow", severity.padEnd(7))} ${code}: ${message.replaceAll("\n", " ")}`,
  ),
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
