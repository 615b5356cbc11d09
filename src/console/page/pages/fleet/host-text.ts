import type { DocumentOf } from "../../../../contract/views/mod.ts";

type Host = DocumentOf<"hosts">;

/** The share of a host's disk that is used, from 0 to 1; undefined if nobody has reported it. */
export const diskUsed = ({ observed }: Pick<Host, "observed">): number | undefined => {
  const { totalBytes = 0, freeBytes = 0 } = observed?.disk ?? {};
  return totalBytes === 0 ? undefined : 1 - freeBytes / totalBytes;
};

/** How a host is, in a sentence. */
export const stateText = ({ drifts, failing, stopped, closure, desired, changing }: Host): string => {
  if (changing !== undefined) return `deployment ${changing} is changing it`;
  if (drifts.length > 0) return drifts.map(({ detail }) => detail).join("; ");
  if (failing.length > 0) return `${failing.join(", ")} ${failing.length === 1 ? "fails" : "fail"}`;
  if (stopped.length > 0) return `${stopped.join(", ")} stopped on purpose`;
  if (closure === undefined || desired === undefined) return "nothing was deployed here yet";
  return closure === desired.closure ? "runs what it should" : "runs something else than it should";
};

/** What needs somebody comes first; then by name. */
export const byNeed = (one: Host, other: Host): number => {
  const need = ({ drifts, failing, health }: Host) =>
    drifts.length * 4 + (health === "healthy" ? 0 : 2) + failing.length;
  return need(other) - need(one) || (one.id < other.id ? -1 : 1);
};
