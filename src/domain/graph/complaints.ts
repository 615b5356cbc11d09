import { type Schema, type SchemaAST, SchemaIssue } from "effect";

/**
 * Returns the number of letters to insert, delete, replace or swap with their neighbour to turn one word into the
 * other.
 */
const distance = (from: string, to: string): number => {
  let beforeLast: ReadonlyArray<number> = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
};

/** Returns a word without its common variations: case, `-` and `_`. */
const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_ ]/g, "");

/** Returns the known word that a misspelt one probably means. At most a third of its letters may be wrong. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const meant = plain(word);
  let [found, least] = [undefined as string | undefined, Math.max(1, Math.floor(meant.length / 3)) + 1];
  for (const candidate of known) {
    const other = plain(candidate);
    // Words with very different lengths are far apart, and comparing very long ones would take long.
    if (Math.abs(other.length - meant.length) >= least) continue;
    const steps = distance(meant, other);
    if (steps < least) [found, least] = [candidate, steps];
  }
  return found;
};

/** A complaint of a schema about a value: its path, and in words the problem and the remedy. */
export interface Complaint {
  readonly path: ReadonlyArray<PropertyKey>;
  readonly text: string;
}

type Path = ReadonlyArray<PropertyKey>;

const format = SchemaIssue.makeFormatterStandardSchemaV1();

/** Returns a path as the key of a map. */
const keyOf = (path: Path): string => JSON.stringify(path.map(String));

const literals = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Union" ? ast.types.flatMap(literals) : ast._tag === "Literal" ? [String(ast.literal)] : [];

/**
 * Returns the names that a schema knows at each place of a complaint: the fields of an object, or the values of a
 * choice.
 */
const knownNames = (
  issue: SchemaIssue.Issue,
  path: Path = [],
): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
  switch (issue._tag) {
    case "Pointer":
      return knownNames(issue.issue, [...path, ...issue.path]);
    case "Filter":
    case "Encoding":
      return knownNames(issue.issue, path);
    case "Composite":
      return issue.issues.flatMap((inner) => knownNames(inner, path));
    case "AnyOf":
      return issue.issues.length > 0
        ? issue.issues.flatMap((inner) => knownNames(inner, path))
        : [[keyOf(path), literals(issue.ast)]];
    case "UnexpectedKey":
      return "propertySignatures" in issue.ast
        ? [[keyOf(path), issue.ast.propertySignatures.map(({ name }) => String(name))]]
        : [];
    default:
      return [];
  }
};

const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
    input,
  );

const listed = (names: ReadonlyArray<string>): string => names.map((name) => `\`${name}\``).join(", ");

const textOf = (message: string, path: Path, value: unknown, known: ReadonlyArray<string>): string => {
  const field = path.map(String).join(".");
  if (message === "Missing key") return `field \`${field}\` is missing: add it`;
  if (message === "Expected no excess property") {
    const meant = nearest(String(path.at(-1)), known);
    const remedy = meant === undefined ? `remove it, or use one of ${listed(known)}` : `did you mean \`${meant}\`?`;
    return `there is no field \`${field}\` here: ${remedy}`;
  }
  // The message of a bound already has a remedy.
  if (message.startsWith("has more than")) return field === "" ? message : `field \`${field}\` ${message}`;
  const expected = message.replace(/^Expected/, "expected");
  const meant = typeof value === "string" ? nearest(value, known) : undefined;
  const remedy = meant === undefined ? "correct it" : `did you mean \`${meant}\`?`;
  return field === "" ? `${expected}: ${remedy}` : `field \`${field}\`: ${expected}: ${remedy}`;
};

const isObject = (input: unknown): input is { readonly type?: unknown } =>
  typeof input === "object" && input !== null && !Array.isArray(input);

/** Returns the remedy for an unknown word: the nearest known word, or all of them. */
export const choiceText = (word: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(word, known);
  return meant === undefined ? `choose ${listed(known)}` : `did you mean \`${meant}\`?`;
};

/** Returns the complaint of a union by `type`, which fails as a whole if the type does not exist. */
const typeText = ({ type }: { readonly type?: unknown }, types: ReadonlyArray<string>): string => {
  if (typeof type !== "string") return `field \`type\` is missing: add one of ${listed(types)}`;
  return `there is no type \`${type}\`: ${choiceText(type, types)}`;
};

/** Returns the complaints of a schema about an input: the first for each path. `types` are those of a union. */
export const complaintsOf = (
  { issue }: Schema.SchemaError,
  input: unknown,
  types: ReadonlyArray<string> = [],
): ReadonlyArray<Complaint> => {
  const known = new Map(knownNames(issue));
  const byPath = new Map<string, Complaint>();
  for (const { path: segments = [], message } of format(issue).issues) {
    const path = segments.map((segment) => (typeof segment === "object" ? segment.key : segment));
    const key = keyOf(path);
    if (byPath.has(key)) continue;
    const text =
      path.length === 0 && types.length > 0 && isObject(input)
        ? typeText(input, types)
        : textOf(message, path, valueAt(input, path), known.get(key) ?? []);
    byPath.set(key, { path, text });
  }
  return [...byPath.values()];
};
