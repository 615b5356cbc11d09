import { Result } from "effect";
import { type CommandError, invalidPayload } from "../../application/command-error.ts";
import { parseStrictJson } from "../strict-json.ts";

/** Returns the JSON of a request's payload, or an `invalid-command` that names each fault. An empty payload is `{}`. */
export const parsePayload = (bytes: Uint8Array): Result.Result<unknown, CommandError> =>
  bytes.length === 0
    ? Result.succeed({})
    : Result.mapError(parseStrictJson(bytes), (faults) =>
        invalidPayload(
          "payload",
          faults.map(({ path: field, problem }) => ({ field, problem })),
        ),
      );
