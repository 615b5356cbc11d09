import { Schema } from "effect";
import { jsonBytes } from "./json.ts";

/**
 * The largest inputs of public commands. Without bounds, one command could take more than its sender's share of the
 * backend: a dialog of 20,000 participants once kept it from renewing its leases. Events have no bounds, because events
 * that older versions recorded must stay readable.
 */
export const bounds = {
  /** Characters of a name, a kind or a type. */
  name: 256,
  /** Characters of a reason, a condition, a topic or a description. */
  text: 16 * 1024,
  /** Characters of a proposal's title, which names the hosts of a change and its reason. */
  proposalTitle: 128 * 1024,
  /** Characters of a turn, and bytes of a JSON value that carries work: a payload, a result, data or a context. */
  message: 8 * 1024 * 1024,
  /** Bytes of JSON of each value in an agent's metadata. */
  metadata: 64 * 1024,
  /** Characters of a path in the Nix store, and of the name of a unit. */
  path: 1_024,
  /** Characters of a replica's update: one record of the longest texts, escaped, in base64. */
  update: 128 * 1024,
  /** Characters of a text in a graph: an argument, a variable's value, a description. */
  graphText: 256 * 1024,
  /** Nodes and edges of a graph document. A message usually takes fewer. */
  nodes: 100_000,
  edges: 500_000,
  /** Entries of a list, and keys of a record. */
  list: 1_000,
  /**
   * Entries of lists that grow with a large fleet or vote: voters, hosts of a deployment, nodes that fail on a host …
   */
  many: 10_000,
} as const;

const number = new Intl.NumberFormat("en-US");

/**
 * Checks a length and aborts. Later checks may take more than linear time, and must not see values that are too long.
 */
const atMost = (max: number, what: "characters" | "entries", remedy: string) =>
  Schema.isMaxLength(max, { message: `has more than ${number.format(max)} ${what}: ${remedy}` }).abort();

const shorter = "shorten it, or keep it elsewhere and refer to it";

/** A text of at most `max` characters (UTF-16 code units). */
export const Text = (max: number) => Schema.String.check(atMost(max, "characters", shorter));

/** A text of 1 to `max` characters (UTF-16 code units). */
export const NonEmptyText = (max: number) => Schema.NonEmptyString.check(atMost(max, "characters", shorter));

const fewer = "send fewer";

/** A list of at most `max` entries. Checks added to it see only lists within this bound. */
export const List = <S extends Schema.Constraint>(item: S, max: number = bounds.list) =>
  Schema.Array(item).check(atMost(max, "entries", fewer));

/** A list of 1 to `max` entries. */
export const NonEmptyList = <S extends Schema.Constraint>(item: S, max: number = bounds.list) =>
  Schema.NonEmptyArray(item).check(atMost(max, "entries", fewer));

/** The check of a record: at most `max` keys. */
export const maxKeys = (max: number) =>
  Schema.isMaxProperties(max, { message: `has more than ${number.format(max)} keys: ${fewer}` }).abort();

/** Any JSON value of at most `max` bytes in UTF-8. */
export const JsonUpTo = (max: number) =>
  Schema.Json.check(
    Schema.makeFilter((value: Schema.Json) => jsonBytes(value) <= max, {
      toJsonSchema: () => ({ description: `at most ${number.format(max)} bytes of JSON` }),
      message: `has more than ${number.format(max)} bytes of JSON: ${shorter}`,
    }),
  );
