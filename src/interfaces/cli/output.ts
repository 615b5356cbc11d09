import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { visible, visibleJson } from "../../domain/kernel/mod.ts";

/** A stream that takes text: standard output, standard error, or a stand-in of a test. */
export interface Sink {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/**
 * A line, or several. Only a member of a list begins a line: a line break within one is shown as `\\n`, because a value
 * that others wrote could otherwise make a line that looks like the program's.
 */
export type Lines = string | ReadonlyArray<string>;

/**
 * The ways in which a command writes: results to stdout, everything else to stderr. Every text passes here, and nothing
 * in it can draw on the terminal but the styles that the program gave.
 */
export interface Output {
  /** True: stdout carries JSON documents only. */
  readonly json: boolean;
  /** True if lines on stderr may be redrawn, as on a terminal. */
  readonly live: boolean;
  /** Characters in a line of the terminal; 80 if there is none. */
  readonly columns: number;
  /** A result for programs: one JSON document on a line of stdout. */
  readonly document: (value: unknown) => void;
  /** A result for people, on stdout. Prints nothing with `--json`. */
  readonly result: (lines: Lines) => void;
  /** A whole file as a result, such as a graph in a picture's language. Its format must escape what others wrote. */
  readonly file: (text: string) => void;
  /** Progress, warnings, explanations, on stderr. */
  readonly note: (lines: Lines) => void;
  /** Redraws the last line of a terminal on stderr: clears it, and writes this text. */
  readonly redraw: (text: string) => void;
  /** The text in a style if the result goes to a terminal, otherwise unchanged. */
  readonly style: (style: Style, text: string) => string;
  /** The same for text that goes to stderr. */
  readonly noteStyle: (style: Style, text: string) => string;
}

export interface OutputSettings {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly json: boolean;
  /** False: `--no-color`. */
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Begins the marks of styles in a text. It is another one in each run, so that no text that others wrote can have a
 * style.
 */
const seal = randomUUID();

const mark = (style: Style, end: boolean): string => `{${seal}${end ? "-" : "+"}${style}}`;

const marks = new RegExp(`\\{${seal}([+-])(bold|dim|red|green|yellow|cyan)\\}`, "g");

/** The number of columns that a text takes on a terminal. */
export const width = (text: string): number => [...text.replace(marks, "")].length;

/** A line as the terminal gets it: nothing but what can be seen, and the styles. */
const painted = (line: string): string =>
  visible(line).replace(marks, (_, sign: string, style: Style) => {
    const [begin, end] = inspect.colors[style] ?? [0, 0];
    return `\u001b[${sign === "+" ? begin : end}m`;
  });

/**
 * A line in pieces that fit the columns of a terminal, broken between words. The pieces after the first are behind a bar,
 * so that a text that others wrote cannot look like a line of the program's.
 */
const broken = (line: string, columns: number): ReadonlyArray<string> => {
  if (width(line) <= columns) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  const next = `${indent}  │ `;
  const pieces: Array<string> = [];
  let piece = indent;
  for (const word of line.slice(indent.length).split(" ")) {
    const isFirst = piece.trim() === "";
    // A word that is longer than a line stays where it is: the terminal breaks it.
    if (!isFirst && width(piece) + 1 + width(word) > columns && width(next) + width(word) <= columns) {
      pieces.push(piece);
      piece = `${next}${word}`;
    } else piece = isFirst ? `${piece}${word}` : `${piece} ${word}`;
  }
  return [...pieces, piece];
};

/** What goes to a file or a pipe keeps its lines: programs read it. */
const linesText = (lines: Lines, { isTTY, columns }: Sink): string =>
  [lines]
    .flat()
    .flatMap((line) => (isTTY === true ? broken(line, columns || 80) : [line]))
    .map((line) => `${painted(line)}\n`)
    .join("");

const clearLine = "\r\u001b[2K";

const noColor = (env: OutputSettings["env"]): boolean => (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";

const styler =
  (sink: Sink, allowed: boolean) =>
  (style: Style, text: string): string =>
    allowed && sink.isTTY === true ? `${mark(style, false)}${text}${mark(style, true)}` : text;

/** The output of one run. It has colours only on a terminal, and not with `--no-color` or `NO_COLOR`. */
export const makeOutput = ({ stdout, stderr, json, color, env }: OutputSettings): Output => {
  const colorful = color && !noColor(env);
  return {
    json,
    live: stderr.isTTY === true && env.TERM !== "dumb",
    columns: stderr.columns || 80,
    document: (value) => void stdout.write(`${visibleJson(JSON.stringify(value))}\n`),
    result: (lines) => {
      if (!json) stdout.write(linesText(lines, stdout));
    },
    file: (text) => {
      if (!json) stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    note: (lines) => void stderr.write(linesText(lines, stderr)),
    redraw: (text) => void stderr.write(`${clearLine}${painted(text)}`),
    style: styler(stdout, colorful),
    noteStyle: styler(stderr, colorful),
  };
};
