import type { Expression } from "./expression.ts";

/* Text that needs no layout: names, strings, paths, and whole expressions that have one line. */

const identifier = /^(?!(?:if|then|else|assert|with|let|in|rec|inherit|or)$)[A-Za-z_][A-Za-z0-9_'-]*$/;

/** Whether a name in an attribute path needs no quotes: it is an identifier and not a keyword. */
export const isIdentifier = (name: string): boolean => identifier.test(name);

/** Returns a name in the form that an attribute path needs. */
export const attributeName = (name: string): string => (isIdentifier(name) ? name : quoted(name));

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "${": "\\${",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Returns text in the form that it needs in quotes. */
export const escaped = (text: string): string =>
  /[\\"\n\r\t]|\$\{/.test(text) ? text.replaceAll(/[\\"\n\r\t]|\$\{/g, (found) => escapes[found] ?? found) : text;

/** Returns text in quotes before an interpolation. A final `$` is escaped, because Nix would read `$${` as text. */
export const escapedBefore = (text: string): string => escaped(text).replace(/\$$/, "\\$");

/** Returns any text as a string on one line. */
export const quoted = (text: string): string => `"${escaped(text)}"`;

/**
 * Whether an indented string `''…''` can hold text of several lines. One line must start at the margin, so that Nix strips
 * exactly the indentation that is added. Text with spaces at the end of a line or with control characters goes between
 * quotes, where editors leave them alone and readers see them.
 */
export const isBlock = (text: string): boolean =>
  text.includes("\n") && /(?:^|\n)[^ \n]/.test(text) && !/[ \t](?:\n|$)|[\u0001-\u0008\u000b-\u001f\u007f]/.test(text);

const blockEscapes: Readonly<Record<string, string>> = { "''": "'''", "'": "''\\'", "${": "''${", $: "''$" };

/**
 * Returns text for the end of an indented string. A `'` before an escape, or before the end, would become part of it.
 */
export const blockEscaped = (text: string): string =>
  text.replaceAll(/''|'(?=\$\{|$)|\$\{/g, (found) => blockEscapes[found] ?? found);

/** Returns text in an indented string before an interpolation. */
export const blockEscapedBefore = (text: string): string =>
  text.replaceAll(/''|'(?=\$\{|\$$)|\$\{|\$$/g, (found) => blockEscapes[found] ?? found);

/** Whether a literal can hold a path. */
export const isPathLiteral = (path: string): boolean => /^(\.{0,2})(\/[A-Za-z0-9._+-]+)+$/.test(path);

/** Returns the two sides of the sum that replaces a path that no literal can hold. */
export const pathSum = (path: string): readonly [base: string, rest: string] =>
  path.startsWith("/") ? ["/.", quoted(path)] : ["./.", quoted(`/${path}`)];

/** Whether an expression needs no parentheses in a list, as callee or as argument. */
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

/** Whether an expression begins on the current line and needs no indentation: a set, list or indented string. */
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

/** Whether an expression is absorbable, or is a function whose body is absorbable. */
export const absorbs = (expression: Expression): boolean =>
  expression.kind === "abstraction" ? absorbs(expression.body) : isAbsorbable(expression);

/** Whether an expression stays on one line, however long it is. */
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

/** Whether an expression is a variable. */
export const isName = (expression: Expression): boolean =>
  expression.kind === "boolean" ||
  expression.kind === "null" ||
  (expression.kind === "reference" && expression.names.length === 1);

/** Whether an indented string can hold text and expressions. */
export const areBlock = (parts: Parts): boolean =>
  parts.some((part) => typeof part === "string" && part.includes("\n")) &&
  isBlock(parts.map((part) => (typeof part === "string" ? part : "expression")).join(""));

type Atom = Extract<Expression, { kind: "integer" | "boolean" | "null" | "reference" }>;

/** Returns the text of an expression that has no parts. */
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

/** The parts of a string with interpolations. */
export type Parts = ReadonlyArray<string | Expression>;

/** Returns the parts without empty text and without two texts in a row. */
export const withoutSeams = (parts: Parts): Parts => {
  const joined: Array<string | Expression> = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined;
};

/** Returns the parts in the form that they need in quotes; undefined if they need an indented string. */
export const quotedParts = (parts: Parts): Parts | undefined => {
  if (areBlock(parts)) return undefined;
  const joined = withoutSeams(parts);
  return joined.map((part, index) => {
    if (typeof part !== "string") return part;
    return index === joined.length - 1 ? escaped(part) : escapedBefore(part);
  });
};

/** Returns the text of a common expression on one line; undefined if only the layout can decide it. */
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

/** Returns the text of an operand on one line, in parentheses if it needs them. */
export const oneLineOperand = (expression: Expression): string | undefined =>
  isTerm(expression) ? oneLine(expression) : between("(", oneLine(expression), ")");

const oneLinePart = (part: string | Expression): string | undefined =>
  typeof part === "string" ? part : between("${", oneLine(part), "}");

const between = (start: string, text: string | undefined, end: string): string | undefined =>
  text === undefined ? undefined : start + text + end;

/** Returns the joined texts of all items; undefined if an item has no text. */
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
