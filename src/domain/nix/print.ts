import type { Binding, Expression } from "./expression.ts";

const indentation = "  ";

/** Lists no longer than this stay on one line. */
const lineWidth = 100;

const keywords = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"]);

/**
 * The text of an expression, without a final newline. Any tree prints to text that Nix reads as that tree: strings are
 * escaped, attribute names quoted and operands put in parentheses where the grammar wants it.
 */
export const print = (expression: Expression): string => printAt(expression, "");

/** The text of a `.nix` file that holds one expression. */
export const printFile = (expression: Expression): string => `${print(expression)}\n`;

const printAt = (expression: Expression, indent: string): string => {
  switch (expression.kind) {
    case "string":
      return isBlock(expression.value) ? block(expression.value, indent) : quote(expression.value);
    case "interpolation":
      return printInterpolation(expression.parts, indent);
    case "integer":
      return String(expression.value);
    case "boolean":
      return String(expression.value);
    case "null":
      return "null";
    case "path":
      return printPath(expression.value);
    case "list":
      return printList(expression.items, indent);
    case "attributes":
      return printBraced(expression.bindings, indent);
    case "reference":
      return [expression.names[0], ...expression.names.slice(1).map(attributeName)].join(".");
    case "application":
      return [expression.callee, ...expression.operands].map((part) => printOperand(part, indent)).join(" ");
    case "merge":
      return `${printOperand(expression.left, indent)} // ${printOperand(expression.right, indent)}`;
    case "function":
      return `{ ${[...expression.parameters, "..."].join(", ")} }:\n${indent}${printAt(expression.body, indent)}`;
    case "let":
      return `let\n${printBindings(expression.bindings, indent + indentation)}${indent}in\n${indent}${printAt(expression.body, indent)}`;
  }
};

/** An expression where the grammar wants one that holds together by itself: in a list, as callee, as argument. */
const printOperand = (expression: Expression, indent: string): string => {
  const text = printAt(expression, indent);
  return holdsTogether(expression) ? text : `(${text})`;
};

const holdsTogether = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "application":
    case "merge":
    case "function":
    case "let":
      return false;
    case "integer":
      return expression.value >= 0;
    default:
      return true;
  }
};

const printList = (items: ReadonlyArray<Expression>, indent: string): string => {
  if (items.length === 0) return "[ ]";
  const inner = indent + indentation;
  const texts = items.map((item) => printOperand(item, inner));
  const line = `[ ${texts.join(" ")} ]`;
  return line.length <= lineWidth && !line.includes("\n")
    ? line
    : `[\n${texts.map((text) => `${inner}${text}\n`).join("")}${indent}]`;
};

const printBraced = (bindings: ReadonlyArray<Binding>, indent: string): string =>
  bindings.length === 0 ? "{ }" : `{\n${printBindings(bindings, indent + indentation)}${indent}}`;

const printBindings = (bindings: ReadonlyArray<Binding>, indent: string): string =>
  bindings
    .map(({ path, value, comment }) => {
      const note = comment === undefined ? "" : `${indent}# ${comment.replaceAll(/[\r\n]+/g, " ")}\n`;
      return `${note}${indent}${path.map(attributeName).join(".")} = ${printAt(value, indent)};\n`;
    })
    .join("");

/** A name in an attribute path: quoted unless it is an identifier and no keyword. */
const attributeName = (name: string): string =>
  /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !keywords.has(name) ? name : quote(name);

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "${": "\\${",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

const escaped = (text: string): string => text.replaceAll(/\\|"|\$\{|\n|\r|\t/g, (found) => escapes[found] ?? found);

const quote = (text: string): string => `"${escaped(text)}"`;

/** A final `$` of a text part is escaped, since `$${` would be text for Nix. */
const printInterpolation = (parts: ReadonlyArray<string | Expression>, indent: string): string =>
  `"${parts
    .map((part) => (typeof part === "string" ? escaped(part).replace(/\$$/, "\\$") : `\${${printAt(part, indent)}}`))
    .join("")}"`;

/**
 * Text of several lines that an indented string `''…''` can hold unchanged: nothing in it has a meaning there, and its
 * first line starts at the margin, so that Nix strips exactly the indentation that is added here.
 */
const isBlock = (text: string): boolean =>
  /^[^\s].*\n/.test(text) && text.endsWith("\n") && !/''|\$\{|[\r\t\v\f]|^ +$/m.test(text);

const block = (text: string, indent: string): string => {
  const inner = indent + indentation;
  const lines = text.slice(0, -1).split("\n");
  return `''\n${lines.map((line) => (line === "" ? "\n" : `${inner}${line}\n`)).join("")}${indent}''`;
};

/** A path literal, or a sum with a string where a literal cannot hold the path's characters. */
const printPath = (path: string): string => {
  if (/^(\.{0,2})(\/[A-Za-z0-9._+-]+)+$/.test(path)) return path;
  return path.startsWith("/") ? `(/. + ${quote(path)})` : `(./. + ${quote(`/${path}`)})`;
};
