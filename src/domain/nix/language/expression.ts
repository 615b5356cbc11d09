import { defined } from "../../kernel/mod.ts";

/**
 * The part of the Nix language that generated flakes need, as plain data. The functions below build trees. Only `print`
 * turns them into text, so Nix can never read a value as code.
 */
export type Expression =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "interpolation"; readonly parts: ReadonlyArray<string | Expression> }
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "path"; readonly value: string }
  | { readonly kind: "list"; readonly items: ReadonlyArray<Expression> }
  | { readonly kind: "attributes"; readonly bindings: ReadonlyArray<Binding> }
  | { readonly kind: "reference"; readonly names: Names }
  | { readonly kind: "application"; readonly callee: Expression; readonly operands: ReadonlyArray<Expression> }
  | { readonly kind: "merge"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "concat"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "function"; readonly parameters: ReadonlyArray<string>; readonly body: Expression }
  | { readonly kind: "abstraction"; readonly parameter: string; readonly body: Expression }
  | { readonly kind: "let"; readonly bindings: ReadonlyArray<Binding>; readonly body: Expression };

type Names = readonly [string, ...string[]];

/** An entry of an attribute set or a `let`. */
export type Binding = Assignment | Inheritance;

/** One `a.b.c = value;` */
export interface Assignment extends Spacing {
  readonly path: ReadonlyArray<string>;
  readonly value: Expression;
}

/** `inherit a b;`, or `inherit (from) a b;` */
export interface Inheritance extends Spacing {
  readonly inherited: Names;
  readonly from?: Expression;
}

/** The lines above a binding. */
interface Spacing {
  /** A comment on its own line, after an empty line if the binding is not the first. */
  readonly comment?: string;
  /** Whether an empty line precedes the binding, if it is not the first. */
  readonly blankBefore?: true;
}

/** A string. It may be any text without NUL, which Nix strings cannot hold. */
export const string = (value: string): Expression => ({ kind: "string", value });

/** A string made of text and `${expressions}`. */
export const interpolation = (...parts: ReadonlyArray<string | Expression>): Expression => ({
  kind: "interpolation",
  parts,
});

/** An integer, which must be safe. */
export const integer = (value: number): Expression => ({ kind: "integer", value });

export const boolean = (value: boolean): Expression => ({ kind: "boolean", value });

export const nil: Expression = { kind: "null" };

/** A path. It is absolute, or relative (`./…`, `../…`) to the file that contains it. */
export const path = (value: string): Expression => ({ kind: "path", value });

export const list = (items: ReadonlyArray<Expression>): Expression => ({ kind: "list", items });

/** A list of strings. Most options that are lists take strings. */
export const strings = (values: ReadonlyArray<string>): Expression => list(values.map(string));

export const attributes = (bindings: ReadonlyArray<Binding>): Expression => ({ kind: "attributes", bindings });

/** `names[0].names[1]…`. The first name is a variable and must be a plain identifier. */
export const reference = (...names: Names): Expression => ({ kind: "reference", names });

/** `callee operand operand …`. Without operands, it is the callee itself. */
export const apply = (callee: Expression, ...operands: ReadonlyArray<Expression>): Expression => {
  if (operands.length === 0) return callee;
  return callee.kind === "application"
    ? { ...callee, operands: [...callee.operands, ...operands] }
    : { kind: "application", callee, operands };
};

/** `left // right`: one attribute set from two. If both have a name, the value from the right one counts. */
export const merge = (left: Expression, right: Expression): Expression => ({ kind: "merge", left, right });

/** `left ++ right`: lists one after the other. */
export const concat = (left: Expression, right: Expression): Expression => ({ kind: "concat", left, right });

/** `{ parameters, ... }: body` */
export const lambda = (parameters: ReadonlyArray<string>, body: Expression): Expression => ({
  kind: "function",
  parameters,
  body,
});

/** `parameter: body` */
export const fn = (parameter: string, body: Expression): Expression => ({ kind: "abstraction", parameter, body });

/** `let bindings in body` */
export const letIn = (bindings: ReadonlyArray<Binding>, body: Expression): Expression => ({
  kind: "let",
  bindings,
  body,
});

/** `path = value;`. If `path` is a string, it is split at its dots. A name that contains a dot needs the list form. */
export const binding = (path: string | ReadonlyArray<string>, value: Expression): Assignment => ({
  path: typeof path !== "string" ? path : path.includes(".") ? path.split(".") : [path],
  value,
});

/** Returns a definition that replaces those of NixOS's own modules. */
export const force = (value: Expression): Expression => apply(reference("lib", "mkForce"), value);

/** Returns a definition that the operator's own modules may replace. */
export const byDefault = (value: Expression): Expression => apply(reference("lib", "mkDefault"), value);

/** Returns a definition that any other one replaces, even the defaults of an operator's module. */
export const lastResort = (value: Expression): Expression =>
  apply(reference("lib", "mkOverride"), integer(1200), value);

/** `inherit names;`, or `inherit (from) names;` */
export const inherited = (names: Names, from?: Expression): Inheritance => defined({ inherited: names, from });

/** JSON whose numbers are integers. */
type WholeJson = string | number | boolean | null | ReadonlyArray<WholeJson> | { readonly [name: string]: WholeJson };

/** Returns JSON as a value of Nix. */
export const jsonValue = (value: WholeJson): Expression => {
  switch (typeof value) {
    case "string":
      return string(value);
    case "number":
      return integer(value);
    case "boolean":
      return boolean(value);
    default:
      if (value === null) return nil;
      if (isList(value)) return list(value.map(jsonValue));
      return attributes(Object.entries(value).map(([name, member]) => binding([name], jsonValue(member))));
  }
};

const isList = (value: object): value is ReadonlyArray<WholeJson> => Array.isArray(value);

/** Returns a string with the JSON of a value. Nix writes the JSON when it evaluates the flake. */
export const jsonText = (value: WholeJson): Expression => apply(reference("builtins", "toJSON"), jsonValue(value));

/** Returns the variables that an expression uses: the first name of each reference. */
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
