import { useMemo } from "react";
import { useQuery } from "../data/query.ts";

/** Something that happened: a mark on the time line. */
export interface Tick {
  readonly key: string;
  /** In milliseconds since 1970. */
  readonly time: number;
  readonly tone: "moving" | "bad" | "back" | "quiet";
  readonly name: string;
}

const newest = { order: "newest", limit: 150 } as const;

const toneOfEnd = (status: string): Tick["tone"] => {
  if (status === "rolled-back") return "back";
  return status === "failed" || status === "rollback-incomplete" || status === "rejected" ? "bad" : "moving";
};

/** The newest deployments with their ends, and the newest decisions, in the order of time. */
export const useTicks = (): ReadonlyArray<Tick> => {
  const deployments = useQuery("deployments", "list", newest, { now: true, refresh: ["deployment"] }).data;
  const proposals = useQuery("proposals", "list", newest, { now: true, refresh: ["proposal"] }).data;
  return useMemo(() => {
    const ticks: Array<Tick> = [];
    const add = (key: string, at: string | undefined, tone: Tick["tone"], name: string) => {
      if (at !== undefined) ticks.push({ key, time: Date.parse(at), tone, name });
    };
    for (const { id, requestedAt, endedAt, status = "" } of deployments?.items ?? []) {
      add(`begin ${id}`, requestedAt, "quiet", `${id} was requested`);
      add(`end ${id}`, endedAt, toneOfEnd(status), `${id}: ${status}`);
    }
    for (const { id, title = id, decidedAt, status = "" } of proposals?.items ?? [])
      add(
        `decided ${id}`,
        decidedAt,
        status === "rejected" || status === "vetoed" ? "bad" : "moving",
        `${title}: ${status}`,
      );
    return ticks.sort((one, other) => one.time - other.time);
  }, [deployments, proposals]);
};
