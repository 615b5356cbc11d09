import { type Expression, interpolation, string } from "../language/expression.ts";

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "%": "%%",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Text inside double quotes of a unit file (systemd.syntax(7)) with its specifiers escaped (systemd.unit(5)). */
const quoted = (text: string): string =>
  text.replaceAll(
    /[\\"%\u0001-\u001f\u007f]/g,
    (found) => escapes[found] ?? `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

/** A path in a setting that takes several, separated by spaces. */
export const quotedPath = (path: string): string => word(path);

const word = (text: string): string => (/^[A-Za-z0-9_@+=:,./-]+$/.test(text) ? text : `"${quoted(text)}"`);

/** A word of a command line: text that is passed on exactly, or an expression for a path in the store. */
export type Word = string | Expression;

/**
 * A command line of systemd.service(5): quoted, and with its specifiers (`%`) and variables (`$`) escaped, so that the
 * program gets exactly these words. The first word, the program, is no place for variables.
 */
export const commandLine = (program: Word, args: ReadonlyArray<Word>): Expression => {
  const parts: Array<string | Expression> = [];
  const add = (part: Word): void => {
    if (typeof part !== "string" && part.kind === "interpolation") parts.push(...part.parts);
    else parts.push(part);
  };
  add(typeof program === "string" ? word(program) : program);
  for (const arg of args) {
    parts.push(" ");
    add(typeof arg === "string" ? argument(arg) : arg);
  }
  return parts.every((part) => typeof part === "string") ? string(parts.join("")) : interpolation(...joined(parts));
};

/** A word of a command line that is not its program: there variables would be replaced. */
export const argument = (text: string): string => {
  const quotedWord = word(text);
  return quotedWord.includes("$") ? quotedWord.replaceAll("$", "$$$$") : quotedWord;
};

/** Neighbouring texts as one: what is printed is the same, and there is less to print. */
const joined = (parts: ReadonlyArray<string | Expression>): ReadonlyArray<string | Expression> => {
  const runs: Array<string | Expression> = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (typeof part === "string" && typeof last === "string") runs[runs.length - 1] = last + part;
    else runs.push(part);
  }
  return runs;
};

/** A value that systemd reads as it is but for its specifiers: paths, assignments of variables. */
export const specifiersEscaped = (text: string): string => text.replaceAll("%", "%%");

/** A number without an exponent, which systemd and programs do not read; exact to a millionth, up to 10^15. */
export const decimal = (value: number): string =>
  Math.min(value, 1e15)
    .toFixed(6)
    .replace(/\.?0+$/, "");
