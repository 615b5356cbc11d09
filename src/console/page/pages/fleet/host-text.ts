import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { withShortPaths } from "../../parts/short-paths.ts";

type Host = DocumentOf<"hosts">;

/** The share of a host's disk that is used, from 0 to 1; undefined if nobody has reported it. */
export const diskUsed = ({ observed }: Pick<Host, "observed">): number | undefined => {
  const { totalBytes = 0, freeBytes = 0 } = observed?.disk ?? {};
  return totalBytes === 0 ? undefined : 1 - freeBytes / totalBytes;
};

/** Whether a host runs another system than it should. A deployment that changes it may still set that right. */
export const runsAnother = ({ closure, desired, changing }: Host): boolean =>
  changing === undefined && closure !== undefined && desired !== undefined && closure !== desired.closure;

/** How a host is, in a sentence. */
export const stateText = (host: Host): string => {
  const { drifts, failing, stopped, closure, desired, changing } = host;
  if (changing !== undefined) return `deployment ${changing} is changing it`;
  if (drifts.length > 0) return withShortPaths(drifts.map(({ detail }) => detail).join("; "));
  if (failing.length > 0) return `${failing.join(", ")} ${failing.length === 1 ? "fails" : "fail"}`;
  if (stopped.length > 0) return `${stopped.join(", ")} stopped on purpose`;
  if (closure === undefined || desired === undefined) return "nothing was deployed here yet";
  return runsAnother(host) ? "runs another system than it should" : "runs what it should";
};

/** What needs somebody comes first; then by name. */
export const byNeed = (one: Host, other: Host): number => {
  const need = (host: Host) =>
    host.drifts.length * 4 + (host.health === "healthy" ? 0 : 2) + host.failing.length + (runsAnother(host) ? 1 : 0);
  return need(other) - need(one) || (one.id < other.id ? -1 : 1);
};
