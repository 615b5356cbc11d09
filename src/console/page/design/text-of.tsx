import { visible } from "../../../domain/kernel/visible.ts";
import classes from "./text-of.module.css";

/** The lines of a text, each with what cannot be seen as escapes. */
const seen = (text: string, lines: boolean): string =>
  lines ? text.split("\n").map(visible).join("\n") : visible(text);

/** What stands between two backticks of a line. A single backtick stays what it is. */
const codeSpan = /(`[^`\n]+`)/;

/**
 * A text that others wrote: shown as text, with every character that cannot be seen as an escape, and with what it names
 * between backticks set as code. A text of several lines keeps its lines with `lines`.
 */
export const TextOf = ({ text, lines = false }: { readonly text: string; readonly lines?: boolean }) => {
  const parts = text
    .split(codeSpan)
    .map((part, index) =>
      index % 2 === 0 ? seen(part, lines) : <code key={`${index} ${part}`}>{visible(part.slice(1, -1))}</code>,
    );
  return lines ? <span className={classes.lines}>{parts}</span> : <bdi>{parts}</bdi>;
};
