import type { Schema } from "effect";
import { type Document, isNode, isScalar, type Pair, parseDocument, stringify, visit } from "yaml";
import { deepestNesting } from "../../infrastructure/strict-json.ts";

/** What is wrong with a YAML text, and where: an offset in UTF-16 units. */
export interface YamlFault {
  readonly problem: string;
  readonly offset: number;
}

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/** Why a number cannot be the same number in JSON. */
const numberFault = (value: number | bigint): string | undefined => {
  if (typeof value === "bigint")
    return String(Number(value)) === String(value)
      ? undefined
      : `\`${value}\` would be rounded: write it as a text, between quotes`;
  return Number.isFinite(value) ? undefined : `\`${value}\` is not a number that JSON has`;
};

/** Why a key cannot be one of an object in JSON. */
const keyFault = ({ key }: Pair): string | undefined => {
  if (!isScalar(key) || (typeof key.value !== "string" && key.value !== null))
    return "a key must be a text: write it between quotes";
  return key.value === "__proto__" ? "`__proto__` is a key that no object may have" : undefined;
};

/** What a document says that JSON cannot. */
const faultsOf = (document: Document): ReadonlyArray<YamlFault> => {
  const faults: Array<YamlFault> = [];
  const add = (problem: string | undefined, node: unknown): void => {
    if (problem !== undefined) faults.push({ problem, offset: offsetOf(node) });
  };
  visit(document, {
    Pair: (_, pair) => add(keyFault(pair), pair.key),
    Scalar: (_, node) => {
      if (typeof node.value === "number" || typeof node.value === "bigint") add(numberFault(node.value), node);
    },
    Collection: (_, node, path) => {
      // Pairs and the document are on the path too.
      if (path.filter((above) => isNode(above)).length < deepestNesting) return undefined;
      add(`it is nested deeper than ${deepestNesting} levels`, node);
      return visit.BREAK;
    },
  });
  return faults;
};

/** A document of YAML 1.2 as the JSON value that it is, or the first thing that is wrong with it. */
export const readYaml = (text: string): { readonly value: Schema.Json } | { readonly fault: YamlFault } => {
  const document = parseDocument(text, { prettyErrors: false, intAsBigInt: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) return { fault: { problem: error.message, offset: error.pos[0] } };
  const [fault] = faultsOf(document);
  if (fault !== undefined) return { fault };
  try {
    return { value: document.toJS({ reviver: (_, value) => (typeof value === "bigint" ? Number(value) : value) }) };
  } catch (cause) {
    // An alias without its anchor, or so many that they multiply.
    return { fault: { problem: cause instanceof Error ? cause.message : String(cause), offset: 0 } };
  }
};

/** No text goes on in a further line, however long it is and whatever is in it. */
const onOneLine = {
  lineWidth: 0,
  blockQuote: false,
  doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
  aliasDuplicateObjects: false,
} as const;

/** A value as YAML, a field a line. A line break in a text is `\n`, so that no text that others wrote begins a line. */
export const yamlLines = (value: unknown): ReadonlyArray<string> => stringify(value, onOneLine).trimEnd().split("\n");

/** Whether a YAML text has comments. */
export const hasYamlComments = (text: string): boolean => {
  const document = parseDocument(text);
  let found = Boolean(document.comment) || Boolean(document.commentBefore);
  visit(document, {
    Node: (_, node) => {
      found ||= Boolean(node.comment) || Boolean(node.commentBefore);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
};
