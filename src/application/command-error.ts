import { Result, Schema, SchemaIssue } from "effect";
import { damagedReason, Refusal, reasonIn } from "../contract/envelope.ts";

/** Why a command or query was refused. It becomes the `error` of the refusing reply. */
export class CommandError extends Schema.TaggedError<CommandError>()("CommandError", Refusal.fields) {}

/** Returns whether the same command may be accepted later: the store did not answer, or not in time. */
export const isTransient = (error: CommandError): boolean =>
  error.code === "timeout" || (error.code === "unavailable" && reasonIn(error.details) !== damagedReason);

/** A problem of a payload's field. `field` is its path (`nodes.0.port`), or empty for the payload itself. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

const format = SchemaIssue.makeFormatterStandardSchemaV1();

/** Returns every problem that a schema found. */
export const fieldProblems = (error: Schema.SchemaError): ReadonlyArray<FieldProblem> =>
  format(error.issue).issues.map((issue) => ({
    field: (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join("."),
    problem: issue.message,
  }));

/** The size, in nested values, up to which all problems of an input are collected. */
const fewValues = 5_000;

/** Returns whether an input has few values. Stops counting as soon as it has many. */
const isSmall = (input: unknown): boolean => {
  const left: Array<unknown> = [input];
  for (let seen = 0; left.length > 0; seen++) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    const inner: ReadonlyArray<unknown> = Array.isArray(value) ? value : Object.values(value);
    if (seen + left.length + inner.length > fewValues) return false;
    left.push(...inner);
  }
  return true;
};

/** Unknown fields in payloads are refused. */
const strict = { onExcessProperty: "error" } as const;

/**
 * Decodes input from a client. For a large input, only the first problem is searched: a hundred thousand unknown fields
 * would take seconds to report, and nobody else would be answered meanwhile.
 */
export const decodeStrictly = <A>(
  decode: (
    input: unknown,
    options: { readonly errors: "first" | "all"; readonly onExcessProperty: "error" },
  ) => Result.Result<A, Schema.SchemaError>,
  input: unknown,
): Result.Result<A, ReadonlyArray<FieldProblem>> => {
  const decoded = decode(input, { ...strict, errors: "first" });
  if (Result.isSuccess(decoded)) return Result.succeed(decoded.success);
  return Result.mapError(isSmall(input) ? decode(input, { ...strict, errors: "all" }) : decoded, fieldProblems);
};

/**
 * The number of problems that a refusal lists, and the length of each. A refusal must not be longer than what it
 * refuses.
 */
const listedProblems = 100;
const listedLetters = 300;

const cut = (text: string): string => (text.length > listedLetters ? `${text.slice(0, listedLetters)}…` : text);

/** Returns an `invalid-command` error that lists the problems of a payload. */
export const invalidPayload = (what: string, problems: ReadonlyArray<FieldProblem>): CommandError => {
  const listed = problems
    .slice(0, listedProblems)
    .map(({ field, problem }) => ({ field: cut(field), problem: cut(problem) }));
  return new CommandError({
    code: "invalid-command",
    message: `${what}: ${listed
      .slice(0, 3)
      .map(({ field, problem }) => (field === "" ? problem : `${field}: ${problem}`))
      .join("; ")}${problems.length > 3 ? `; and ${problems.length - 3} more` : ""}`,
    details: listed,
  });
};

/** Returns a `rejected` error with the reason `not-found`. `remedy` says what to do first. */
export const notFound = (what: string, id: string, remedy?: string): CommandError =>
  new CommandError({
    code: "rejected",
    message: `there is no ${what} \`${id}\`${remedy === undefined ? "" : `: ${remedy}`}`,
    details: { reason: "not-found" },
  });

/** Returns an `unknown-command` error that lists the alternatives. */
export const unknownCommand = (message: string, available: ReadonlyArray<string>): CommandError =>
  new CommandError({
    code: "unknown-command",
    message: `${message}: use one of ${available.join(", ")}`,
    details: { available: [...available] },
  });
