/** The exit codes of the contract, and the shell's for an interrupt. */
export const exitCode = { done: 0, failed: 1, usage: 2, rejected: 3, rolledBack: 4, interrupted: 130 } as const;

/** Ends a command with one clear line: the thing, what is wrong with it, and what to do. */
export class CliFailure extends Error {
  override readonly name = "CliFailure";
  readonly exitCode: number;
  /** What `--json` prints on stdout, if the backend has answered. */
  readonly document: unknown;
  /** Lines for people below the message, such as the problems of a graph. */
  readonly below: ReadonlyArray<string>;

  constructor(
    message: string,
    options: {
      readonly exitCode?: number;
      readonly document?: unknown;
      readonly below?: ReadonlyArray<string>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCode.failed;
    this.document = options.document;
    this.below = options.below ?? [];
  }
}

/** An answer or document of a backend that is not what this version's contract says. */
export class MisfitAnswer extends CliFailure {}

/** The command line itself is wrong: exit code 2. */
export const usageFailure = (message: string, cause?: unknown): CliFailure =>
  new CliFailure(message, { exitCode: exitCode.usage, cause });

const hasText = <K extends string>(thrown: unknown, key: K): thrown is Readonly<Record<K, string>> =>
  typeof thrown === "object" && thrown !== null && typeof Reflect.get(thrown, key) === "string";

/** The message of anything that was thrown, on one line. */
export const messageOf = (thrown: unknown): string =>
  (hasText(thrown, "message") ? thrown.message : String(thrown)).replaceAll(/\s*\n\s*/g, " ");

/** The code of a system error (`ENOENT`); empty for other errors. */
export const systemCode = (thrown: unknown): string => (hasText(thrown, "code") ? thrown.code : "");
