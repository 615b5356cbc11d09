import { styleText } from "node:util";

/** A stream that takes text: standard output or standard error, or what a test puts in their place. */
export interface Sink {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Where a command says what. */
export interface Output {
  /** True: stdout carries JSON documents only. */
  readonly json: boolean;
  /** True where lines on stderr may be redrawn: a terminal. */
  readonly live: boolean;
  /** Characters in a line of the terminal; 80 where there is none. */
  readonly columns: number;
  /** A result for programs: one JSON document on a line of stdout. */
  readonly document: (value: unknown) => void;
  /** A result for people, on stdout; nothing with `--json`. */
  readonly result: (text: string) => void;
  /** Progress, warnings, explanations: a line on stderr. */
  readonly note: (text: string) => void;
  /** Exactly this text on stderr: what draws on a terminal. */
  readonly draw: (text: string) => void;
  /** The text in a style where the result goes to a terminal, else as it is. */
  readonly style: (style: Style, text: string) => string;
  /** The same for what goes to stderr. */
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

/** Control characters, which would let a text that others wrote draw on the reader's terminal. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text that others wrote, fit for a terminal. */
export const printable = (text: string): string => text.replaceAll(controls, "\ufffd");

const noColor = (env: OutputSettings["env"]): boolean => (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";

const styler =
  (sink: Sink, allowed: boolean) =>
  (style: Style, text: string): string =>
    allowed && sink.isTTY === true ? styleText(style, text, { validateStream: false }) : text;

/** The output of one run of the command line. Colour only on a terminal, without `--no-color` and `NO_COLOR`. */
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
