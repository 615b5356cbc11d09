import type { Result } from "effect";
import {
  type CommandOf,
  type DecisionContext,
  type EventOf,
  millisecondsBetween,
  type Rejection,
} from "../kernel/mod.ts";
import type { hostCommands, hostEvents } from "./contract.ts";
import { differences, isSame } from "./drift.ts";
import { isNoticeable } from "./observed.ts";
import { type HostState, stoppedUnits } from "./state.ts";

type Event = EventOf<typeof hostEvents>;
type Command = CommandOf<typeof hostCommands>;
type Report = Extract<Command, { type: "report-state" }>["payload"];
type Context = Pick<DecisionContext<unknown>, "time">;
export type HostDecision = Result.Result<ReadonlyArray<Event>, Rejection>;

/** A node that was stopped on purpose does not fail; where no other does, the host is well. */
const healthOf = ({ stopped }: HostState, { health, failing: ill }: Report) => {
  const failing = ill.filter((node) => !stopped.includes(node)).toSorted();
  return {
    health: health === "unhealthy" && ill.length > 0 && failing.length === 0 ? ("healthy" as const) : health,
    failing,
  };
};

/** A report completed by what is known: what it does not name stays what it was. What was seen is told where it is news. */
export const reportedState = (host: HostState, report: Report, { time }: Context): Event => {
  const { observed, expected: _, ...said } = report;
  const { closure, deployment, observed: before } = host;
  const seconds = before === undefined ? 0 : millisecondsBetween(before.at, time) / 1000;
  const isNews = observed !== undefined && isNoticeable(before, observed, seconds);
  return {
    type: "host-state-reported",
    data: {
      ...(closure === undefined ? {} : { closure }),
      ...(deployment === undefined ? {} : { deployment }),
      ...said,
      ...healthOf(host, report),
      ...(isNews ? { observed } : {}),
    },
  };
};

/**
 * The drifts that a report begins and ends. It is judged only where the reporter knew what the host should run, and no
 * deployment is changing that: a watch that was sent out earlier does not see drift in what is new.
 */
export const driftEvents = (host: HostState, report: Report): ReadonlyArray<Event> => {
  const { desired, drifts, changing } = host;
  if (desired === undefined || changing !== undefined || report.expected !== desired.closure) return [];
  const found = differences(desired, report, { drifts, stoppedUnits: stoppedUnits(host) });
  const gone = drifts.filter((known) => !found.some((one) => isSame(one, known)));
  const added = found.filter((one) => !drifts.some((known) => isSame(one, known)));
  return [
    ...gone.map((drift): Event => resolved(drift, "observed")),
    ...added.map(
      (one, index): Event => ({
        type: "host-drift-detected",
        data: { ...one, drift: host.serial + index + 1 },
      }),
    ),
  ];
};

const resolved = ({ drift, kind, unit }: HostState["drifts"][number], by: "observed" | "deployment"): Event => ({
  type: "host-drift-resolved",
  data: { drift, kind, ...(unit === undefined ? {} : { unit }), by },
});

/** A deployment changes the host: what differed from what it should have been does not matter any more. */
export const supersededDrifts = ({ drifts }: HostState): ReadonlyArray<Event> =>
  drifts.map((drift) => resolved(drift, "deployment"));
