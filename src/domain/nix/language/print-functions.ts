import type { Expression } from "./expression.ts";
import { type Docs, group, hardBreak, line, nest, separated, space, stretch } from "./layout.ts";
import type { Layouts } from "./print-layouts.ts";
import { longListDocs } from "./print-lists.ts";
import { isAbsorbable } from "./print-terms.ts";

/** `{ parameters, ... }: body`, with up to two parameters on one line. */
export const functionDocs = (
  { parameters, body }: Extract<Expression, { kind: "function" }>,
  layouts: Layouts,
): Docs => {
  const gap = parameters.length <= 2 ? line : hardBreak;
  const names = separated([...parameters.map((name) => [`${name},`]), ["..."]], gap);
  return [group(["{", gap, nest(names), gap, "}"]), ":", line, ...bodyDocs(body, layouts)];
};

/** A list never begins on the line of the parameters, where versions of nixfmt lay it out differently. */
const bodyDocs = (body: Expression, layouts: Layouts): Docs =>
  body.kind === "list" && body.items.length > 0 ? [group(longListDocs(body.items, layouts))] : layouts.whole(body);

/** `parameter: body`; functions whose body is a function are one with it. */
export const abstractionDocs = (abstraction: Extract<Expression, { kind: "abstraction" }>, layouts: Layouts): Docs => {
  const names: Array<Docs> = [];
  let body: Expression = abstraction;
  for (; body.kind === "abstraction"; body = body.body) names.push([`${body.parameter}:`]);
  const head = separated(names, space);
  return isAbsorbable(body)
    ? [...head, space, stretch(layouts.term(body))]
    : [...head, names.length <= 2 ? line : hardBreak, ...layouts.whole(body)];
};
