import type { Assignment, Binding, Expression, Inheritance } from "./expression.ts";
import {
  type Continuation,
  type Doc,
  type Docs,
  emptyLine,
  fitsLine,
  type Gap,
  group,
  hardBreak,
  type Layouts,
  line,
  lines,
  nest,
  softBreak,
  space,
  stretch,
} from "./layout.ts";
import { abstractionDocs, applicationDocs, operationValue } from "./print-operations.ts";
import { absorbs, attributeName, isAbsorbable, isIdentifier, isTerm, oneLine } from "./print-text.ts";

/** Returns the docs of bindings, each on its own lines. */
export const bindingLines = (bindings: ReadonlyArray<Binding>, layouts: Layouts): Docs =>
  lines(bindings, (binding) => bindingDocs(binding, layouts), gapBefore);

const bindingDocs = (binding: Binding, layouts: Layouts): Docs => {
  const doc = "inherited" in binding ? inheritDoc(binding, layouts) : assignmentDoc(binding, layouts);
  const comment = commentOf(binding);
  return comment === "" ? [doc] : [`# ${comment}`, hardBreak, doc];
};

const gapBefore = (binding: Binding): Gap =>
  binding.blankBefore === true || commentOf(binding) !== "" ? emptyLine : hardBreak;

const commentOf = ({ comment }: Binding): string =>
  comment === undefined ? "" : comment.replaceAll(/[\r\n]+/g, " ").trim();

/** Returns an `inherit`. Up to three names stay on one line if they fit. */
const inheritDoc = ({ inherited, from }: Inheritance, { parentheses }: Layouts): Doc => {
  const [gap, end] = inherited.length < 4 ? [line, softBreak] : [hardBreak, hardBreak];
  const names = [...inherited.flatMap((name) => [gap, attributeName(name)]), end, ";"];
  return group(["inherit", nest(from === undefined ? names : [group([line, parentheses(from)]), ...names])]);
};

/**
 * Returns an assignment. A long value begins on the line of its name if it can be broken later, or if a line break
 * after the name would save little. A name with at most four identifiers counts as short.
 */
const assignmentDoc = ({ path, value }: Assignment, layouts: Layouts): Doc => {
  const name = path.map(attributeName).join(".");
  const text = oneLine(value);
  const whole = text === undefined ? undefined : `${name} = ${text};`;
  if (whole !== undefined && fitsLine(whole)) return whole;
  const { attached, docs } = valueDocs(value, layouts);
  return path.length <= 4 && path.every(isIdentifier)
    ? group([name, nest([space, "=", ...(attached ? [space] : []), ...docs]), ";"])
    : group([name, nest([space, "="]), attached ? line : softBreak, stretch([nest(docs)]), ";"]);
};

/** Returns the docs after the `=`. */
const valueDocs = (value: Expression, layouts: Layouts): Continuation => {
  const { whole, term } = layouts;
  if (isAbsorbable(value)) return { attached: true, docs: [nest([group(term(value))])] };
  switch (value.kind) {
    case "application": {
      const { attached, docs } = applicationDocs(value, layouts, { lead: [line] });
      return { attached, docs: [nest(docs)] };
    }
    case "merge":
    case "concat":
      return operationValue(value, layouts);
    case "string":
    case "interpolation":
      return { attached: true, docs: [nest([group(whole(value))])] };
    case "path":
      return isTerm(value) ? { attached: true, docs: [nest(whole(value))] } : below([line, group(whole(value))]);
    case "abstraction":
      return below(absorbs(value) ? [group([line, ...abstractionDocs(value, layouts)])] : [line, group(whole(value))]);
    default:
      return below(isTerm(value) ? [group([line, ...whole(value)])] : [line, group(whole(value))]);
  }
};

/** Returns a value that begins on its own line if it does not fit beside its name. */
const below = (docs: Docs): Continuation => ({ attached: false, docs: [nest(docs)] });
