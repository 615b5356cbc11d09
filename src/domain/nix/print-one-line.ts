import type { Expression } from "./expression.ts";
import { quotedParts } from "./print-interpolation.ts";
import { isBlock, isPathLiteral, quoted } from "./print-strings.ts";
import { atomText, isTerm } from "./print-terms.ts";

/** The text on one line of the most common expressions, if they have one; others are left to the layout. */
export const oneLine = (expression: Expression): string | undefined => {
  switch (expression.kind) {
    case "string":
      return isBlock(expression.value) ? undefined : quoted(expression.value);
    case "interpolation": {
      const parts = quotedParts(expression.parts);
      return parts === undefined ? undefined : words(['"', ...parts.map(oneLinePart), '"'], "");
    }
    case "integer":
    case "boolean":
    case "null":
    case "reference":
      return atomText(expression);
    case "path":
      return isPathLiteral(expression.value) ? expression.value : undefined;
    case "list":
      return expression.items.length > 1 ? undefined : words(["[", ...expression.items.map(oneLineOperand), "]"]);
    case "attributes":
      return expression.bindings.length === 0 ? "{ }" : undefined;
    case "application":
      return words([expression.callee, ...expression.operands].map(oneLineOperand));
    default:
      return undefined;
  }
};

export const oneLineOperand = (expression: Expression): string | undefined => {
  const text = oneLine(expression);
  return text === undefined || isTerm(expression) ? text : `(${text})`;
};

const oneLinePart = (part: string | Expression): string | undefined =>
  typeof part === "string" ? part : words(["${", oneLine(part), "}"], "");

const words = (texts: ReadonlyArray<string | undefined>, separator = " "): string | undefined =>
  texts.includes(undefined) ? undefined : texts.join(separator);
