import type { Expression } from "./expression.ts";
import { type Docs, fitsLine, group, line, lines, nest, separated } from "./layout.ts";
import type { Layouts } from "./print-layouts.ts";
import { oneLineOperand } from "./print-one-line.ts";

/** A list with each item on lines of its own. */
export const longListDocs = (items: ReadonlyArray<Expression>, layouts: Layouts): Docs => [
  "[",
  ...lines(items, (item) => itemDocs(item, layouts)),
  "]",
];

/** A list that is on one line if it fits. */
export const shortListDocs = (items: ReadonlyArray<Expression>, layouts: Layouts): Docs => {
  const docs = items.map((item) => itemDocs(item, layouts));
  return items.length === 0 ? ["[ ]"] : ["[", line, nest(separated(docs, line)), line, "]"];
};

const itemDocs = (item: Expression, { operand }: Layouts): Docs => {
  const text = oneLineOperand(item);
  return [text !== undefined && fitsLine(text) ? text : group(operand(item))];
};
