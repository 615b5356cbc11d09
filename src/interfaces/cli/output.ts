import { styleText } from "node:util";

/** A stream that takes text: standard output, standard error, or a stand-in of a test. */
export interface Sink {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** The ways in which a command writes: results to stdout, everything else to stderr. */
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
  readonly result: (text: string) => void;
  /** Progress, warnings, explanations: a line on stderr. */
  readonly note: (text: string) => void;
  /** Exactly this text on stderr, to draw on a terminal. */
  readonly draw: (text: string) => void;
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

/** Control characters. With them, a text that others wrote could draw on the reader's terminal. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A text that others wrote, made safe for a terminal. */
export const printable = (text: string): string => text.replaceAll(controls, "\ufffd");

const noColor = (env: OutputSettings["env"]): boolean => (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";

const styler =
  (sink: Sink, allowed: boolean) =>
  (style: Style, text: string): string =>
    allowed && sink.isTTY === true ? styleText(style, text, { validateStream: false }) : text;

/** The output of one run. It has colours only on a terminal, and not with `--no-color` or `NO_COLOR`. */
export const makeOutput = ({ stdout, stderr, json, color, env }: OutputSettings): Output => {
  const colorful = color && !noColor(env);
  return {
    json,
    live: stderr.isTTY === true && env.TERM !== "dumb",
    columns: stderr.columns || 80,
    document: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    result: (text) => {
      if (!json) stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    note: (text) => void stderr.write(`${text}\n`),
    draw: (text) => void stderr.write(text),
    style: styler(stdout, colorful),
    noteStyle: styler(stderr, colorful),
  };
};
