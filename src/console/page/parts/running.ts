import type { DocumentOf } from "../../../contract/views/mod.ts";

/** The versions of a graph that hosts should run, the one of most hosts first. */
export const runningVersions = (
  graph: string,
  hosts: Iterable<Pick<DocumentOf<"hosts">, "desired">>,
): ReadonlyArray<number> => {
  const counts = new Map<number, number>();
  for (const { desired } of hosts) {
    if (desired?.placement?.graph !== graph) continue;
    const { graphVersion } = desired.placement;
    counts.set(graphVersion, (counts.get(graphVersion) ?? 0) + 1);
  }
  return [...counts].sort(([left, some], [right, others]) => others - some || right - left).map(([version]) => version);
};
