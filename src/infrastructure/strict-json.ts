import { Result } from "effect";
import { defined } from "../domain/kernel/mod.ts";
import { messageOf } from "./message-of.ts";

/** A part of a JSON text that a program would read differently from how it is written. */
export interface JsonFault {
  /** The path of the value, such as `nodes.0.port`; empty for the whole text. */
  readonly path: string;
  readonly problem: string;
  /** Where it stands in the text, in UTF-16 units; absent if the text is not JSON. */
  readonly offset?: number;
}

/** The deepest nesting of a text. No message of the contract comes near it, and no recursive function fails at it. */
export const deepestNesting = 64;

/**
 * The most keys of one object. Any schema takes seconds to check hundreds of thousands of keys, and no other request is
 * answered meanwhile.
 */
export const mostKeys = 20_000;

const code = (character: string): number => character.charCodeAt(0);
const [quote, backslash, colon, comma] = [code('"'), code("\\"), code(":"), code(",")];
const [openBrace, closeBrace, openBracket, closeBracket] = [code("{"), code("}"), code("["), code("]")];
const [zero, nine, upperE, lowerE, lowerU] = [code("0"), code("9"), code("E"), code("e"), code("u")];

/** Every number of at most 15 digits is exact. */
const exactDigits = 15;

/** What the bytes of a text show before it is parsed. They are read without recursion. */
interface Survey {
  readonly depth: number;
  /** The number of members of all objects. */
  readonly members: number;
  /** Whether a number may not be exact, because it is long or has an exponent. */
  readonly largeNumber: boolean;
  /** Whether a string has an escape by number, which may be half a character. */
  readonly escapes: boolean;
}

const survey = (bytes: Uint8Array): Survey => {
  let [depth, deepest, members, digits] = [0, 0, 0, 0];
  let [inString, largeNumber, escapes] = [false, false, false];
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (inString) {
      if (byte === backslash) {
        index++;
        if (bytes[index] === lowerU) escapes = true;
      } else if (byte === quote) inString = false;
    } else if (byte >= zero && byte <= nine) {
      if (++digits > exactDigits) largeNumber = true;
    } else {
      if (digits > 0 && (byte === lowerE || byte === upperE)) largeNumber = true;
      digits = 0;
      if (byte === quote) inString = true;
      else if (byte === colon) members++;
      else if (byte === openBrace || byte === openBracket) deepest = Math.max(deepest, ++depth);
      else if (byte === closeBrace || byte === closeBracket) depth--;
    }
  }
  return { depth: deepest, members, largeNumber, escapes };
};

/**
 * Returns the number of members of all objects in a parsed value, the most of one object, and whether one is named
 * `__proto__`.
 */
const contentOf = (value: unknown, found = { members: 0, most: 0, prototype: false }) => {
  if (typeof value !== "object" || value === null) return found;
  if (Array.isArray(value)) for (const item of value) contentOf(item, found);
  else {
    if (Object.hasOwn(value, "__proto__")) found.prototype = true;
    const names = Object.keys(value);
    found.most = Math.max(found.most, names.length);
    for (const name of names) {
      found.members++;
      contentOf(Reflect.get(value, name), found);
    }
  }
  return found;
};

/**
 * Returns why a number is not read as written; undefined if it is. A program may write a number with fewer digits than
 * it has. A number that is written the same again therefore counts as exact.
 */
const numberProblem = (text: string): string | undefined => {
  const value = Number(text);
  if (!Number.isFinite(value)) return `\`${text}\` is larger than any number can be`;
  const [whole = text] = text.split(/\.0*$/);
  if (!/^-?\d+$/.test(whole) || Number.isSafeInteger(value) || whole === String(value)) return undefined;
  if (BigInt(whole) === BigInt(value)) return undefined;
  return `\`${text}\` would be rounded to ${BigInt(value)}: integers are exact up to 2^53; write it as a text`;
};

/** Returns why a string is not well-formed text; undefined if it is. */
const textProblem = (text: string): string | undefined =>
  text.isWellFormed() ? undefined : "has half a character (a lone surrogate)";

/**
 * Returns why a key is refused; undefined if it is not. `__proto__` is harmless in JSON, but not when objects are
 * copied.
 */
const keyProblem = (key: string): string | undefined =>
  key === "__proto__" ? "is a key that no object may have: choose another name" : textProblem(key);

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]|[^\s"[\]{},:]+/gs;

/** An object or a list that the scan has entered, and its place in there. */
interface Inside {
  /** The keys so far; undefined in a list. */
  readonly keys: Set<string> | undefined;
  index: number;
  key: string | undefined;
}

const pathOf = (stack: ReadonlyArray<Inside>): string =>
  stack.map(({ keys, index, key }) => (keys === undefined ? index : key)).join(".");

/**
 * Returns every fault of a JSON text, with its place. Only its tokens are read, one after another. A parser that builds
 * a tree with places takes ten times as long, and blocks all other work meanwhile.
 */
const faultsIn = (text: string): ReadonlyArray<JsonFault> => {
  const faults: Array<JsonFault> = [];
  const stack: Array<Inside> = [];
  const note = (offset: number, problem: string | undefined) => {
    if (problem !== undefined) faults.push({ path: pathOf(stack), offset, problem });
  };
  const readString = (token: string, offset: number, inside: Inside | undefined) => {
    const string: string = token.includes("\\") ? JSON.parse(token) : token.slice(1, -1);
    if (inside?.keys === undefined || inside.key !== undefined) return note(offset, textProblem(string));
    inside.key = string;
    note(offset, inside.keys.has(string) ? "is there twice: leave one out" : keyProblem(string));
    inside.keys.add(string);
  };
  for (const { 0: token, index: offset } of text.matchAll(tokens)) {
    const inside = stack.at(-1);
    switch (token.charCodeAt(0)) {
      case openBrace:
        stack.push({ keys: new Set(), index: 0, key: undefined });
        break;
      case openBracket:
        stack.push({ keys: undefined, index: 0, key: undefined });
        break;
      case closeBrace:
      case closeBracket:
        stack.pop();
        break;
      case comma:
        if (inside !== undefined) {
          inside.index++;
          inside.key = undefined;
        }
        break;
      case quote:
        readString(token, offset, inside);
        break;
      default:
        if (/^[-\d]/.test(token)) note(offset, numberProblem(token));
    }
  }
  return faults;
};

const whole = (problem: string, offset?: number): Result.Result<never, ReadonlyArray<JsonFault>> =>
  Result.fail([defined({ path: "", problem, offset })]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Returns the value of a JSON text, or its faults. It also refuses texts that `JSON.parse` accepts but reads
 * differently from how they are written: a duplicate key, an integer that would be rounded, a number that is not
 * finite, half a character. Otherwise two programs could read two values from one text, even under a valid signature.
 *
 * The bytes and the value show whether there is a fault. Only then is the text read again, to find the places.
 */
export const parseStrictJson = (bytes: Uint8Array): Result.Result<unknown, ReadonlyArray<JsonFault>> => {
  const { depth, members, largeNumber, escapes } = survey(bytes);
  if (depth > deepestNesting) return whole(`nests deeper than ${deepestNesting} levels`);
  const parsed = Result.try({
    try: () => {
      const text = utf8.decode(bytes);
      const value: unknown = JSON.parse(text);
      return { text, value };
    },
    catch: (error) => `is not JSON in UTF-8: ${messageOf(error)}`,
  });
  if (Result.isFailure(parsed)) return whole(parsed.failure);
  const { text, value } = parsed.success;
  const content = contentOf(value);
  if (content.most > mostKeys) return whole(`has an object with more than ${mostKeys} keys: send fewer`);
  const suspicious = largeNumber || escapes || content.prototype || content.members !== members;
  const faults = suspicious ? faultsIn(text) : [];
  return faults.length === 0 ? Result.succeed(value) : Result.fail(faults);
};
