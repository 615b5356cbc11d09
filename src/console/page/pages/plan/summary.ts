import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { isAtRisk } from "../../../../domain/deployment/data/fate.ts";

/** What a deployment would change, as the installation answers. */
export type PlanAnswer = AnswerOf<"deployments", "plan">;
export type HostPlan = PlanAnswer["waves"][number][number];

/** A plan in numbers. */
export interface Summary {
  readonly hosts: number;
  readonly changed: number;
  readonly fresh: number;
  readonly started: number;
  readonly stopped: number;
  readonly restarted: number;
  readonly opened: number;
  readonly closed: number;
  readonly risks: number;
}

/** Whether a deployment leaves a host as it is. */
export const isUntouched = ({ change, build }: HostPlan): boolean => change === "unchanged" && !build;

/** Counts what a plan changes. */
export const summaryOf = ({ waves, data }: PlanAnswer): Summary => {
  const hosts = waves.flat();
  const sum = (count: (host: HostPlan) => number) => hosts.reduce((total, host) => total + count(host), 0);
  return {
    hosts: hosts.length,
    changed: sum(({ change }) => (change === "changed" ? 1 : 0)),
    fresh: sum(({ change }) => (change === "new" ? 1 : 0)),
    started: sum(({ units }) => units.started.length),
    stopped: sum(({ units }) => units.stopped.length),
    restarted: sum(({ units }) => units.restarted.length),
    opened: sum(({ firewall }) => firewall.opened.length),
    closed: sum(({ firewall }) => firewall.closed.length),
    risks: new Set(data.filter(isAtRisk).map(({ node }) => node)).size,
  };
};

const counted = (count: number, one: string, many: string): ReadonlyArray<string> =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

/** A plan in a sentence. */
export const summaryText = (summary: Summary): string => {
  const { hosts, changed, fresh, started, stopped, restarted, opened, closed } = summary;
  const parts = [
    ...counted(fresh, "new host", "new hosts"),
    ...counted(changed, "host changes", "hosts change"),
    ...counted(started, "unit starts", "units start"),
    ...counted(restarted, "unit restarts", "units restart"),
    ...counted(stopped, "unit stops", "units stop"),
    ...counted(opened, "opening in a firewall", "openings in firewalls"),
    ...counted(closed, "opening closed", "openings closed"),
  ];
  return parts.length === 0
    ? `Nothing changes on ${hosts === 1 ? "its host" : `any of its ${hosts} hosts`}.`
    : `${parts.join(", ")}.`;
};

/** An opening of a firewall in words. */
export const openingText = ({ from, address, to, transport, port }: HostPlan["firewall"]["opened"][number]): string =>
  `${port}/${transport} of ${to} to ${from === undefined ? "everyone" : `${from} at ${address ?? "an unknown address"}`}`;
