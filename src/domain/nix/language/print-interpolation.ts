import type { Expression } from "./expression.ts";
import {
  type Doc,
  type Docs,
  group,
  isOneLine,
  lineBreaks,
  nest,
  shift,
  softBreak,
  unbroken,
  widthOf,
} from "./layout.ts";
import type { Layouts } from "./print-layouts.ts";
import { blockEscaped, blockEscapedBefore, escaped, escapedBefore } from "./print-strings.ts";
import { areBlock, isAbsorbable, isSimple } from "./print-terms.ts";

type Parts = ReadonlyArray<string | Expression>;

/** A string of text and expressions: of several lines where it can be, else between quotes. */
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

/** No empty text, and no text beside text. */
const withoutSeams = (parts: Parts): Parts => {
  const joined: Array<string | Expression> = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined;
};

/** The parts as they stand between quotes; none where they stand in an indented string. */
export const quotedParts = (parts: Parts): Parts | undefined => {
  if (areBlock(parts)) return undefined;
  const joined = withoutSeams(parts);
  return joined.map((part, index) => {
    if (typeof part !== "string") return part;
    return index === joined.length - 1 ? escaped(part) : escapedBefore(part);
  });
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

/** A line of a string. What is broken in it is as far in as the line is. */
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

/** An expression with nothing but blanks on its line of the string. */
const aloneDoc = (expression: Expression, { enclosed }: Layouts): Doc => group(["${", nest(enclosed(expression)), "}"]);

/** An expression among text: short and simple ones stay on its line, others begin on a line of their own. */
const amongDocs = (expression: Expression, { whole, term }: Layouts): Docs => {
  if (isAbsorbable(expression)) return [group(["${", ...term(expression), "}"])];
  const docs = whole(expression);
  if (isSimple(expression)) return ["${", ...(isOneLine(docs) ? unbroken(docs) : docs), "}"];
  if (widthOf(docs) <= 30) return [group(["${", ...unbroken(docs), "}"])];
  return [group(["${", softBreak, nest([group(docs)]), softBreak, "}"])];
};
