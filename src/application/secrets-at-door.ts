import { headerNames } from "../contract/names.ts";
import { certainSecretIn } from "../domain/graph/secrets.ts";
import type { Steps } from "../domain/kernel/mod.ts";
import { CommandError, type FieldProblem } from "./command-error.ts";
import type { CommandRequest } from "./command-request.ts";

/**
 * Parts of a graph in payloads, by their paths without the places in lists. The aggregate looks for secrets in them
 * itself, more strictly, because it knows what the graph has already and what was allowed.
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

/** The values between two pauses, and the letters of a long text. */
const valuesAtOnce = 1_000;
const lettersAtOnce = 64 * 1024;
/** The letters that two parts of a long text share, so that a secret at the end of one is whole in the next. */
const shared = 4 * 1024;

/** What {@link certainSecretIn} says of a text, with pauses if it is long. */
function* inText(text: string): Steps<string | undefined> {
  if (text.length <= lettersAtOnce) return certainSecretIn(text);
  for (let from = 0; from < text.length; from += lettersAtOnce) {
    const secret = certainSecretIn(text.slice(Math.max(0, from - shared), from + lettersAtOnce));
    if (secret !== undefined) return secret;
    yield;
  }
  return undefined;
}

/** A list or an object on the way to a value, with the place of the way in it. */
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

/** The first secret in the texts of a JSON value, names of members among them. A walk of its own stack: JSON may be deep. */
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

/** The texts of a commit that are not in the payload. */
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
 * Refuses a command with a text that certainly is a secret, before it can be in the log: the log denies deletion, and
 * everybody who may watch reads it. The refusal names the field, never the text. It pauses if the payload is large.
 */
export function* secretAtDoor(request: CommandRequest): Steps<CommandError | undefined> {
  const found = yield* firstSecret(request);
  if (found === undefined) return undefined;
  const { field, problem } = found;
  const asked = `${request.aggregate}.${request.command}`;
  const allowing = allowsSecretLike(request) ? "; if it is not a secret, name the field in `allowSecretLike`" : "";
  const message =
    `it holds ${problem}, and the log keeps for good what it is given: put the secret into a file or a store that its ` +
    `readers have access to, and say here only where it is, such as \`/run/secrets/db\`${allowing}`;
  return new CommandError({
    code: "invalid-command",
    message: field === "" ? `${asked}: ${message}` : `${asked}: ${field}: ${message}`,
    details: [{ field, problem: message }],
  });
}

const allowsSecretLike = ({ aggregate, command }: CommandRequest): boolean =>
  `${aggregate}.${command}` in checkedByAggregate;
