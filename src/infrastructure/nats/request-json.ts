import { Result } from "effect";
import { messageOf } from "../message-of.ts";

/**
 * The deepest nesting of a payload. No payload of the contract comes near it, and no recursive function fails at it.
 */
export const deepestNesting = 64;

const text = new TextDecoder("utf-8", { fatal: true });

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = ['"', "\\", "{", "}", "[", "]"].map(
  (character) => character.charCodeAt(0),
);

/** Returns whether a JSON text nests deeper than allowed. Works without recursion, before anything is parsed. */
const nestsTooDeep = (bytes: Uint8Array): boolean => {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === backslash) index++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      if (++depth > deepestNesting) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
};

/** A key `__proto__` is harmless in parsed JSON, but not in every function that copies objects. */
const namesPrototype = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Object.hasOwn(value, "__proto__") || Object.values(value).some(namesPrototype));

/** Returns the JSON of a request's payload, or what is wrong with it. An empty payload is `{}`. */
export const parsePayload = (bytes: Uint8Array): Result.Result<unknown, string> => {
  if (bytes.length === 0) return Result.succeed({});
  if (nestsTooDeep(bytes)) return Result.fail(`the payload nests deeper than ${deepestNesting} levels`);
  const parsed = Result.try({
    try: (): unknown => JSON.parse(text.decode(bytes)),
    catch: (error) => `the payload is not JSON in UTF-8: ${messageOf(error)}`,
  });
  if (Result.isSuccess(parsed) && namesPrototype(parsed.success)) {
    return Result.fail("the payload has a key `__proto__`: choose another name");
  }
  return parsed;
};
