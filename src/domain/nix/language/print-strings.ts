import type { Expression } from "./expression.ts";
import {
  type Doc,
  type Docs,
  group,
  isOneLine,
  type Layouts,
  lineBreaks,
  nest,
  shift,
  softBreak,
  unbroken,
  widthOf,
} from "./layout.ts";
import {
  blockEscaped,
  blockEscapedBefore,
  isAbsorbable,
  isSimple,
  type Parts,
  quotedParts,
  withoutSeams,
} from "./print-text.ts";

/** Returns a string of text and expressions: an indented string if that can hold it, otherwise a string in quotes. */
export const interpolationDocs = (parts: Parts, layouts: Layouts): Docs => {
  const quoted = quotedParts(parts);
  return quoted === undefined ? blockDocs(parts, layouts) : [group(['"', ...lineDocs(quoted, layouts), '"'])];
};

/** An indented string. */
export const blockDocs = (parts: Parts, layouts: Layouts): Docs => {
  const docs: Doc[] = [];
  let breaks = 0;
  for (const line of blockLines(withoutSeams(parts))) {
    breaks++;
    if (line.length === 0) continue;
    docs.push(lineBreaks(breaks), ...lineDocs(line, layouts));
    breaks = 0;
  }
  return [group(["''", nest(docs), ...(breaks > 0 ? [lineBreaks(breaks)] : []), "''"])];
};

const blockLines = (parts: Parts): ReadonlyArray<Parts> => {
  let line: Array<string | Expression> = [];
  const lines = [line];
  for (const [index, part] of parts.entries()) {
    if (typeof part !== "string") {
      line.push(part);
      continue;
    }
    const text = index === parts.length - 1 ? blockEscaped(part) : blockEscapedBefore(part);
    for (const [number, piece] of text.split("\n").entries()) {
      if (number > 0) {
        line = [];
        lines.push(line);
      }
      if (piece !== "") line.push(piece);
    }
  }
  return lines;
};

/** Returns a line of a string. Expressions that are broken in it get the indentation of the line. */
const lineDocs = (parts: Parts, layouts: Layouts): Docs => {
  const docsOf = (part: string | Expression): Docs => (typeof part === "string" ? [part] : amongDocs(part, layouts));
  const [first, ...others] = parts;
  if (first === undefined) return [];
  if (typeof first !== "string")
    return others.length === 0 ? [aloneDoc(first, layouts)] : parts.flatMap((part) => docsOf(part));
  const [second] = others;
  if (others.length === 1 && second !== undefined && typeof second !== "string" && /^ *$/.test(first))
    return [first, shift(first.length, [aloneDoc(second, layouts)])];
  const margin = /^[\t-\r\p{Zs}]*/u.exec(first)?.[0] ?? "";
  return [
    first,
    shift(
      margin.length,
      others.flatMap((part) => docsOf(part)),
    ),
  ];
};

/** Returns an expression that has only spaces beside it on its line of the string. */
const aloneDoc = (expression: Expression, { enclosed }: Layouts): Doc => group(["${", nest(enclosed(expression)), "}"]);

/**
 * Returns an expression in the middle of text. A short or simple expression stays on the line of the text. Others begin
 * on their own line.
 */
const amongDocs = (expression: Expression, { whole, term }: Layouts): Docs => {
  if (isAbsorbable(expression)) return [group(["${", ...term(expression), "}"])];
  const docs = whole(expression);
  if (isSimple(expression)) return ["${", ...(isOneLine(docs) ? unbroken(docs) : docs), "}"];
  if (widthOf(docs) <= 30) return [group(["${", ...unbroken(docs), "}"])];
  return [group(["${", softBreak, nest([group(docs)]), softBreak, "}"])];
};
