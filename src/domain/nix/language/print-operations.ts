import type { Expression } from "./expression.ts";
import {
  type Continuation,
  type Doc,
  type Docs,
  fitsLine,
  group,
  hardBreak,
  isOneLine,
  type Layouts,
  line,
  lines,
  nest,
  open,
  separated,
  softBreak,
  space,
  stretch,
  unbroken,
} from "./layout.ts";
import { isAbsorbable, isName, isSimple, isTerm, oneLineOperand, pathSum } from "./print-text.ts";

/* Lists, applications, operators and functions. */

/** Returns a list with each item on its own lines. */
export const longListDocs = (items: ReadonlyArray<Expression>, layouts: Layouts): Docs => [
  "[",
  ...lines(items, (item) => itemDocs(item, layouts)),
  "]",
];

/** Returns a list on one line, if it fits. */
export const shortListDocs = (items: ReadonlyArray<Expression>, layouts: Layouts): Docs => {
  const docs = items.map((item) => itemDocs(item, layouts));
  return items.length === 0 ? ["[ ]"] : ["[", line, nest(separated(docs, line)), line, "]"];
};

const itemDocs = (item: Expression, { operand }: Layouts): Docs => {
  const text = oneLineOperand(item);
  return [text !== undefined && fitsLine(text) ? text : group(operand(item))];
};

type Application = Extract<Expression, { kind: "application" }>;

interface Surroundings {
  /** A gap before the application. It becomes a line break if more than the last operand is broken. */
  readonly lead?: Docs;
  /** Whether the application is in brackets. If it is broken, the brackets begin and end on their own lines. */
  readonly bracketed?: boolean;
}

/**
 * Returns `callee operand …`. As many operands as fit are on the first line, and the others are on their own lines. The
 * last operand may have several lines. Another operand may too, if those after it are on one line.
 */
export const applicationDocs = (
  { callee, operands }: Application,
  layouts: Layouts,
  { lead = [], bracketed = false }: Surroundings = {},
): Continuation => {
  const first = bracketed ? [nest([group([softBreak, ...layouts.operand(callee)])])] : layouts.operand(callee);
  const end = bracketed ? [softBreak] : [];
  const [previous, last] = operands.length === 1 ? [undefined, operands[0]] : operands.slice(-2);
  if (last === undefined) return { attached: false, docs: [...lead, ...first, ...end] };
  if (previous?.kind === "list" && last.kind === "list") {
    const lists = [previous, last].flatMap((list) => [line, nest([group(innerDocs(list, layouts))])]);
    const called = open(calledDocs(first, operands.slice(0, -2), layouts));
    return { attached: false, docs: [group([...lead, called, ...lists, ...end])] };
  }
  const called = calledDocs(first, operands.slice(0, -1), layouts);
  if (operands.length <= 2 && isSimple(callee) && operands.every(isSimple) && isOneLine(called))
    return { attached: lead.length > 0, docs: [group([...unbroken(called), space, lastDoc(last, layouts)])] };
  return { attached: false, docs: [group([...lead, open(called), line, lastDoc(last, layouts), ...end])] };
};

/** Returns a callee with some of its operands, but never the last one. Two lists in a row break together. */
const calledDocs = (first: Docs, operands: ReadonlyArray<Expression>, layouts: Layouts): Docs => {
  const last = operands.at(-1);
  if (last === undefined) return first;
  const previous = operands.at(-2);
  if (last.kind === "list" && previous?.kind === "list") {
    const lists = [previous, last].flatMap((list) => [line, group(innerDocs(list, layouts))]);
    return [open([open(calledDocs(first, operands.slice(0, -2), layouts)), nest([group(lists)])])];
  }
  const called = open(calledDocs(first, operands.slice(0, -1), layouts));
  const docs = [nest(innerDocs(last, layouts))];
  return [called, line, last.kind === "reference" && last.names.length > 1 ? group(docs) : stretch(docs)];
};

/** Returns an operand that is not the last one. There, a short list may be on one line. */
const innerDocs = (operand: Expression, layouts: Layouts): Docs =>
  operand.kind === "list" && operand.items.length <= 6 && operand.items.every(isSimple)
    ? shortListDocs(operand.items, layouts)
    : layouts.operand(operand);

/**
 * Returns the last operand. A function, or an application to one set, list or indented string, begins on the current
 * line.
 */
const lastDoc = (operand: Expression, { whole, term }: Layouts): Doc => {
  if (isAbsorbable(operand)) return stretch([nest(term(operand))]);
  if (isTerm(operand)) return group([nest(whole(operand))]);
  if (operand.kind === "abstraction" && isAbsorbable(operand.body))
    return stretch([nest([`(${operand.parameter}:`, space, ...term(operand.body), ")"])]);
  if (operand.kind === "application" && operand.operands.length === 1 && isName(operand.callee)) {
    const [body] = operand.operands;
    if (body !== undefined && isAbsorbable(body))
      return stretch([nest(["(", ...whole(operand.callee), space, ...term(body), ")"])]);
  }
  return stretch([nest(["(", softBreak, group([nest(whole(operand))]), softBreak, ")"])]);
};

type Operation = Extract<Expression, { kind: "merge" | "concat" }>;

const operators = { merge: "//", concat: "++" } as const;

/** `side // side …` or `side ++ side …` */
export const operationDoc = (operation: Operation, layouts: Layouts): Doc =>
  chainDoc(operation, (side) => sideDocs(side, layouts), layouts);

/** Returns the same operators in the value of a binding. */
export const operationValue = (operation: Operation, layouts: Layouts): Continuation => {
  const [first, last, ...others] = chainOf(operation);
  if (first !== undefined && isAbsorbable(first))
    return { attached: true, docs: [chainDoc(operation, layouts.term, layouts)] };
  if (first === undefined || last === undefined || others.length > 0 || !isAbsorbable(last))
    return { attached: false, docs: [nest([line, group([operationDoc(operation, layouts)])])] };
  const end = open([operators[operation.kind], space, stretch(layouts.term(last))]);
  return { attached: false, docs: [nest([group([line, ...sideDocs(first, layouts), line, end])])] };
};

/** Returns the sum that replaces a path whose characters a literal cannot hold. */
export const pathSumDoc = (path: string): Doc => {
  const [base, rest] = pathSum(path);
  return group([base, line, `+ ${rest}`]);
};

/** Returns the sides of a chain of one operator. Both operators are associative, so the chain needs no parentheses. */
const chainOf = (operation: Operation): ReadonlyArray<Expression> => {
  const sides: Expression[] = [];
  const pending: Expression[] = [operation];
  for (let side = pending.pop(); side !== undefined; side = pending.pop()) {
    if (side.kind === operation.kind) pending.push(side.right, side.left);
    else sides.push(side);
  }
  return sides;
};

const chainDoc = (operation: Operation, firstDocs: (side: Expression) => Docs, layouts: Layouts): Doc =>
  group(
    chainOf(operation).flatMap((side, index) =>
      index === 0 ? firstDocs(side) : [line, operators[operation.kind], nest(laterSideDocs(side, layouts))],
    ),
  );

const sideDocs = (side: Expression, { whole, operand }: Layouts): Docs =>
  side.kind === "application" ? whole(side) : operand(side);

const laterSideDocs = (side: Expression, layouts: Layouts): Docs => {
  if (side.kind !== "application") return [space, ...layouts.operand(side)];
  const { attached, docs } = applicationDocs(side, layouts, { lead: [line] });
  return attached ? [space, group(docs)] : [group(docs)];
};

/** `{ parameters, ... }: body`, with up to two parameters on one line. */
export const functionDocs = (
  { parameters, body }: Extract<Expression, { kind: "function" }>,
  layouts: Layouts,
): Docs => {
  const gap = parameters.length <= 2 ? line : hardBreak;
  const names = separated([...parameters.map((name) => [`${name},`]), ["..."]], gap);
  return [group(["{", gap, nest(names), gap, "}"]), ":", line, ...bodyDocs(body, layouts)];
};

/**
 * Returns the body of a function. A list never begins on the line of the parameters, because versions of nixfmt
 * disagree about its layout there.
 */
const bodyDocs = (body: Expression, layouts: Layouts): Docs =>
  body.kind === "list" && body.items.length > 0 ? [group(longListDocs(body.items, layouts))] : layouts.whole(body);

/** `parameter: body`. A function whose body is a function is laid out together with it. */
export const abstractionDocs = (abstraction: Extract<Expression, { kind: "abstraction" }>, layouts: Layouts): Docs => {
  const names: Array<Docs> = [];
  let body: Expression = abstraction;
  for (; body.kind === "abstraction"; body = body.body) names.push([`${body.parameter}:`]);
  const head = separated(names, space);
  return isAbsorbable(body)
    ? [...head, space, stretch(layouts.term(body))]
    : [...head, names.length <= 2 ? line : hardBreak, ...layouts.whole(body)];
};
