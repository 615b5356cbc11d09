import { Schema, SchemaIssue } from "effect";
import { damagedReason, Refusal, reasonIn } from "../contract/envelope.ts";

/** Why a command or query was refused; the `error` of a refusing reply. */
export class CommandError extends Schema.TaggedError<CommandError>()("CommandError", Refusal.fields) {}

/** Whether the same command may be accepted later: the store gave no answer, or none in time. */
export const isTransient = (error: CommandError): boolean =>
  error.code === "timeout" || (error.code === "unavailable" && reasonIn(error.details) !== damagedReason);

/** A field of a payload that does not fit: `field` is its path (`nodes.0.port`), empty for the payload itself. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

const format = SchemaIssue.makeFormatterStandardSchemaV1();

/** Every field that a schema complained about. */
export const fieldProblems = (error: Schema.SchemaError): ReadonlyArray<FieldProblem> =>
  format(error.issue).issues.map((issue) => ({
    field: (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join("."),
    problem: issue.message,
  }));

/** An `invalid-command` that lists what is wrong with a payload. */
export const invalidPayload = (what: string, problems: ReadonlyArray<FieldProblem>): CommandError =>
  new CommandError({
    code: "invalid-command",
    message: `${what}: ${problems
      .slice(0, 3)
      .map(({ field, problem }) => (field === "" ? problem : `${field}: ${problem}`))
      .join("; ")}${problems.length > 3 ? `; and ${problems.length - 3} more` : ""}`,
    details: problems.map(({ field, problem }) => ({ field, problem })),
  });

/** `rejected` with reason `not-found`; `remedy` says what to do first. */
export const notFound = (what: string, id: string, remedy?: string): CommandError =>
  new CommandError({
    code: "rejected",
    message: `there is no ${what} \`${id}\`${remedy === undefined ? "" : `: ${remedy}`}`,
    details: { reason: "not-found" },
  });

/** An `unknown-command` that lists what there is. */
export const unknownCommand = (message: string, available: ReadonlyArray<string>): CommandError =>
  new CommandError({
    code: "unknown-command",
    message: `${message}: use one of ${available.join(", ")}`,
    details: { available: [...available] },
  });
