import { atOnce, type Steps } from "../kernel/mod.ts";
import { withoutImpliedId } from "./canonical.ts";
import type { GraphChange } from "./contract.ts";
import type { Edge } from "./edge.ts";
import type { Node } from "./node.ts";
import { error, type Problem } from "./problem.ts";
import { holdsSecret, isNamedSecret, looksLikeSecret } from "./secrets.ts";

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
    if (typeof value !== "string") inValue(here, value, found);
    else if (looksLikeSecret(name, value)) found.push({ field: here, text: value });
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
    if (isNamedByPeople(field) && typeof value === "object" && value !== null)
      inNamed(`${name}.${field}`, value, found);
    else inValue(`${name}.${field}`, value, found);
  }
};

/** A node, or those fields of one that a change replaces. */
type NodeTexts = Node | { readonly id: string; readonly type?: never };

/** The texts of a graph, or of a part of it. */
export interface Texts {
  readonly description?: string | undefined;
  readonly pins?: Readonly<Record<string, string>> | undefined;
  readonly nodes?: Iterable<NodeTexts>;
  readonly edges?: Iterable<Edge>;
  /** The texts of files that hosts name, by their digests. */
  readonly files?: ReadonlyMap<string, string>;
}

/** The texts that changes would bring into a graph. */
export const textsOf = (changes: ReadonlyArray<GraphChange>): Texts => ({
  nodes: changes.flatMap((change): ReadonlyArray<NodeTexts> => {
    if (change.type === "add-node") return [change.node];
    return change.type === "update-node" ? [{ ...change.changes, id: change.id }] : [];
  }),
  edges: changes.flatMap((change) => (change.type === "connect" ? [change.edge] : [])),
});

/** A secret of a graph, and the node that has it. */
interface Found extends SecretLike {
  readonly node?: NodeTexts;
}

/** Adds the files of a host that hold secrets: `web-1.files.hardware/web-1.nix`. */
const inFiles = (node: NodeTexts, texts: NonNullable<Texts["files"]>, found: Array<SecretLike>): void => {
  if (node.type !== "host") return;
  for (const [path, digest] of Object.entries(node.files ?? {})) {
    const text = texts.get(digest);
    if (text !== undefined && holdsSecret(text)) found.push({ field: fileField(node.id, path), text });
  }
};

/** The name of a file of a host, for messages and allowances. */
export const fileField = (host: string, path: string): string => `${host}.files.${path}`;

/** What looks like a secret in texts: in the description, then in nodes and edges in their order. Pauses after each. */
function* secretsOf({ description, pins = {}, nodes = [], edges = [], files }: Texts): Steps<ReadonlyArray<Found>> {
  const found: Array<Found> = [];
  if (description !== undefined) inValue("description", description, found);
  inValue("pins", pins, found);
  for (const node of nodes) {
    const ofNode: Array<SecretLike> = [];
    inElement(node.id, node, namesOfNode, ofNode);
    if (files !== undefined) inFiles(node, files, ofNode);
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
  if (node?.type === "host" && field.startsWith(`${node.id}.files.`))
    return "let the module name a file on the host (`hashedPasswordFile`, `sops.secrets`, `age.secrets`)";
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
  /** The fields of those that are allowed from now on. */
  readonly allowed: ReadonlyArray<string>;
  /** Takes the secrets out of other problems. */
  readonly concealed: (problems: ReadonlyArray<Problem>) => ReadonlyArray<Problem>;
}

/** What lets texts through that look like secrets. */
export interface Pass {
  /** The fields that may look like one. */
  readonly allowed?: ReadonlyArray<string> | undefined;
  /**
   * The graph as it was: what the node, the edge or the description has already is not brought in again, so that graphs
   * of older logs can still be changed.
   */
  readonly before?: () => Texts;
  /** The fields of that graph that were allowed already. */
  readonly recorded?: ReadonlyArray<string>;
}

const nothing = (): Texts => ({});

/**
 * Looks for secrets in texts that are about to enter the log, before an event has them: the log denies deletion, and the
 * Nix store is read by everyone.
 */
export const checkSecrets = (texts: Texts, pass?: Pass): SecretCheck => atOnce(checkingSecrets(texts, pass));

/** The same with a pause after each node and edge. */
export function* checkingSecrets(
  texts: Texts,
  { allowed = [], before = nothing, recorded = [] }: Pass = {},
): Steps<SecretCheck> {
  const all = yield* secretsOf(texts);
  if (all.length === 0) return { problems: [], allowed: [], concealed: (problems) => problems };
  const keyOf = ({ field, text, node }: Found): string => JSON.stringify([node === undefined ? field : node.id, text]);
  const known = new Set((yield* secretsOf(before())).map(keyOf));
  const isAllowed = ({ field }: Found): boolean => allowed.includes(field);
  const isNew = (found: Found): boolean => !known.has(keyOf(found));
  return {
    problems: all.filter((found) => isNew(found) && !isAllowed(found)).map(problemOf),
    allowed: all.filter((found) => isAllowed(found) && (isNew(found) || !recorded.includes(found.field))).map(fieldOf),
    concealed: (problems) => concealing(all, problems),
  };
}

/**
 * Why changes that somebody wants may not get into the log, such as those of a ballot or of a remedy: they have something
 * that looks like a secret, is not in the graph that they are for, and was not allowed. Undefined if they may.
 */
export const secretIn = (changes: ReadonlyArray<GraphChange>, pass: Pass): string | undefined =>
  checkSecrets(textsOf(changes), pass).problems[0]?.message;

const fieldOf = ({ field }: SecretLike): string => field;

/** The fields of a graph that look like secrets, as allowances name them. */
export const secretLikeFields = (texts: Texts): ReadonlyArray<string> => atOnce(secretsOf(texts)).map(fieldOf);

/** One `invalid-config` for each field of a stored graph that looks like a secret and was not allowed. */
export const unallowedFields = (
  fields: ReadonlyArray<string>,
  allowed: ReadonlyArray<string>,
): ReadonlyArray<Problem> => {
  const known = new Set(allowed);
  const unallowed = [...new Set(fields)].filter((field) => !known.has(field));
  return unallowed.map((field) => {
    const message =
      `\`${field}\` looks like a secret, and nobody has allowed it: take it out and change it where it is used, or, if it ` +
      `is not a secret, import the graph with \`--allow-secret-like ${field}\``;
    return error("invalid-config", {}, message);
  });
};
