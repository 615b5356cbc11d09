import type { Problem } from "../../domain/graph/problem.ts";
import { findProblems, hasErrors } from "../../domain/graph/problems.ts";
import { CliFailure, exitCode } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import { type Output, printable } from "./output.ts";
import { nameOf, parseJson, readText } from "./read-input.ts";

interface FileReport {
  readonly file: string;
  readonly ok: boolean;
  readonly problems: ReadonlyArray<Problem>;
}

/** A file that is not JSON has one problem; a file that cannot be read is a failure of the command. */
const problemsOf = async ({ host }: Invocation, file: string): Promise<ReadonlyArray<Problem>> => {
  const text = await readText(host, file);
  try {
    return findProblems(parseJson(text, nameOf(file)));
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return [{ code: "invalid-config", severity: "error", nodes: [], edges: [], message: error.message }];
  }
};

const count = (problems: ReadonlyArray<Problem>, severity: Problem["severity"]): string => {
  const number = problems.filter((problem) => problem.severity === severity).length;
  return `${number === 0 ? "no" : number} ${severity}${number === 1 ? "" : "s"}`;
};

const reportText = ({ file, ok, problems }: FileReport, output: Output): string =>
  [
    `${output.style("bold", nameOf(file))}: ${ok ? output.style("green", "ok") : output.style("red", "not deployable")} (${count(problems, "error")}, ${count(problems, "warning")})`,
    ...problems.map(
      ({ severity, code, message }) =>
        `  ${output.style(severity === "error" ? "red" : "yellow", severity.padEnd(7))} ${code}: ${printable(message.replaceAll("\n", " "))}`,
    ),
  ].join("\n");

/** Every problem of every file; exit code 1 where one is an error. */
export const validate =
  (files: ReadonlyArray<string>) =>
  async (cli: Invocation): Promise<number> => {
    const reports: Array<FileReport> = [];
    for (const file of files) {
      const problems = await problemsOf(cli, file);
      reports.push({ file, ok: !hasErrors(problems), problems });
    }
    if (cli.output.json) cli.output.document({ files: reports });
    for (const report of reports) cli.output.result(reportText(report, cli.output));
    return reports.every(({ ok }) => ok) ? exitCode.done : exitCode.failed;
  };
