import type { Expression } from "./expression.ts";
import {
  type Doc,
  type Docs,
  group,
  isOneLine,
  line,
  nest,
  open,
  softBreak,
  space,
  stretch,
  unbroken,
} from "./layout.ts";
import type { Continuation, Layouts } from "./print-layouts.ts";
import { shortListDocs } from "./print-lists.ts";
import { isAbsorbable, isName, isSimple, isTerm } from "./print-terms.ts";

type Application = Extract<Expression, { kind: "application" }>;

interface Surroundings {
  /** A gap before it, which becomes a line break where more than its last operand is broken. */
  readonly lead?: Docs;
  /** Whether it is in brackets, which begin and end on lines of their own then. */
  readonly bracketed?: boolean;
}

/**
 * `callee operand …`: as many operands as fit are on the first line, the others on lines of their own; the last one may
 * go on over several lines, and so may another one while those after it are on one line.
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

/** A callee with some of its operands, but never the last one. Two lists in a row break together. */
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

/** An operand that is not the last one: a short list may be on one line there. */
const innerDocs = (operand: Expression, layouts: Layouts): Docs =>
  operand.kind === "list" && operand.items.length <= 6 && operand.items.every(isSimple)
    ? shortListDocs(operand.items, layouts)
    : layouts.operand(operand);

/** The last operand. A function or an application with one set, list or indented string keeps it on its own line. */
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
