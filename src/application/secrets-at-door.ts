import { headerNames } from "../contract/names.ts";
import { certainSecretIn } from "../domain/graph/secrets.ts";
import type { Steps } from "../domain/kernel/mod.ts";
import { CommandError, type FieldProblem } from "./command-error.ts";
import type { CommandRequest } from "./command-request.ts";

/**
 * Parts of payloads that hold graph content, by their paths without list indexes. The aggregate checks them for secrets
 * itself and more strictly, because it knows the graph and the allowed fields.
 */
const checkedByAggregate: Readonly<Record<string, ReadonlySet<string>>> = {
  "graph.import": new Set(["description", "nodes", "edges"]),
  "graph.add-node": new Set(["node"]),
  "graph.update-node": new Set(["changes"]),
  "graph.connect": new Set(["edge"]),
  "proposal.vote": new Set(["conditions.changes"]),
  "deployment.review": new Set(["findings.changes"]),
};

const none: ReadonlySet<string> = new Set();

/** The number of values between two pauses, and the size of a part of a long text. */
const valuesAtOnce = 1_000;
const lettersAtOnce = 64 * 1024;
/** The overlap of two parts of a long text, so that a secret at the end of one is complete in the next. */
const shared = 4 * 1024;

/** Returns the result of {@link certainSecretIn} for a text, with pauses if it is long. */
function* inText(text: string): Steps<string | undefined> {
  if (text.length <= lettersAtOnce) return certainSecretIn(text);
  for (let from = 0; from < text.length; from += lettersAtOnce) {
    const secret = certainSecretIn(text.slice(Math.max(0, from - shared), from + lettersAtOnce));
    if (secret !== undefined) return secret;
    yield;
  }
  return undefined;
}

/** A list or an object on the path to a value, with the current position in it. */
interface Level {
  readonly isList: boolean;
  readonly keys: ReadonlyArray<string> | undefined;
  readonly values: ReadonlyArray<unknown>;
  at: number;
}

const levelOf = (value: object): Level =>
  Array.isArray(value)
    ? { isList: true, keys: undefined, values: value, at: 0 }
    : { isList: false, keys: Object.keys(value), values: Object.values(value), at: 0 };

const keyAt = ({ keys, at }: Level): string => keys?.[at] ?? String(at);
const fieldAt = (way: ReadonlyArray<Level>): string => way.map(keyAt).join(".");
const shapeAt = (way: ReadonlyArray<Level>): string =>
  way
    .filter(({ isList }) => !isList)
    .map(keyAt)
    .join(".");

/**
 * Returns the first secret in the texts and member names of a JSON value. Uses its own stack, because JSON may be
 * deeply nested.
 */
function* inJson(
  payload: unknown,
  skipped: ReadonlySet<string>,
  allowed: ReadonlySet<unknown>,
): Steps<FieldProblem | undefined> {
  const way: Array<Level> = [levelOf([payload])];
  const field = (): string => fieldAt(way.slice(1));
  for (let seen = 0; way.length > 0; seen++) {
    const level = way.at(-1);
    if (level === undefined || level.at >= level.values.length) {
      way.pop();
      const above = way.at(-1);
      if (above !== undefined) above.at++;
      continue;
    }
    if (seen % valuesAtOnce === 0) yield;
    const named = level.keys === undefined ? undefined : yield* inText(keyAt(level));
    if (named !== undefined) return { field: fieldAt(way.slice(1, -1)), problem: named };
    const value = level.values[level.at];
    const isSkipped = skipped.size > 0 && !level.isList && skipped.has(shapeAt(way.slice(1)));
    if (typeof value === "object" && value !== null && !isSkipped) {
      way.push(levelOf(value));
      continue;
    }
    if (typeof value === "string" && !isSkipped) {
      const secret = yield* inText(value);
      if (secret !== undefined && !allowed.has(field())) return { field: field(), problem: secret };
    }
    level.at++;
  }
  return undefined;
}

const allowedIn = (payload: unknown): ReadonlyArray<unknown> => {
  const allowed: unknown =
    typeof payload === "object" && payload !== null ? Reflect.get(payload, "allowSecretLike") : undefined;
  return Array.isArray(allowed) ? allowed : [];
};

/** The texts of a commit outside its payload. */
const aroundPayload = ({ id, principal, commandId, correlationId, causationId }: CommandRequest) => [
  ["id", id],
  ["principal", principal],
  [headerNames.commandId, commandId],
  [headerNames.correlationId, correlationId],
  [headerNames.causationId, causationId],
];

function* firstSecret(request: CommandRequest): Steps<FieldProblem | undefined> {
  for (const [field = "", text = ""] of aroundPayload(request)) {
    const secret = certainSecretIn(text);
    if (secret !== undefined) return { field, problem: secret };
  }
  const skipped = checkedByAggregate[`${request.aggregate}.${request.command}`] ?? none;
  return yield* inJson(request.payload, skipped, new Set(allowedIn(request.payload)));
}

/**
 * Refuses a command with a text that certainly is a secret, before it reaches the log. Nothing can be deleted from the
 * log, and every viewer can read it. The refusal names the field, never the text. Pauses if the payload is large.
 */
export function* secretAtDoor(request: CommandRequest): Steps<CommandError | undefined> {
  const found = yield* firstSecret(request);
  if (found === undefined) return undefined;
  const { field, problem } = found;
  const asked = `${request.aggregate}.${request.command}`;
  const allowing = allowsSecretLike(request) ? "; if it is not a secret, name the field in `allowSecretLike`" : "";
  const message =
    `it holds ${problem}, and the log keeps it forever: put the secret into a file or a store that its ` +
    `readers have access to, and say here only where it is, such as \`/run/secrets/db\`${allowing}`;
  return new CommandError({
    code: "invalid-command",
    message: field === "" ? `${asked}: ${message}` : `${asked}: ${field}: ${message}`,
    details: [{ field, problem: message }],
  });
}

const allowsSecretLike = ({ aggregate, command }: CommandRequest): boolean =>
  `${aggregate}.${command}` in checkedByAggregate;
