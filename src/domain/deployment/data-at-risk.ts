import type { GraphIndex } from "../graph/graph-index.ts";
import type { Node } from "../graph/node.ts";
import { isLocal } from "../graph/node-types/storage.ts";
import type { DataRisk } from "./host-change.ts";

/** Whether a node has data on the hosts that it runs on, and keeps them over a restart. */
const keepsData = (node: Node): boolean => {
  switch (node.type) {
    case "database":
      return node.persistent !== false;
    case "message-bus":
      return node.engine === "kafka" || node.persistence === true;
    case "storage":
      return isLocal(node);
    default:
      return false;
  }
};

/** The mount points of the volumes that a node may write to. */
const volumesOf = (id: string, graph: GraphIndex): ReadonlyArray<string> =>
  graph.from(id, "mounts-volume").flatMap(({ to, mountPath, readOnly }) => {
    const volume = graph.nodes.get(to);
    if (volume?.type !== "storage" || (readOnly ?? volume.accessMode === "read-only-many")) return [];
    return [mountPath ?? volume.mountPath];
  });

const deviceText = ({ device = "a folder of the host" }: { readonly device?: string }): string => device;
const versionText = ({ version }: { readonly version?: string }): string =>
  version === undefined ? "the newest version" : `version ${version}`;

/** What becomes of the data of a node that stays where it is; undefined if they stay as they are. */
const riskInPlace = (before: Node, after: Node, volumes: readonly [string, string]): string | undefined => {
  if (before.type === "storage" && after.type === "storage")
    return before.device === after.device
      ? undefined
      : `it is ${deviceText(after)} and no longer ${deviceText(before)}: what is there is not copied`;
  if (!("engine" in before && "engine" in after)) return undefined;
  if (before.engine !== after.engine)
    return `${after.engine} takes the place of ${before.engine} and begins empty; the data of ${before.engine} stay on the disk`;
  if (!keepsData(after)) return "it keeps nothing over a restart any more";
  const [was, is] = volumes;
  if (was !== is) return `it looks for its data in ${is} and no longer in ${was}: they are not copied`;
  if (before.type === "database" && after.type === "database" && before.version !== after.version)
    return `${versionText(after)} takes the place of ${versionText(before)}: it may not read the data as they are`;
  return undefined;
};

const volumeText = (paths: ReadonlyArray<string>): string =>
  paths.length === 0 ? "the usual folder" : paths.join(", ");

/**
 * What a deployment would lose, hide or leave behind of the data on a host, by node. No program removes data, and none
 * copies them either: a database that moves begins empty.
 */
export const dataAtRisk = (
  host: string,
  before: GraphIndex | undefined,
  after: GraphIndex,
): ReadonlyArray<DataRisk> => {
  if (before === undefined) return [];
  return (before.residents.get(host) ?? []).filter(keepsData).flatMap((node): ReadonlyArray<DataRisk> => {
    const { id } = node;
    const next = after.nodes.get(id);
    const risk = (text: string) => [{ node: id, text }];
    if (next === undefined || next.type !== node.type)
      return risk("it is no longer in the graph: its data stay on the host, and nothing serves or saves them");
    if (!after.runsOn(id, host)) {
      const hosts = after.hostsOf(id).map((other) => other.id);
      return risk(`it goes to ${hosts.join(", ") || "no host"} without its data, which stay here`);
    }
    const volumes = [volumeText(volumesOf(id, before)), volumeText(volumesOf(id, after))] as const;
    const text = riskInPlace(node, next, volumes);
    return text === undefined ? [] : risk(text);
  });
};
