import { atOnce, type Steps } from "../kernel/mod.ts";
import { withoutImpliedId } from "./canonical.ts";
import type { GraphChange } from "./contract.ts";
import type { Edge } from "./edge.ts";
import type { Node } from "./node.ts";
import { error, type Problem } from "./problem.ts";
import { holdsSecret, isNamedSecret, looksLikeSecret } from "./secrets.ts";

/** A text of a graph that looks like a secret. */
interface SecretLike {
  /** Its place, in the form of messages and allowances: `web.environment.DB_PASSWORD`, `web.args.1`. */
  readonly field: string;
  /** The text. It must not appear in a message, a log line or an event. */
  readonly text: string;
}

/** Returns whether people choose the names of a field's members. */
const isNamedByPeople = (field: string): boolean => field === "environment" || field === "labels";

/** Fields with names and types. Their form excludes secrets. */
const namesOfNode: ReadonlySet<string> = new Set(["id", "type"]);
const namesOfEdge: ReadonlySet<string> = new Set(["from", "type", "to"]);

const optionName = /^--?([A-Za-z][\w-]*)$/;

/** Adds the secrets of a list. An argument may be the value of the preceding option. */
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

/**
 * Adds the secrets of values whose names people choose. If a name itself is a secret, only its enclosing field is
 * named.
 */
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

/** Adds the secrets of a node or an edge. Messages call it `name`. */
const inElement = (name: string, element: object, skipped: ReadonlySet<string>, found: Array<SecretLike>): void => {
  for (const [field, value] of Object.entries(element)) {
    if (skipped.has(field)) continue;
    if (isNamedByPeople(field) && typeof value === "object" && value !== null)
      inNamed(`${name}.${field}`, value, found);
    else inValue(`${name}.${field}`, value, found);
  }
};

/** A node, or the fields of one that a change replaces. */
type NodeTexts = Node | { readonly id: string; readonly type?: never };

/** The texts of a graph, or of a part of it. */
export interface Texts {
  readonly description?: string | undefined;
  readonly pins?: Readonly<Record<string, string>> | undefined;
  readonly nodes?: Iterable<NodeTexts>;
  readonly edges?: Iterable<Edge>;
  /** The texts of hosts' files, by digest. */
  readonly files?: ReadonlyMap<string, string>;
}

/** Returns the texts that changes would add to a graph. */
export const textsOf = (changes: ReadonlyArray<GraphChange>): Texts => ({
  nodes: changes.flatMap((change): ReadonlyArray<NodeTexts> => {
    if (change.type === "add-node") return [change.node];
    return change.type === "update-node" ? [{ ...change.changes, id: change.id }] : [];
  }),
  edges: changes.flatMap((change) => (change.type === "connect" ? [change.edge] : [])),
});

/** A secret of a graph, with its node. */
interface Found extends SecretLike {
  readonly node?: NodeTexts;
}

/** Adds the files of a host that contain secrets: `web-1.files.hardware/web-1.nix`. */
const inFiles = (node: NodeTexts, texts: NonNullable<Texts["files"]>, found: Array<SecretLike>): void => {
  if (node.type !== "host") return;
  for (const [path, digest] of Object.entries(node.files ?? {})) {
    const text = texts.get(digest);
    if (text !== undefined && holdsSecret(text)) found.push({ field: fileField(node.id, path), text });
  }
};

/** Returns the name of a host's file in messages and allowances. */
export const fileField = (host: string, path: string): string => `${host}.files.${path}`;

/**
 * Returns the texts that look like secrets: in the description, then in nodes and edges in order. Pauses after each.
 */
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
  // Messages name an edge by its ends, because its `id` is free text and could itself be a secret.
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

/** The length from which a text is removed from other messages. Shorter ones may be parts of words. */
const leastConcealed = 8;

/** Returns problems with the secrets removed. A message about an edge has its `id`, which may be a secret. */
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

/** The result of checking a graph for secrets. */
export interface SecretCheck {
  /** One `invalid-config` for each secret that was not allowed. No message contains the secret. */
  readonly problems: ReadonlyArray<Problem>;
  /** The newly allowed fields. */
  readonly allowed: ReadonlyArray<string>;
  /** Returns other problems with the secrets removed. */
  readonly concealed: (problems: ReadonlyArray<Problem>) => ReadonlyArray<Problem>;
}

/** What makes texts acceptable that look like secrets. */
export interface Pass {
  /** The fields that may look like one. */
  readonly allowed?: ReadonlyArray<string> | undefined;
  /**
   * The former graph. Text that the node, the edge or the description already has is not new. So graphs of older logs
   * can still be changed.
   */
  readonly before?: () => Texts;
  /** The fields of that graph that were already allowed. */
  readonly recorded?: ReadonlyArray<string>;
}

const nothing = (): Texts => ({});

/**
 * Checks texts for secrets before an event has them. The log cannot be changed afterwards, and everyone on a host can
 * read the Nix store.
 */
export const checkSecrets = (texts: Texts, pass?: Pass): SecretCheck => atOnce(checkingSecrets(texts, pass));

/** Returns the same, with a pause after each node and edge. */
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
 * Returns why proposed changes may not enter the log, for example those of a ballot or a remedy. They contain text that
 * looks like a secret, is not in their graph, and was not allowed. Undefined if they may.
 */
export const secretIn = (changes: ReadonlyArray<GraphChange>, pass: Pass): string | undefined =>
  checkSecrets(textsOf(changes), pass).problems[0]?.message;

const fieldOf = ({ field }: SecretLike): string => field;

/** Returns the fields of a graph that look like secrets, in the form of allowances. */
export const secretLikeFields = (texts: Texts): ReadonlyArray<string> => atOnce(secretsOf(texts)).map(fieldOf);

/** Returns one `invalid-config` for each field of a stored graph that looks like a secret and was not allowed. */
export const unallowedFields = (
  fields: ReadonlyArray<string>,
  allowed: ReadonlyArray<string>,
): ReadonlyArray<Problem> => {
  const known = new Set(allowed);
  const unallowed = [...new Set(fields)].filter((field) => !known.has(field));
  return unallowed.map((field) => {
    const message =
      `\`${field}\` looks like a secret, and was not allowed: take it out and change it where it is used, or, if it ` +
      `is not a secret, import the graph with \`--allow-secret-like ${field}\``;
    return error("invalid-config", {}, message);
  });
};
