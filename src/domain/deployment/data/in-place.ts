import type { GraphIndex } from "../../graph/graph-index.ts";
import type { DatabaseNode, HostNode, MessageBusNode, MonitoringNode, Node } from "../../graph/node.ts";
import { type DataPlace, dataPlaceOf, isSamePlace, primaryOf } from "../../nix/mod.ts";
import type { Fate } from "./fate.ts";

/** A node on a host of one graph. */
export interface At {
  readonly graph: GraphIndex;
  readonly host: HostNode;
}

/** A fate and its cause. A node can have several at once. */
export interface Part {
  readonly fate: Fate;
  readonly text: string;
}

export const placeOf = (node: Node, { graph: topology, host }: At): DataPlace | undefined =>
  dataPlaceOf(node, { topology, host });

/** Returns a place in words. */
export const placeText = ({ path, on }: DataPlace): string =>
  on.disk === undefined ? path : `${path} (disk ${on.disk})`;

const deviceText = ({ on, path }: DataPlace): string => on.disk ?? `the folder ${path}`;
const majorOf = ({ version }: { readonly version?: string }): string =>
  version === undefined ? "the version of the NixOS release" : `version ${version.split(".")[0]}`;

/** The states of one node before and after. */
interface Pair<N> {
  readonly before: N;
  readonly after: N;
}

/**
 * If the graph leaves a version open, the NixOS release decides. Then it is unknown here whether the versions are
 * equal.
 */
const otherVersion = (before: DatabaseNode, after: DatabaseNode): string =>
  before.version === undefined || after.version === undefined
    ? `unless ${majorOf(before)} is ${majorOf(after)}, `
    : `${majorOf(after)} does not read the data of ${majorOf(before)}; `;

/** Returns the text for data that stay while the node looks for them elsewhere. */
const elsewhere = ({ before, after }: Pair<Node>, was: DataPlace, is: DataPlace): string => {
  const stay = `what it has stays in ${placeText(was)}`;
  if (before.type === "storage") return `it begins with what is on ${deviceText(is)}, and ${stay}`;
  const isDatabase = before.type === "database" && after.type === "database";
  const version = isDatabase && majorOf(before) !== majorOf(after) ? otherVersion(before, after) : "";
  return `${version}it looks for its data in ${placeText(is)}, and ${stay}`;
};

const placeParts = (pair: Pair<Node>, was: DataPlace, is: DataPlace | undefined): ReadonlyArray<Part> => {
  if (is === undefined)
    return [
      { fate: "empty", text: `it keeps nothing on the disk any more, and what it has stays in ${placeText(was)}` },
    ];
  if (!isSamePlace(was, is)) {
    const forgets = is.emptied ? "; that folder is emptied each time the host boots" : "";
    return [{ fate: "empty", text: `${elsewhere(pair, was, is)}${forgets}` }];
  }
  if (is.emptied)
    return [{ fate: "destroyed", text: `${is.path} is emptied when the host boots next, with what it has now` }];
  return is.path === was.path ? [] : [{ fate: "stays", text: `it is seen at ${is.path} and no longer at ${was.path}` }];
};

const named = (names: ReadonlyArray<string>): string => names.map((name) => `\`${name}\``).join(", ");

/** Databases that the graph no longer names stay in the server. New names start empty. */
const nameParts = ({ before, after }: Pair<DatabaseNode>): ReadonlyArray<Part> => {
  const { databases: old = [] } = before;
  const { databases: now = [] } = after;
  const gone = old.filter((name) => !now.includes(name));
  const fresh = now.filter((name) => !old.includes(name));
  if (gone.length === 0) return [];
  const stay = `${named(gone)} ${gone.length === 1 ? "stays" : "stay"} in the server, and nothing saves ${gone.length === 1 ? "it" : "them"} any more`;
  return fresh.length === 0
    ? [{ fate: "left-behind", text: stay }]
    : [{ fate: "empty", text: `${named(fresh)} ${fresh.length === 1 ? "begins" : "begin"} empty; ${stay}` }];
};

/** These engines upgrade data in place. Earlier versions cannot read them afterwards. */
const versionParts = ({ before, after }: Pair<DatabaseNode>): ReadonlyArray<Part> => {
  if (before.engine === "postgresql" || before.engine === "sqlite" || before.version === after.version) return [];
  const text = `${majorOf(before)} becomes ${majorOf(after)}, which changes the data in place: no rollback brings them back`;
  return majorOf(before) === majorOf(after) ? [] : [{ fate: "stays", text }];
};

/** Data on a volume are not emptied, even if `persistent` is false. */
const persistenceParts = ({ before, after }: Pair<DatabaseNode>, is: DataPlace | undefined): ReadonlyArray<Part> =>
  before.persistent !== false && after.persistent === false && is !== undefined && !is.emptied
    ? [
        {
          fate: "stays",
          text: `\`persistent\` is false, and its data stay all the same: they are on a volume, in ${placeText(is)}`,
        },
      ]
    : [];

/** Covers changes of replication. A server with its own data refuses to start as a copy of another. */
const roleParts = (pair: Pair<DatabaseNode>, from: At, to: At, was: DataPlace): ReadonlyArray<Part> => {
  const source = primaryOf(pair.before, { topology: from.graph, host: from.host });
  const target = primaryOf(pair.after, { topology: to.graph, host: to.host });
  if (source === target) return [];
  if (target === undefined)
    return [{ fate: "stays", text: `it was a standby of \`${source}\`: promote it by hand, or it stays read-only` }];
  const whose = target === pair.after.id ? `\`${target}\` on its first host` : `\`${target}\``;
  // PostgreSQL and MySQL detect existing data before they start. The other engines replace their data with the
  // primary's.
  if (pair.after.engine !== "postgresql" && pair.after.engine !== "mysql")
    return [{ fate: "destroyed", text: `it becomes a standby of ${whose}, whose data take the place of its own` }];
  return [
    {
      fate: "empty",
      text: `it becomes a standby of ${whose}, which does not have its data. It does not start until ${placeText(was)} is moved away`,
    },
  ];
};

const backupParts = ({ before, after }: Pair<DatabaseNode>, { graph, host }: At): ReadonlyArray<Part> =>
  before.backupSchedule === undefined ||
  after.backupSchedule !== undefined ||
  graph.hostsOf(before.id)[0]?.id !== host.id
    ? []
    : [{ fate: "stays", text: `its backup ends: the copies in /var/backup/${before.id} stay, and no new ones come` }];

/** Returns the hours for which a topic keeps messages. Kafka without `persistence` uses its own default, a week. */
const hoursOf = (
  { engine, persistence }: MessageBusNode,
  { retentionHours }: NonNullable<MessageBusNode["topics"]>[number],
): number => retentionHours ?? (engine === "kafka" && persistence !== true ? 168 : Number.POSITIVE_INFINITY);

const hoursText = (hours: number): string => (hours === Number.POSITIVE_INFINITY ? "for ever" : `${hours} h`);

/** Returns the fate of each topic of a bus. No program removes a stream that the graph no longer names. */
const topicParts = ({ before, after }: Pair<MessageBusNode>): ReadonlyArray<Part> =>
  (before.topics ?? []).flatMap((topic): ReadonlyArray<Part> => {
    const next = after.topics?.find(({ name }) => name === topic.name);
    if (next === undefined)
      return [
        { fate: "left-behind", text: `the messages of \`${topic.name}\` stay on the bus, and nothing uses them` },
      ];
    const [was, is] = [hoursOf(before, topic), hoursOf(after, next)];
    if (is >= was) return [];
    const text = `messages of \`${topic.name}\` older than ${hoursText(is)} are deleted at once, and were kept ${hoursText(was)}`;
    return [{ fate: "destroyed", text }];
  });

const usualDays = 15;

const figureParts = ({ before, after }: Pair<MonitoringNode>): ReadonlyArray<Part> => {
  const [was, is] = [before.retentionDays ?? usualDays, after.retentionDays ?? usualDays];
  return is >= was
    ? []
    : [{ fate: "destroyed", text: `figures older than ${is} days are deleted, and were kept ${was} days` }];
};

const otherEngine = ({ before, after }: Pair<{ readonly engine: string }>, was: DataPlace): ReadonlyArray<Part> => [
  {
    fate: "empty",
    text: `${after.engine} takes the place of ${before.engine} and begins empty; what it has stays in ${placeText(was)}`,
  },
];

/** Returns the fates of the data of a node that stays on its host under its id. */
export const partsInPlace = (pair: Pair<Node>, was: DataPlace, from: At, to: At): ReadonlyArray<Part> => {
  const { before, after } = pair;
  const is = placeOf(after, to);
  if (before.type === "database" && after.type === "database") {
    if (before.engine !== after.engine) return otherEngine({ before, after }, was);
    const two = { before, after };
    return [
      ...placeParts(pair, was, is),
      ...roleParts(two, from, to, was),
      ...nameParts(two),
      ...versionParts(two),
      ...persistenceParts(two, is),
      ...backupParts(two, from),
    ];
  }
  if (before.type === "message-bus" && after.type === "message-bus") {
    if (before.engine !== after.engine) return otherEngine({ before, after }, was);
    const moved = placeParts(pair, was, is);
    return moved.length > 0 ? moved : topicParts({ before, after });
  }
  if (before.type === "monitoring" && after.type === "monitoring") return figureParts({ before, after });
  return placeParts(pair, was, is);
};
