import type { Binding, Expression } from "../../../../src/domain/nix/language/expression.ts";

/**
 * The value of an expression as JSON. Packages, programs and what is imported are `<their name>`; priorities are left
 * out, and so is what a shared set such as the hardening brings where something is merged into it.
 */
export const treeValue = (expression: Expression): unknown => {
  switch (expression.kind) {
    case "string":
    case "integer":
    case "boolean":
    case "path":
      return expression.value;
    case "null":
      return null;
    case "list":
      return expression.items.map(treeValue);
    case "interpolation":
      return expression.parts.map((part) => (typeof part === "string" ? part : treeValue(part))).join("");
    case "attributes":
      return expression.bindings.reduce<Record<string, unknown>>(assign, {});
    case "reference":
      return `<${expression.names.join(".")}>`;
    case "concat":
      return [...Object(treeValue(expression.left)), ...Object(treeValue(expression.right))];
    case "merge":
      return { ...attributesOf(expression.left), ...attributesOf(expression.right) };
    case "function":
    case "abstraction":
    case "let":
      return treeValue(expression.body);
    case "application":
      return applied(treeValue(expression.callee), expression.operands.map(treeValue));
  }
};

const attributesOf = (expression: Expression): object => {
  const value = treeValue(expression);
  return typeof value === "object" && value !== null ? value : {};
};

const applied = (callee: unknown, operands: ReadonlyArray<unknown>): unknown => {
  const [first] = operands;
  switch (callee) {
    case "<lib.mkDefault>":
    case "<lib.mkForce>":
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

const assign = (target: Record<string, unknown>, bound: Binding): Record<string, unknown> => {
  if (!("path" in bound)) {
    for (const name of bound.inherited) target[name] = `<${name}>`;
    return target;
  }
  const { path, value } = bound;
  const [name = "", ...rest] = path;
  if (rest.length > 0) {
    const inner = target[name];
    target[name] = assign(typeof inner === "object" && inner !== null ? { ...inner } : {}, { path: rest, value });
    return target;
  }
  if (Object.hasOwn(target, name)) throw new Error(`${name} is set twice, which Nix refuses`);
  target[name] = treeValue(value);
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
