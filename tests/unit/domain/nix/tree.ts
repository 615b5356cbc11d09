import type { Binding, Expression } from "../../../../src/domain/nix/language/expression.ts";
import { healthExpression, healthName } from "../../../../src/domain/nix/unit/health.ts";

/** The values of variables. */
type Scope = Readonly<Record<string, unknown>>;

/**
 * The value of an expression as JSON. Packages, programs and what is imported are `<their name>`, but for the functions
 * of health checks; priorities are left out, and so is what a shared set such as the hardening brings where something is
 * merged into it.
 */
export const treeValue = (expression: Expression, scope: Scope = imported()): unknown => {
  const within = (inner: Expression): unknown => treeValue(inner, scope);
  switch (expression.kind) {
    case "string":
    case "integer":
    case "boolean":
    case "path":
      return expression.value;
    case "null":
      return null;
    case "list":
      return expression.items.map(within);
    case "interpolation":
      return expression.parts.map((part) => (typeof part === "string" ? part : within(part))).join("");
    case "attributes":
      return expression.bindings.reduce<Record<string, unknown>>((target, bound) => assign(target, bound, scope), {});
    case "reference":
      return referred(expression.names, scope);
    case "concat":
      return [...Object(within(expression.left)), ...Object(within(expression.right))];
    case "merge":
      return { ...attributesIn(within(expression.left)), ...attributesIn(within(expression.right)) };
    case "function":
    case "let":
      return within(expression.body);
    case "abstraction":
      return (operand: unknown) => treeValue(expression.body, { ...scope, [expression.parameter]: operand });
    case "application":
      return applied(within(expression.callee), expression.operands.map(within));
  }
};

const imported = (): Scope => ({ [healthName]: treeValue(healthExpression, {}) });

const referred = ([first, ...names]: ReadonlyArray<string>, scope: Scope): unknown =>
  first !== undefined && Object.hasOwn(scope, first)
    ? names.reduce((value, name) => Object(value)[name], scope[first])
    : `<${[first, ...names].join(".")}>`;

const attributesIn = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});

const applied = (callee: unknown, operands: ReadonlyArray<unknown>): unknown => {
  if (typeof callee === "function") return operands.reduce((value, operand) => Object(value)(operand), callee);
  const [first] = operands;
  switch (callee) {
    case "<lib.mkDefault>":
    case "<lib.mkForce>":
    case "<lib.mkAfter>":
      return first;
    case "<lib.mkOverride>":
      return operands[1];
    case "<lib.throwIfNot>":
      return operands[2];
    case "<lib.hasPrefix>":
    case "<builtins.hasAttr>":
      return true;
    case "<pkgs.writeText>":
      return `<${first} ${operands[1]}>`;
    case "<builtins.toJSON>":
      return sortedJson(first);
    case "<pkgs.writeShellApplication>":
      return `<${Object(first).name}>`;
    default:
      throw new Error(`tests know no function ${callee}`);
  }
};

/** JSON as Nix writes it: attributes sorted by name. */
const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );

const assign = (target: Record<string, unknown>, bound: Binding, scope: Scope): Record<string, unknown> => {
  if (!("path" in bound)) {
    for (const name of bound.inherited) target[name] = `<${name}>`;
    return target;
  }
  const { path, value } = bound;
  const [name = "", ...rest] = path;
  if (rest.length > 0) {
    const inner = target[name];
    target[name] = assign({ ...attributesIn(inner) }, { path: rest, value }, scope);
    return target;
  }
  if (Object.hasOwn(target, name)) throw new Error(`${name} is set twice, which Nix refuses`);
  target[name] = treeValue(value, scope);
  return target;
};

/** The paths at which a configuration sets something that is no option and lies in none. */
export const pathsOutsideOptions = (
  value: unknown,
  isOption: (path: ReadonlyArray<string>) => boolean,
  path: ReadonlyArray<string> = [],
): ReadonlyArray<string> => {
  if (isOption(path)) return [];
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => pathsOutsideOptions(inner, isOption, [...path, name]))
    : [path.join(".")];
};
