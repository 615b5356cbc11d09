import { Schema } from "effect";
import { bounds, List, Name } from "../../kernel/mod.ts";

/**
 * What becomes of the data of a node: deleted; not found by what runs in the node's place, which begins empty; kept where
 * nothing uses them any more; or as they are.
 */
export const Fate = Schema.Literals(["destroyed", "empty", "left-behind", "stays"]);
export type Fate = typeof Fate.Type;

/** What a deployment would do to the data that a node has on a host now. */
export const DataFate = Schema.Struct({
  host: Name,
  node: Name,
  fate: Fate,
  /** How that comes, and where the data are then. Absent if they stay as they are. */
  text: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "DataFate" });
export type DataFate = typeof DataFate.Type;

/** What becomes of the data on the hosts, as far as they do not just stay. */
export const data = Schema.optionalKey(Schema.Array(DataFate));

/** The nodes whose data may be lost, as a request says: voters see it, and their ballots are bound to it. */
export const acceptDataLoss = Schema.optionalKey(List(Name, bounds.many).check(Schema.isUnique()));
export const dataLossAccepted = Schema.optionalKey(Schema.Array(Name));

const words: Readonly<Record<Fate, string>> = {
  destroyed: "is destroyed",
  empty: "becomes empty",
  "left-behind": "is left behind",
  stays: "stays",
};

/** A fate in a line. */
export const fateText = ({ host, node, fate, text }: DataFate): string =>
  `${node} on ${host} ${words[fate]}${text === undefined ? "" : `: ${text}`}`;

/** Whether a deployment does something to data, or to what protects them, that people should know. */
export const isAtRisk = ({ text }: DataFate): boolean => text !== undefined;

/** Whether data are lost to who uses the node: a deployment does that only if its request accepts it. */
export const isLoss = ({ fate }: DataFate): boolean => fate === "destroyed" || fate === "empty";

/** The losses that a request does not accept. */
export const unaccepted = (
  data: ReadonlyArray<DataFate>,
  accepted: ReadonlyArray<string> = [],
): ReadonlyArray<DataFate> => data.filter((one) => isLoss(one) && !accepted.includes(one.node));

/** The nodes whose data are lost, each once. */
export const losers = (data: ReadonlyArray<DataFate>): ReadonlyArray<string> =>
  [...new Set(data.filter(isLoss).map(({ node }) => node))].sort();

/** The first of the nodes that a request accepts a loss of and that lose nothing. An acceptance is for what was read. */
export const acceptsNothing = (
  data: ReadonlyArray<DataFate>,
  accepted: ReadonlyArray<string> = [],
): string | undefined => {
  const lost = losers(data);
  return accepted.find((node) => !lost.includes(node));
};

/**
 * The losses that nobody has accepted by now: of nodes that the request does not name, or that were not recorded when the
 * revision was put to those who decide. What is deployed may have changed since then.
 */
export const unforeseen = (
  data: ReadonlyArray<DataFate>,
  {
    acceptDataLoss,
    data: recorded = [],
  }: { readonly acceptDataLoss?: ReadonlyArray<string>; readonly data?: ReadonlyArray<DataFate> },
): ReadonlyArray<DataFate> => {
  const keyOf = ({ host, node, fate }: DataFate) => `${host} ${node} ${fate}`;
  const seen = new Set(recorded.map(keyOf));
  const open = new Set(unaccepted(data, acceptDataLoss));
  return data.filter((one) => isLoss(one) && (open.has(one) || !seen.has(keyOf(one))));
};

/** Says which data would be lost, and how that is accepted. */
export const lossText = (losses: ReadonlyArray<DataFate>): string =>
  `data would be lost: ${losses.map(fateText).join("; ")}. Keep the data, or accept the loss by node in the request (\`acceptDataLoss\`, \`--accept-data-loss ${losers(losses).join(",")}\`)`;
