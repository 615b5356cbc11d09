import { atOnce, type Steps } from "../kernel/mod.ts";
import { withoutImpliedId } from "./canonical.ts";
import type { Edge } from "./edge.ts";
import type { Node } from "./node.ts";
import { error, type Problem } from "./problem.ts";

/** Names of variables that hold secrets, unless they end so that they only say where one is. */
const secretName =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|MASTER)[_-]?KEY|SECRET[_-]?KEY[_-]?BASE)S?(?:[_-]?\d+)?$/i;
/** Short ones that are also the ends of other words; `PWD` alone is where a program runs. */
const shortSecretName = /(?:(?:^|[_-])PASS|[_-]PWD)$/i;
/** Names of the address of a server, which may hold the name or key of a user. */
const sourceName = /(?:^|[_-])DSN$/i;
/** Names of what may be a secret. A long random text under one of them is. */
const suspiciousName = /(?:KEY|AUTH|SALT|SEED|COOKIE|PSK|BEARER|JWT|CRED|CREDS|WEBHOOK)$/i;
const publicName = /PUBLIC|(?:^|[_-])PUB(?:[_-]|$)/i;

/** Values that say nothing, or switch something: they are no secrets under any name. */
const plainValue = /^(?:\s*|true|false|yes|no|on|off|none|null|[+-]?\d+(?:\.\d+)?)$/i;
/** What stands for a secret that is not there. Useless to the program, but nothing that anybody could misuse. */
const placeholder =
  /^(?:<[^<>]*>|\[[^[\]]*\]|x{3,}|\*{3,}|\.{3}|…|change[-_ ]?me|placeholder|redacted|your[-_ ][\w -]*)$/i;
/** The name of a variable, of a credential of systemd (`%d`), or a text that a template or a command puts there. */
const variable =
  /^(?:\$[A-Z_][A-Z0-9_]*|\$\{[^{}]*\}|\$\([^()]*\)|\$__\w+\{[^{}]*\}|\{\{[^{}]*\}\}|%[{(]?[A-Za-z][)}]?)$/;
/** A file below a folder that a variable names. */
const variablePath = /^(?:%[dhStTCLE]|~|\$[A-Z_][A-Z0-9_]*|\$\{[A-Z_][A-Z0-9_]*\})\//;
/** A file of a host. */
const path = /^(?:file:(?:\/\/)?)?-?\/[\w.@%+-]+(?:\/[\w.@%+-]+)+\/?$/;
/** The place of a secret in a store of secrets. */
const storePlace = /^(?:vault|op|arn|awssm|gcpsm|sops|systemd-creds):/;

/** Bits of information that each letter of a text carries, by how often each occurs (Shannon's entropy). */
const bitsPerLetter = (text: string): number => {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

const randomLetters = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{20,}$/;
/** Public keys of NATS (nkeys): they may be known. */
const publicNkey = /^[AUONCX][A-Z2-7]{55}$/;

/** Whether a text looks made by chance: long, of letters and digits without a space, few of them often. */
const isRandom = (text: string): boolean =>
  randomLetters.test(text) && !publicNkey.test(text) && bitsPerLetter(text) >= 3.2;

/** Whether a value says only where a secret is: a file, a credential, a variable, a place in a store of secrets. */
const isReference = (value: string): boolean =>
  variable.test(value) ||
  variablePath.test(value) ||
  storePlace.test(value) ||
  (path.test(value) && !value.split("/").some(isRandom));

/** Whether a value would be a secret under the name of one. */
const couldBeSecret = (value: string): boolean => {
  const trimmed = value.trim();
  return !plainValue.test(trimmed) && !placeholder.test(trimmed) && !isReference(trimmed);
};

const namesSecret = (name: string): boolean => secretName.test(name) || shortSecretName.test(name);

/** Whether a name and its value look like a secret together. */
const isNamedSecret = (name: string, value: string): boolean =>
  (namesSecret(name) && couldBeSecret(value)) ||
  (sourceName.test(name) && value.includes("@") && couldBeSecret(value)) ||
  (suspiciousName.test(name) && !publicName.test(name) && isRandom(value) && !isReference(value));

/** Only texts with one of these can hold a secret that shows by itself. Most texts have none, and cost one search. */
const worthALook = /[=:"]|-----B|(?<![\w-])--?[A-Za-z][\w-]*\s|[\w-]{15}/;
/** Only texts with one of these can hold a secret of a known form. */
const longWord = /[\w-]{15}|-----B/;

/**
 * Secrets that show by their form: private keys (PEM, RFC 7468), seeds of NATS, keys and tokens of AWS, GitHub, GitLab,
 * Slack, Google, Stripe, npm, age and of makers of language models, and JSON Web Tokens.
 */
const knownForm = new RegExp(
  [
    "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY",
    "(?<![A-Z0-9])S[AUONCX][A-Z2-7]{56}(?![A-Z0-9])",
    "(?<![A-Z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Z0-9])",
    "(?<!\\w)(?:gh[pousr]_[A-Za-z0-9]{20}|github_pat_\\w{20}|glpat-[\\w-]{20}|npm_[A-Za-z0-9]{30})",
    "(?<!\\w)(?:xox[abeprs]-[\\w-]{10}|AIza[\\w-]{35}|[sr]k_live_[A-Za-z0-9]{16}|AGE-SECRET-KEY-1[A-Z0-9]{20})",
    "(?<![\\w-])sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32}",
    "(?<![\\w-])eyJ[\\w-]{8,2000}\\.eyJ[\\w-]{8,}\\.[\\w-]{8}",
  ].join("|"),
);

/** `://user:password@`; begins at the colon, so that a long text is read once. */
const passwordInUrl = /:\/\/[^\s/@:]*:([^\s/@]+)@/g;
/** `name=value`, `--name value` and `"name": "value"`; a name begins where no other goes on, so that it is read once. */
const assignment = /(?<![\w.-])([A-Za-z_-][\w.-]*)\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s;&"',]+))/g;
const option = /(?<![\w-])--?([A-Za-z][\w-]*)\s+(?!-)(?:"([^"]*)"|'([^']*)'|([^\s;&"']+))/g;
const optionWithValue = /(?<![\w-])--?[A-Za-z][\w-]*\s/;
const member = /"([\w.-]+)"\s?:\s?"([^"]*)"/g;
const authorization = /authorization["']?\s?[:=]\s?["']?(?:bearer|basic|token)\s+([^\s"']+)/gi;

/** Whether a text holds a secret that shows without the name of its field. */
const holdsSecret = (text: string): boolean => {
  if (!worthALook.test(text)) return false;
  if (longWord.test(text) && knownForm.test(text)) return true;
  const finds = (pattern: RegExp, isSecret: (match: RegExpExecArray) => boolean): boolean =>
    [...text.matchAll(pattern)].some(isSecret);
  const isNamed = ([, name = "", ...values]: RegExpExecArray): boolean =>
    isNamedSecret(name, values.find((value) => value !== undefined) ?? "");
  const isOne = ([, value = ""]: RegExpExecArray): boolean => couldBeSecret(value);
  return (
    (text.includes("@") && text.includes("://") && finds(passwordInUrl, isOne)) ||
    (text.includes("=") && finds(assignment, isNamed)) ||
    (optionWithValue.test(text) && finds(option, isNamed)) ||
    (text.includes('"') && finds(member, isNamed)) ||
    (text.includes("uthorization") && finds(authorization, isOne))
  );
};

/** Whether a variable with this name and value looks like a secret. */
export const looksLikeSecret = (name: string, value: string): boolean =>
  isNamedSecret(name, value) || holdsSecret(value);

/** A text of a graph that looks like a secret. */
interface SecretLike {
  /** Where it is, as messages and allowances name it: `web.environment.DB_PASSWORD`, `web.args.1`. */
  readonly field: string;
  /** The text. It must not get into a message, a log line or an event. */
  readonly text: string;
}

/** Fields whose members have names of the designer's own. */
const isNamedByPeople = (field: string): boolean => field === "environment" || field === "labels";

/** Fields with names and types, whose form no secret has. */
const namesOfNode: ReadonlySet<string> = new Set(["id", "type"]);
const namesOfEdge: ReadonlySet<string> = new Set(["from", "type", "to"]);

const optionName = /^--?([A-Za-z][\w-]*)$/;

/** Adds the secrets of a list. An argument may be the value of the option before it. */
const inList = (field: string, list: ReadonlyArray<unknown>, found: Array<SecretLike>): void => {
  let before: string | undefined;
  for (const [index, value] of list.entries()) {
    if (typeof value !== "string") {
      inValue(`${field}.${index}`, value, found);
      before = undefined;
      continue;
    }
    const name = before === undefined ? undefined : optionName.exec(before)?.[1];
    if (holdsSecret(value) || (name !== undefined && !value.startsWith("-") && isNamedSecret(name, value)))
      found.push({ field: `${field}.${index}`, text: value });
    before = value;
  }
};

/** Adds the secrets of values whose names people choose. If a name is a secret, only the field around it is named. */
const inNamed = (field: string, values: object, found: Array<SecretLike>): void => {
  for (const [name, value] of Object.entries(values)) {
    if (holdsSecret(name)) found.push({ field, text: name });
    const here = holdsSecret(name) ? field : `${field}.${name}`;
    if (typeof value === "string" && looksLikeSecret(name, value)) found.push({ field: here, text: value });
  }
};

const inValue = (field: string, value: unknown, found: Array<SecretLike>): void => {
  if (typeof value === "string") {
    if (holdsSecret(value)) found.push({ field, text: value });
  } else if (Array.isArray(value)) inList(field, value, found);
  else if (typeof value === "object" && value !== null)
    for (const [name, inner] of Object.entries(value)) inValue(`${field}.${name}`, inner, found);
};

/** Adds the secrets of a node or an edge, which messages call `name`. */
const inElement = (name: string, element: object, skipped: ReadonlySet<string>, found: Array<SecretLike>): void => {
  for (const [field, value] of Object.entries(element)) {
    if (skipped.has(field)) continue;
    if (isNamedByPeople(field)) inNamed(`${name}.${field}`, value, found);
    else inValue(`${name}.${field}`, value, found);
  }
};

/** The texts of a graph, or of a part of it. */
export interface Texts {
  readonly description?: string | undefined;
  readonly nodes?: Iterable<Node>;
  readonly edges?: Iterable<Edge>;
}

/** A secret of a graph, and the node that has it. */
interface Found extends SecretLike {
  readonly node?: Node;
}

/** What looks like a secret in texts: in the description, then in nodes and edges in their order. Pauses after each. */
function* secretsOf({ description, nodes = [], edges = [] }: Texts): Steps<ReadonlyArray<Found>> {
  const found: Array<Found> = [];
  if (description !== undefined) inValue("description", description, found);
  for (const node of nodes) {
    const ofNode: Array<SecretLike> = [];
    inElement(node.id, node, namesOfNode, ofNode);
    for (const secret of ofNode) found.push({ ...secret, node });
    yield;
  }
  // Messages name an edge by its ends: its `id` is free text, and could itself be a secret.
  for (const edge of edges) {
    inElement(`${edge.from}/${edge.type}/${edge.to}`, withoutImpliedId(edge), namesOfEdge, found);
    yield;
  }
  return found;
}

const remedyOf = ({ field, node }: Found): string => {
  if (node?.type === "service") return "put it into a file on the host and name the file in `environmentFiles`";
  if (node?.type === "message-bus" && field.startsWith(`${node.id}.leafRemotes.`))
    return "put it into a file on the host and name the file in `credentialsFile`";
  return "take it out, and let the program read it from a file on the host";
};

const problemOf = (found: Found): Problem => {
  const { field, node } = found;
  const message =
    `\`${field}\` looks like a secret. A graph stays in the log, and its flake in the Nix store, which everyone on a host ` +
    `can read: ${remedyOf(found)}. If it is not a secret, name the field in \`--allow-secret-like\` ` +
    "(`allowSecretLike` of the command)";
  return error("invalid-config", node === undefined ? {} : { nodes: [node.id] }, message);
};

/** The length from which a text is taken out of the messages of others. Shorter ones are parts of words. */
const leastConcealed = 8;

/** Problems without the secrets in them: a message about an edge has its `id`, and this may be a secret. */
const concealing = (found: ReadonlyArray<Found>, problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const texts = found.map(({ text }) => text).filter((text) => text.length >= leastConcealed);
  if (texts.length === 0) return problems;
  const conceal = (text: string): string => texts.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
  return problems.map((problem) => ({
    ...problem,
    edges: problem.edges.map(conceal),
    message: conceal(problem.message),
  }));
};

/** What was found at the door of a graph. */
export interface SecretCheck {
  /** One `invalid-config` for each secret that nobody allowed. No message has the secret. */
  readonly problems: ReadonlyArray<Problem>;
  /** The fields of those that were allowed. */
  readonly allowed: ReadonlyArray<string>;
  /** Takes the secrets out of other problems. */
  readonly concealed: (problems: ReadonlyArray<Problem>) => ReadonlyArray<Problem>;
}

/**
 * Looks for secrets in texts that are about to enter a graph, before an event has them: the log denies deletion, and
 * the Nix store is read by everyone. `allowed` names the fields that may look like one. What the node, the edge or the
 * description had `before` is not brought in again, so that graphs of older logs can still be changed.
 */
export const checkSecrets = (texts: Texts, allowed?: ReadonlyArray<string>, before?: () => Texts): SecretCheck =>
  atOnce(checkingSecrets(texts, allowed, before));

/** The same with a pause after each node and edge. */
export function* checkingSecrets(
  texts: Texts,
  allowed: ReadonlyArray<string> = [],
  before: () => Texts = () => ({}),
): Steps<SecretCheck> {
  const all = yield* secretsOf(texts);
  if (all.length === 0) return { problems: [], allowed: [], concealed: (problems) => problems };
  const keyOf = ({ field, text, node }: Found): string => JSON.stringify([node === undefined ? field : node.id, text]);
  const known = new Set((yield* secretsOf(before())).map(keyOf));
  const broughtIn = all.filter((found) => !known.has(keyOf(found)));
  const isAllowed = ({ field }: Found): boolean => allowed.includes(field);
  return {
    problems: broughtIn.filter((found) => !isAllowed(found)).map(problemOf),
    allowed: broughtIn.filter(isAllowed).map(({ field }) => field),
    concealed: (problems) => concealing(all, problems),
  };
}

/** The fields of a graph that look like secrets, as allowances name them. */
export const secretLikeFields = (texts: Texts): ReadonlyArray<string> =>
  atOnce(secretsOf(texts)).map(({ field }) => field);
