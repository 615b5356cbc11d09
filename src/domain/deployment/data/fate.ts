import { Schema } from "effect";
import { bounds, List, Name } from "../../kernel/mod.ts";

/**
 * The fate of a node's data. `destroyed`: deleted. `empty`: the new system does not find them and starts empty.
 * `left-behind`: kept, but nothing uses them any longer. `stays`: unchanged.
 */
export const Fate = Schema.Literals(["destroyed", "empty", "left-behind", "stays"]);
export type Fate = typeof Fate.Type;

/** The effect of a deployment on the data that a node has on a host now. */
export const DataFate = Schema.Struct({
  host: Name,
  node: Name,
  fate: Fate,
  /** The cause, and where the data are afterwards. Absent if they stay unchanged. */
  text: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "DataFate" });
export type DataFate = typeof DataFate.Type;

/** The fates of data on the hosts, except data that simply stay. */
export const data = Schema.optionalKey(Schema.Array(DataFate));

/** The nodes whose data the request allows to be lost. Voters see it, and their ballots are bound to it. */
export const acceptDataLoss = Schema.optionalKey(List(Name, bounds.many).check(Schema.isUnique()));
export const dataLossAccepted = Schema.optionalKey(Schema.Array(Name));

const words: Readonly<Record<Fate, string>> = {
  destroyed: "is destroyed",
  empty: "becomes empty",
  "left-behind": "is left behind",
  stays: "stays",
};

/** Returns a fate in one line. */
export const fateText = ({ host, node, fate, text }: DataFate): string =>
  `${node} on ${host} ${words[fate]}${text === undefined ? "" : `: ${text}`}`;

/** Returns whether people should know about the effect on data, or on their protection. */
export const isAtRisk = ({ text }: DataFate): boolean => text !== undefined;

/** Returns whether data are lost for the users of the node. A deployment does this only if its request accepts it. */
export const isLoss = ({ fate }: DataFate): boolean => fate === "destroyed" || fate === "empty";

/** Returns the losses that a request does not accept. */
export const unaccepted = (
  data: ReadonlyArray<DataFate>,
  accepted: ReadonlyArray<string> = [],
): ReadonlyArray<DataFate> => data.filter((one) => isLoss(one) && !accepted.includes(one.node));

/** Returns the nodes whose data are lost, each once. */
export const losers = (data: ReadonlyArray<DataFate>): ReadonlyArray<string> =>
  [...new Set(data.filter(isLoss).map(({ node }) => node))].sort();

/** Returns an accepted node that loses nothing. An acceptance must match what its author has read. */
export const acceptsNothing = (
  data: ReadonlyArray<DataFate>,
  accepted: ReadonlyArray<string> = [],
): string | undefined => {
  const lost = losers(data);
  return accepted.find((node) => !lost.includes(node));
};

/**
 * Returns the losses that were not accepted: of nodes that the request does not name, or that were not recorded when
 * the revision was put to the vote. What is deployed may have changed since then.
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

/** Returns which data would be lost, and how to accept that. */
export const lossText = (losses: ReadonlyArray<DataFate>): string =>
  `data would be lost: ${losses.map(fateText).join("; ")}. Keep the data, or accept the loss by node in the request (\`acceptDataLoss\`, \`--accept-data-loss ${losers(losses).join(",")}\`)`;
