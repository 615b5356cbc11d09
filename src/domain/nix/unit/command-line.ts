import { type Expression, interpolation, string } from "../language/expression.ts";

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "%": "%%",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Returns text for double quotes of a unit file (systemd.syntax(7)), with its specifiers escaped (systemd.unit(5)). */
const quoted = (text: string): string =>
  text.replaceAll(
    /[\\"%\u0001-\u001f\u007f]/g,
    (found) => escapes[found] ?? `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

/** Returns a path for a setting that takes several paths, separated by spaces. */
export const quotedPath = (path: string): string => word(path);

const word = (text: string): string => (/^[A-Za-z0-9_@+=:,./-]+$/.test(text) ? text : `"${quoted(text)}"`);

/** A word of a command line: text that the program receives exactly, or an expression for a path in the store. */
export type Word = string | Expression;

/**
 * Returns a command line for systemd.service(5). It is quoted, and its specifiers (`%`) and variables (`$`) are
 * escaped, so that the program receives exactly these words. systemd replaces no variables in the first word, the
 * program.
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

/**
 * Returns a word of a command line that is not its program. Its `$` are escaped, because systemd would replace
 * variables.
 */
export const argument = (text: string): string => {
  const quotedWord = word(text);
  return quotedWord.includes("$") ? quotedWord.replaceAll("$", "$$$$") : quotedWord;
};

/** Returns neighbouring texts as one. The printed text is the same, but there are fewer parts to print. */
const joined = (parts: ReadonlyArray<string | Expression>): ReadonlyArray<string | Expression> => {
  const runs: Array<string | Expression> = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (typeof part === "string" && typeof last === "string") runs[runs.length - 1] = last + part;
    else runs.push(part);
  }
  return runs;
};

/** Returns a value for settings in which systemd replaces only specifiers: paths and assignments of variables. */
export const specifiersEscaped = (text: string): string => text.replaceAll("%", "%%");

/**
 * Returns a number without an exponent, because systemd and programs do not read exponents. It is exact to a millionth,
 * up to 10^15.
 */
export const decimal = (value: number): string =>
  Math.min(value, 1e15)
    .toFixed(6)
    .replace(/\.?0+$/, "");
