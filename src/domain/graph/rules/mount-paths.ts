import { edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { mountPoint } from "../mount-points.ts";
import { error, type Problem } from "../problem.ts";

/** Folders that belong to the system: a volume there, or below, would hide what the host needs to start. */
const systemFolders = ["/nix", "/etc", "/boot", "/proc", "/sys", "/dev", "/run", "/usr", "/bin"];

/** Why nothing can be mounted at a path, in words; undefined where it can. */
const faultOf = (path: string): string | undefined => {
  if (path.split("/").includes("..")) return `mount path "${path}" has \`..\` in it: write the path without`;
  const point = mountPoint(path);
  if (point === "/") return `mount path "${path}" is the root folder of the host: choose a folder below, such as /srv`;
  const folder = systemFolders.find((system) => point === system || point.startsWith(`${system}/`));
  return folder === undefined
    ? undefined
    : `mount path "${path}" is in ${folder}, which belongs to the system: choose another, such as one below /srv`;
};

/** `invalid-config`: a mount path at the root of a host, in a folder of the system, or with `..` in it. */
export const mountPaths = ({ nodes, edges }: GraphIndex): ReadonlyArray<Problem> => [
  ...[...nodes.values()].flatMap((node) => {
    const fault = node.type === "storage" ? faultOf(node.mountPath) : undefined;
    return fault === undefined
      ? []
      : [error("invalid-config", { nodes: [node.id] }, `storage \`${node.id}\`: ${fault}`)];
  }),
  ...edges.flatMap((edge) => {
    const fault = edge.type === "mounts-volume" && edge.mountPath !== undefined ? faultOf(edge.mountPath) : undefined;
    if (fault === undefined) return [];
    const identity = edgeIdentity(edge);
    return [
      error("invalid-config", { nodes: [edge.from, edge.to], edges: [identity] }, `edge \`${identity}\`: ${fault}`),
    ];
  }),
];
