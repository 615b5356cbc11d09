import { visible } from "../../../domain/kernel/visible.ts";
import classes from "./text-of.module.css";

/**
 * A text that others wrote: shown as text, with every character that cannot be seen as an escape. A text of several
 * lines keeps its lines with `lines`.
 */
export const TextOf = ({ text, lines = false }: { readonly text: string; readonly lines?: boolean }) =>
  lines ? (
    <span className={classes.lines}>{text.split("\n").map(visible).join("\n")}</span>
  ) : (
    <bdi>{visible(text)}</bdi>
  );
