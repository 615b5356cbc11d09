import type { Assignment, Binding, Expression, Inheritance } from "./expression.ts";
import {
  columnsOf,
  type Doc,
  emptyLine,
  group,
  hardBreak,
  line,
  lineBreaks,
  nest,
  open,
  render,
  shift,
  softBreak,
  space,
  stretch,
  unbroken,
  widthOf,
} from "./layout.ts";
import {
  attributeName,
  blockEscaped,
  blockEscapedBefore,
  escaped,
  escapedBefore,
  isBlock,
  isIdentifier,
  isPathLiteral,
  pathSum,
  quoted,
} from "./print-strings.ts";

/**
 * The text of an expression, without a final newline. Any tree prints to text that Nix reads as that tree: strings are
 * escaped, attribute names quoted and operands put in parentheses where the grammar wants it. The layout is that of
 * https://github.com/NixOS/nixfmt, which leaves the text as it is.
 */
export const print = (expression: Expression): string => render(expressionDocs(expression));

/** The text of a `.nix` file that holds one expression, below a comment where there is one. */
export const printFile = (expression: Expression, comment = ""): string => {
  const lines = comment === "" ? [] : comment.split(/\r\n|\r|\n/).map((text) => `${`# ${text}`.trimEnd()}\n`);
  return `${lines.join("")}${print(expression)}\n`;
};

const isInfinite = (docs: ReadonlyArray<Doc>): boolean => widthOf(docs) === Number.POSITIVE_INFINITY;

type Parts = ReadonlyArray<string | Expression>;

const expressionDocs = (expression: Expression): ReadonlyArray<Doc> => {
  switch (expression.kind) {
    case "string":
      return isBlock(expression.value) ? blockDocs([expression.value]) : [quoted(expression.value)];
    case "interpolation":
      return interpolationDocs(expression.parts);
    case "integer":
    case "boolean":
      return [String(expression.value)];
    case "null":
      return ["null"];
    case "path":
      return isPathLiteral(expression.value) ? [expression.value] : pathSumDocs(expression.value);
    case "list":
      return [group(listDocs(expression.items))];
    case "attributes":
      return bracedDocs(expression.bindings);
    case "reference":
      return [[expression.names[0], ...expression.names.slice(1).map(attributeName)].join(".")];
    case "application":
      return application(expression).docs;
    case "merge":
    case "concat":
      return [operationDocs(expression)];
    case "function":
      return [...parameterDocs(expression.parameters), ":", line, ...functionBodyDocs(expression.body)];
    case "abstraction":
      return [group([softBreak, ...abstractionDocs(expression)])];
    case "let":
      return [
        group([
          "let",
          ...(expression.bindings.length === 0 ? [] : [hardBreak, nest(bindingsDocs(expression.bindings))]),
        ]),
        hardBreak,
        group(["in", hardBreak, ...expressionDocs(expression.body)]),
      ];
  }
};

type Application = Extract<Expression, { kind: "application" }>;
type Abstraction = Extract<Expression, { kind: "abstraction" }>;
type Operation = Extract<Expression, { kind: "merge" | "concat" }>;

/** An expression where the grammar wants one that holds together by itself: in a list, as callee, as argument. */
const operandDocs = (expression: Expression): ReadonlyArray<Doc> =>
  isTerm(expression) ? expressionDocs(expression) : [parentheses(expression)];

/** What holds together without parentheses. */
const isTerm = (expression: Expression): boolean => {
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

/** What may begin on a line and go on below it without an indentation of its own: sets, lists, indented strings. */
const isAbsorbable = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "attributes":
      return expression.bindings.length > 0;
    case "list":
      return expression.items.length > 0;
    case "string":
      return isBlock(expression.value);
    case "interpolation":
      return isBlock(shapeOf(expression.parts));
    default:
      return false;
  }
};

/** The same for a function whose body is so. */
const absorbs = (expression: Expression): boolean =>
  expression.kind === "abstraction" ? absorbs(expression.body) : isAbsorbable(expression);

/** What stays on one line, however long it is. */
const isSimple = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "string":
    case "interpolation":
    case "boolean":
    case "null":
      return true;
    case "integer":
      return expression.value >= 0;
    case "path":
      return isPathLiteral(expression.value);
    case "reference":
      return expression.names.every(isIdentifier);
    case "application":
      return expression.operands.length <= 2 && isSimple(expression.callee) && expression.operands.every(isSimple);
    default:
      return false;
  }
};

const listDocs = (
  items: ReadonlyArray<Expression>,
  hard = items.length > 1,
  separator = hardBreak,
): ReadonlyArray<Doc> => {
  if (items.length === 0) return ["[ ]"];
  const side = hard ? hardBreak : line;
  return [
    "[",
    side,
    nest(
      separated(
        items.map((item) => [group(operandDocs(item))]),
        separator,
      ),
    ),
    side,
    "]",
  ];
};

const separated = (docs: ReadonlyArray<ReadonlyArray<Doc>>, separator: Doc): ReadonlyArray<Doc> =>
  docs.flatMap((doc, index) => (index === 0 ? doc : [separator, ...doc]));

/** Without a group of its own. */
const termDocs = (expression: Expression): ReadonlyArray<Doc> =>
  expression.kind === "list" ? listDocs(expression.items) : expressionDocs(expression);

const bracedDocs = (bindings: ReadonlyArray<Binding>): ReadonlyArray<Doc> =>
  bindings.length === 0 ? ["{ }"] : ["{", hardBreak, nest(bindingsDocs(bindings)), hardBreak, "}"];

const bindingsDocs = (bindings: ReadonlyArray<Binding>): ReadonlyArray<Doc> =>
  bindings.flatMap((binding, index) => {
    const comment = binding.comment?.replaceAll(/[\r\n]+/g, " ").trim() ?? "";
    const blank = binding.blankBefore === true || comment !== "";
    const before = index === 0 ? [] : [blank ? emptyLine : hardBreak];
    const note = comment === "" ? [] : [`# ${comment}`, hardBreak];
    return [...before, ...note, "inherited" in binding ? inheritDocs(binding) : assignmentDocs(binding)];
  });

const inheritDocs = ({ inherited, from }: Inheritance): Doc => {
  const few = inherited.length < 4;
  const names = [
    ...inherited.flatMap((name) => [few ? line : hardBreak, attributeName(name)]),
    few ? softBreak : hardBreak,
    ";",
  ];
  return from === undefined
    ? group(["inherit", nest(names)])
    : group(["inherit", nest([group([line, parentheses(from)]), ...names])]);
};

const assignmentDocs = ({ path, value }: Assignment): Doc => {
  const name = path.map(attributeName).join(".");
  const { attached, docs } = valueDocs(value);
  if (path.length <= 4 && path.every(isIdentifier)) {
    return group([name, nest([space, "=", ...(attached ? [space] : []), ...docs]), ";"]);
  }
  return group([name, nest([space, "="]), attached ? line : softBreak, stretch([nest(docs)]), ";"]);
};

interface Value {
  /** Whether it begins on the line of the name. */
  readonly attached: boolean;
  readonly docs: ReadonlyArray<Doc>;
}

const valueDocs = (value: Expression): Value => {
  switch (value.kind) {
    case "application": {
      const { attached, docs } = application(value, { lead: [line] });
      return { attached, docs: [nest(docs)] };
    }
    case "merge":
    case "concat":
      return operationValue(value);
    case "abstraction":
      return absorbs(value)
        ? { attached: false, docs: [nest([group([line, ...abstractionDocs(value)])])] }
        : { attached: false, docs: [nest([line, group(expressionDocs(value))])] };
    case "function":
    case "let":
      return { attached: false, docs: [nest([line, group(expressionDocs(value))])] };
    default:
      if (isAbsorbable(value)) return { attached: true, docs: [nest([group(termDocs(value))])] };
      if (value.kind === "string" || value.kind === "interpolation" || (value.kind === "path" && isTerm(value)))
        return { attached: true, docs: [nest([group(expressionDocs(value))])] };
      return isTerm(value)
        ? { attached: false, docs: [nest([group([line, ...expressionDocs(value)])])] }
        : { attached: false, docs: [nest([line, group(expressionDocs(value))])] };
  }
};

const chain = (operation: Operation): ReadonlyArray<Expression> =>
  [operation.left, operation.right].flatMap((side) => (side.kind === operation.kind ? chain(side) : [side]));

const operators = { merge: "//", concat: "++" } as const;

const operationDocs = (operation: Operation, first = firstDocs): Doc =>
  group(
    chain(operation).flatMap((side, index) =>
      index === 0 ? first(side) : [line, operators[operation.kind], nest(furtherDocs(side))],
    ),
  );

const firstDocs = (side: Expression): ReadonlyArray<Doc> =>
  side.kind === "application" ? application(side).docs : operandDocs(side);

const furtherDocs = (side: Expression): ReadonlyArray<Doc> => {
  if (side.kind !== "application") return [space, ...operandDocs(side)];
  const { attached, docs } = application(side, { lead: [line] });
  return attached ? [space, group(docs)] : [group(docs)];
};

const operationValue = (operation: Operation): Value => {
  const sides = chain(operation);
  const [first] = sides;
  if (first !== undefined && isAbsorbable(first)) return { attached: true, docs: [operationDocs(operation, termDocs)] };
  const last = sides.at(-1);
  if (sides.length === 2 && first !== undefined && last !== undefined && isAbsorbable(last))
    return {
      attached: false,
      docs: [
        nest([
          group([line, ...firstDocs(first), line, open([operators[operation.kind], space, stretch(termDocs(last))])]),
        ]),
      ],
    };
  return { attached: false, docs: [nest([line, group([operationDocs(operation)])])] };
};

const pathSumDocs = (path: string): ReadonlyArray<Doc> => {
  const [base, rest] = pathSum(path);
  return [group([base, line, `+ ${rest}`])];
};

const parentheses = (expression: Expression): Doc => group(["(", nest(enclosed(expression)), ")"]);

const enclosed = (expression: Expression): ReadonlyArray<Doc> => {
  if (absorbs(expression)) return [group(termDocs(expression))];
  if (expression.kind === "application") return application(expression, { indented: true, closing: true }).docs;
  if (expression.kind === "reference" && expression.names.length > 1)
    return [group(expressionDocs(expression)), softBreak];
  return [softBreak, group(expressionDocs(expression)), softBreak];
};

const parameterDocs = (parameters: ReadonlyArray<string>): ReadonlyArray<Doc> => {
  const gap = parameters.length <= 2 ? line : hardBreak;
  const names = [...parameters.map((name) => [`${name},`]), ["..."]];
  return [group(["{", gap, nest(separated(names, gap)), gap, "}"])];
};

const functionBodyDocs = (body: Expression): ReadonlyArray<Doc> => {
  if (body.kind === "list" && body.items.length > 0) return [group(listDocs(body.items, true))];
  return expressionDocs(body);
};

const abstractionDocs = (expression: Abstraction): ReadonlyArray<Doc> => {
  const parameters: string[] = [];
  let body: Expression = expression;
  while (body.kind === "abstraction") {
    parameters.push(`${body.parameter}:`);
    body = body.body;
  }
  const head = separated(
    parameters.map((p) => [p]),
    space,
  );
  if (isAbsorbable(body)) return [...head, space, stretch(termDocs(body))];
  return [...head, parameters.length <= 2 ? line : hardBreak, ...expressionDocs(body)];
};

interface Surroundings {
  readonly lead?: ReadonlyArray<Doc>;
  readonly indented?: boolean;
  readonly closing?: boolean;
}

const application = (
  { callee, operands }: Application,
  { lead = [], indented = false, closing = false }: Surroundings = {},
): Value => {
  const first = indented ? [nest([group([softBreak, ...operandDocs(callee)])])] : operandDocs(callee);
  const trail = closing ? [softBreak] : [];
  const last = operands.at(-1);
  if (last === undefined) return { attached: false, docs: [...lead, ...first, ...trail] };
  const previous = operands.at(-2);
  if (previous?.kind === "list" && last.kind === "list") {
    return {
      attached: false,
      docs: [
        group([
          ...lead,
          open(calledDocs(first, operands.slice(0, -2))),
          line,
          nest([group(innerDocs(previous))]),
          line,
          nest([group(innerDocs(last))]),
          ...trail,
        ]),
      ],
    };
  }
  const called = calledDocs(first, operands.slice(0, -1));
  if (operands.length <= 2 && isSimple(callee) && operands.every(isSimple) && !isInfinite(called)) {
    return {
      attached: lead.length > 0,
      docs: [group([...unbroken(called), space, lastDoc(last)])],
    };
  }
  return { attached: false, docs: [group([...lead, open(called), line, lastDoc(last), ...trail])] };
};

const calledDocs = (first: ReadonlyArray<Doc>, operands: ReadonlyArray<Expression>): ReadonlyArray<Doc> => {
  const last = operands.at(-1);
  if (last === undefined) return first;
  const previous = operands.at(-2);
  if (last.kind === "list" && previous?.kind === "list")
    return [
      open(calledDocs(first, operands.slice(0, -2))),
      nest([group([line, group(innerDocs(previous)), line, group(innerDocs(last))])]),
    ];
  const called = open(calledDocs(first, operands.slice(0, -1)));
  const docs = [nest(innerDocs(last))];
  return [called, line, last.kind === "reference" && last.names.length > 1 ? group(docs) : stretch(docs)];
};

const innerDocs = (operand: Expression): ReadonlyArray<Doc> =>
  operand.kind === "list" && operand.items.length <= 6 && operand.items.every(isSimple)
    ? listDocs(operand.items, false, line)
    : operandDocs(operand);

const lastDoc = (operand: Expression): Doc => {
  if (isAbsorbable(operand)) return stretch([nest(termDocs(operand))]);
  if (isTerm(operand)) return group([nest(operandDocs(operand))]);
  if (operand.kind === "abstraction" && isAbsorbable(operand.body))
    return stretch([nest([`(${operand.parameter}:`, space, ...termDocs(operand.body), ")"])]);
  if (operand.kind === "application" && operand.operands.length === 1) {
    const { callee } = operand;
    const [body] = operand.operands;
    if (body !== undefined && isAbsorbable(body) && isName(callee))
      return stretch([nest([..."(", ...expressionDocs(callee), space, ...termDocs(body), ")"])]);
  }
  return stretch([nest(["(", softBreak, group([nest(expressionDocs(operand))]), softBreak, ")"])]);
};

const isName = (expression: Expression): boolean =>
  expression.kind === "boolean" ||
  expression.kind === "null" ||
  (expression.kind === "reference" && expression.names.length === 1);

const shapeOf = (parts: Parts): string => parts.map((part) => (typeof part === "string" ? part : "x")).join("");

const normalized = (parts: Parts): Parts => {
  const merged: Array<string | Expression> = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else if (part !== "") merged.push(part);
  }
  return merged;
};

const interpolationDocs = (raw: Parts): ReadonlyArray<Doc> => {
  const parts = normalized(raw);
  return isBlock(shapeOf(parts))
    ? blockDocs(parts)
    : [
        group([
          '"',
          ...stringDocs(
            parts.map((part, index) => {
              if (typeof part !== "string") return part;
              return index === parts.length - 1 ? escaped(part) : escapedBefore(part);
            }),
          ),
          '"',
        ]),
      ];
};

const blockDocs = (parts: Parts): ReadonlyArray<Doc> => {
  const lines: Array<Array<string | Expression>> = [[]];
  parts.forEach((part, index) => {
    if (typeof part !== "string") {
      lines.at(-1)?.push(part);
      return;
    }
    const text = index === parts.length - 1 ? blockEscaped(part) : blockEscapedBefore(part);
    text.split("\n").forEach((piece, number) => {
      if (number > 0) lines.push([]);
      if (piece !== "") lines.at(-1)?.push(piece);
    });
  });
  const docs: Doc[] = [];
  let breaks = 1;
  for (const [index, parts] of lines.entries()) {
    if (index > 0) breaks++;
    if (parts.length === 0) continue;
    docs.push(lineBreaks(breaks), ...stringDocs(parts));
    breaks = 0;
  }
  return [group(["''", nest(docs), ...(breaks > 0 ? [lineBreaks(breaks)] : []), "''"])];
};

/** A line of a string: escaped text and what is interpolated. */
const stringDocs = (parts: Parts): ReadonlyArray<Doc> => {
  const [first, ...others] = parts;
  if (first === undefined) return [];
  if (typeof first !== "string") return others.length === 0 ? [alone("", first)] : parts.map(partDoc);
  const [second] = others;
  if (second === undefined) return [first];
  if (others.length === 1 && typeof second !== "string" && /^ *$/.test(first)) return [first, alone(first, second)];
  return [first, shift(columnsOf(/^[\t-\r\p{Zs}]*/u.exec(first)?.[0] ?? ""), others.map(partDoc))];
};

const alone = (before: string, expression: Expression): Doc =>
  shift(columnsOf(before), [group(["${", nest(enclosed(expression)), "}"])]);

const partDoc = (part: string | Expression): Doc => {
  if (typeof part === "string") return part;
  if (isAbsorbable(part)) return group(["${", ...termDocs(part), "}"]);
  const docs = expressionDocs(part);
  if (isSimple(part)) return shift(0, isInfinite(docs) ? ["${", ...docs, "}"] : unbroken(["${", ...docs, "}"]));
  if (widthOf(docs) <= 30) return group(unbroken(["${", ...docs, "}"]));
  return group(["${", softBreak, nest([group(docs)]), softBreak, "}"]);
};
