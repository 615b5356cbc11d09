import type { Expression } from "./expression.ts";
import { attributeName, isBlock, isIdentifier, isPathLiteral } from "./print-strings.ts";

/** What holds together without parentheses: in a list, as callee, as argument. */
export const isTerm = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "application":
    case "merge":
    case "concat":
    case "function":
    case "abstraction":
    case "let":
      return false;
    case "integer":
      return expression.value >= 0;
    case "path":
      return isPathLiteral(expression.value);
    default:
      return true;
  }
};

/** What begins on the line of what is before it and needs no further indentation: sets, lists, indented strings. */
export const isAbsorbable = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "attributes":
      return expression.bindings.length > 0;
    case "list":
      return expression.items.length > 0;
    case "string":
      return isBlock(expression.value);
    case "interpolation":
      return areBlock(expression.parts);
    default:
      return false;
  }
};

/** The same, or a function that has it as its body. */
export const absorbs = (expression: Expression): boolean =>
  expression.kind === "abstraction" ? absorbs(expression.body) : isAbsorbable(expression);

/** What is not broken for its length. */
export const isSimple = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "string":
    case "interpolation":
    case "boolean":
    case "null":
      return true;
    case "integer":
    case "path":
      return isTerm(expression);
    case "reference":
      return expression.names.every(isIdentifier);
    case "application":
      return expression.operands.length <= 2 && isSimple(expression.callee) && expression.operands.every(isSimple);
    default:
      return false;
  }
};

/** A variable. */
export const isName = (expression: Expression): boolean =>
  expression.kind === "boolean" ||
  expression.kind === "null" ||
  (expression.kind === "reference" && expression.names.length === 1);

/** Whether an indented string can hold text and expressions. */
export const areBlock = (parts: ReadonlyArray<string | Expression>): boolean =>
  parts.some((part) => typeof part === "string" && part.includes("\n")) &&
  isBlock(parts.map((part) => (typeof part === "string" ? part : "expression")).join(""));

type Atom = Extract<Expression, { kind: "integer" | "boolean" | "null" | "reference" }>;

export const atomText = (atom: Atom): string => {
  switch (atom.kind) {
    case "integer":
    case "boolean":
      return String(atom.value);
    case "null":
      return "null";
    case "reference":
      return [atom.names[0], ...atom.names.slice(1).map(attributeName)].join(".");
  }
};
