import type { Expression } from "./expression.ts";
import { type Doc, type Docs, group, hardBreak, type Layouts, nest, softBreak } from "./layout.ts";
import { breakLines } from "./line-breaking.ts";
import { bindingLines } from "./print-bindings.ts";
import {
  abstractionDocs,
  applicationDocs,
  functionDocs,
  longListDocs,
  operationDoc,
  pathSumDoc,
  shortListDocs,
} from "./print-operations.ts";
import { blockDocs, interpolationDocs } from "./print-strings.ts";
import { absorbs, atomText, isBlock, isPathLiteral, isTerm, quoted } from "./print-text.ts";

/**
 * Returns the text of an expression, without a final newline. Nix reads the text of any tree as that tree: strings are
 * escaped, attribute names are quoted, and operands are in parentheses if the grammar needs them. The layout is the
 * standard one: `nixfmt` (https://github.com/NixOS/nixfmt) changes nothing in the text.
 */
export const print = (expression: Expression): string => breakLines(wholeDocs(expression));

/**
 * Returns the text of a `.nix` file with one expression. If it has a comment above it, the expression must be a set or
 * a function.
 */
export const printFile = (expression: Expression, comment = ""): string => {
  const above = comment === "" ? [] : comment.split(/\r\n|\r|\n/).map((text) => `${`# ${text}`.trimEnd()}\n`);
  return `${above.join("")}${print(expression)}\n`;
};

const wholeDocs = (expression: Expression): Docs => {
  switch (expression.kind) {
    case "string":
      return isBlock(expression.value) ? blockDocs([expression.value], layouts) : [quoted(expression.value)];
    case "interpolation":
      return interpolationDocs(expression.parts, layouts);
    case "integer":
    case "boolean":
    case "null":
    case "reference":
      return [atomText(expression)];
    case "path":
      return isPathLiteral(expression.value) ? [expression.value] : [pathSumDoc(expression.value)];
    case "list":
      return [group(termDocs(expression))];
    case "attributes":
      return expression.bindings.length === 0 ? ["{ }"] : ["{", ...bindingLines(expression.bindings, layouts), "}"];
    case "application":
      return applicationDocs(expression, layouts).docs;
    case "merge":
    case "concat":
      return [operationDoc(expression, layouts)];
    case "function":
      return functionDocs(expression, layouts);
    case "abstraction":
      return [group([softBreak, ...abstractionDocs(expression, layouts)])];
    case "let": {
      const { bindings, body } = expression;
      return ["let", ...bindingLines(bindings, layouts), group(["in", hardBreak, ...wholeDocs(body)])];
    }
  }
};

const operandDocs = (expression: Expression): Docs =>
  isTerm(expression) ? wholeDocs(expression) : [parentheses(expression)];

const termDocs = (term: Expression): Docs => {
  if (term.kind !== "list") return wholeDocs(term);
  return term.items.length > 1 ? longListDocs(term.items, layouts) : shortListDocs(term.items, layouts);
};

const enclosedDocs = (expression: Expression): Docs => {
  if (absorbs(expression)) return [group(termDocs(expression))];
  if (expression.kind === "application") return applicationDocs(expression, layouts, { bracketed: true }).docs;
  const docs = group(wholeDocs(expression));
  return expression.kind === "reference" && expression.names.length > 1
    ? [docs, softBreak]
    : [softBreak, docs, softBreak];
};

const parentheses = (expression: Expression): Doc => group(["(", nest(enclosedDocs(expression)), ")"]);

const layouts: Layouts = {
  whole: wholeDocs,
  operand: operandDocs,
  term: termDocs,
  enclosed: enclosedDocs,
  parentheses,
};
