import type { Expression } from "./expression.ts";
import { type Doc, type Docs, group, line, nest, open, space, stretch } from "./layout.ts";
import { applicationDocs } from "./print-application.ts";
import type { Continuation, Layouts } from "./print-layouts.ts";
import { pathSum } from "./print-strings.ts";
import { isAbsorbable } from "./print-terms.ts";

type Operation = Extract<Expression, { kind: "merge" | "concat" }>;

const operators = { merge: "//", concat: "++" } as const;

/** `side // side …` or `side ++ side …` */
export const operationDoc = (operation: Operation, layouts: Layouts): Doc =>
  chainDoc(operation, (side) => sideDocs(side, layouts), layouts);

/** The same as the value of a binding. */
export const operationValue = (operation: Operation, layouts: Layouts): Continuation => {
  const [first, last, ...others] = chainOf(operation);
  if (first !== undefined && isAbsorbable(first))
    return { attached: true, docs: [chainDoc(operation, layouts.term, layouts)] };
  if (first === undefined || last === undefined || others.length > 0 || !isAbsorbable(last))
    return { attached: false, docs: [nest([line, group([operationDoc(operation, layouts)])])] };
  const end = open([operators[operation.kind], space, stretch(layouts.term(last))]);
  return { attached: false, docs: [nest([group([line, ...sideDocs(first, layouts), line, end])])] };
};

/** The sum that a path is where a literal cannot hold its characters. */
export const pathSumDoc = (path: string): Doc => {
  const [base, rest] = pathSum(path);
  return group([base, line, `+ ${rest}`]);
};

/** Both operators are associative, so a chain of one needs no parentheses. */
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
