import type { Expression } from "./expression.ts";
import { quotedParts } from "./print-interpolation.ts";
import { isBlock, isPathLiteral, quoted } from "./print-strings.ts";
import { atomText, isTerm } from "./print-terms.ts";

/** The text on one line of the most common expressions, if they have one; others are left to the layout. */
export const oneLine = (expression: Expression): string | undefined => {
  switch (expression.kind) {
    case "string":
      return isBlock(expression.value) ? undefined : quoted(expression.value);
    case "interpolation":
      return between('"', joined(quotedParts(expression.parts), oneLinePart, ""), '"');
    case "integer":
    case "boolean":
    case "null":
    case "reference":
      return atomText(expression);
    case "path":
      return isPathLiteral(expression.value) ? expression.value : undefined;
    case "list": {
      const [item, ...others] = expression.items;
      if (item === undefined) return "[ ]";
      return others.length === 0 ? between("[ ", oneLineOperand(item), " ]") : undefined;
    }
    case "attributes":
      return expression.bindings.length === 0 ? "{ }" : undefined;
    case "application":
      return joined([expression.callee, ...expression.operands], oneLineOperand, " ");
    default:
      return undefined;
  }
};

export const oneLineOperand = (expression: Expression): string | undefined =>
  isTerm(expression) ? oneLine(expression) : between("(", oneLine(expression), ")");

const oneLinePart = (part: string | Expression): string | undefined =>
  typeof part === "string" ? part : between("${", oneLine(part), "}");

const between = (start: string, text: string | undefined, end: string): string | undefined =>
  text === undefined ? undefined : start + text + end;

/** The texts of all items, if all have one. */
const joined = <A>(
  items: ReadonlyArray<A> | undefined,
  textOf: (item: A) => string | undefined,
  separator: string,
): string | undefined => {
  let line: string | undefined;
  for (const item of items ?? []) {
    const text = textOf(item);
    if (text === undefined) return undefined;
    line = line === undefined ? text : line + separator + text;
  }
  return items === undefined ? undefined : (line ?? "");
};
