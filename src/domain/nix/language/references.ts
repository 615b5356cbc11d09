import type { Binding, Expression } from "./expression.ts";

/** The variables that an expression refers to: the first name of each reference. */
export const referencesIn = (expression: Expression, found: Set<string> = new Set()): ReadonlySet<string> => {
  const visitAll = (bindings: ReadonlyArray<Binding>) => {
    for (const bound of bindings) {
      if ("path" in bound) referencesIn(bound.value, found);
      else if (bound.from !== undefined) referencesIn(bound.from, found);
      else for (const name of bound.inherited) found.add(name);
    }
  };
  switch (expression.kind) {
    case "reference":
      found.add(expression.names[0]);
      break;
    case "interpolation":
      for (const part of expression.parts) if (typeof part !== "string") referencesIn(part, found);
      break;
    case "list":
      for (const item of expression.items) referencesIn(item, found);
      break;
    case "attributes":
      visitAll(expression.bindings);
      break;
    case "application":
      referencesIn(expression.callee, found);
      for (const operand of expression.operands) referencesIn(operand, found);
      break;
    case "merge":
    case "concat":
      referencesIn(expression.left, found);
      referencesIn(expression.right, found);
      break;
    case "function":
    case "abstraction":
      referencesIn(expression.body, found);
      break;
    case "let":
      visitAll(expression.bindings);
      referencesIn(expression.body, found);
      break;
    default:
  }
  return found;
};
