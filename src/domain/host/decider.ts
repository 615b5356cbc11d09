import { Struct } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  defineDecider,
  defined,
  millisecondsBetween,
  Name,
  type PayloadOf,
  refuse,
} from "../kernel/mod.ts";
import {
  type HostContext,
  type HostDecision,
  type HostEvent,
  hostCommands,
  hostEvents,
  type KnownToHosts,
} from "./contract.ts";
import { type Drift, differences, isSame } from "./drift.ts";
import { isNoticeable } from "./observed.ts";
import { changeIdOf } from "./operation.ts";
import { takeWish } from "./permission.ts";
import { evolve, graphOf, HostState, stoppedUnits, unitsOf, unknownHost } from "./state.ts";

type Report = PayloadOf<typeof hostCommands, "report-state">;

/**
 * Returns the health in a report. A node that was stopped on purpose does not count as failing. If no other node fails,
 * the host is healthy.
 */
const healthOf = ({ stopped }: HostState, { health, failing: ill }: Report) => {
  const failing = ill.filter((node) => !stopped.includes(node)).toSorted();
  return {
    health: health === "unhealthy" && ill.length > 0 && failing.length === 0 ? ("healthy" as const) : health,
    failing,
  };
};

/**
 * Returns a report completed by the known state, for absent fields. An observation is recorded only if it shows
 * something new, because a monitor observes every few seconds.
 */
const reportedState = (host: HostState, report: Report, { time }: HostContext): HostEvent => {
  const { closure, deployment, observed: before } = host;
  const { observed } = report;
  const seconds = before === undefined ? 0 : millisecondsBetween(before.at, time) / 1000;
  const isNew = observed !== undefined && isNoticeable(before, observed, seconds);
  return {
    type: "host-state-reported",
    data: {
      ...defined({ closure, deployment }),
      ...Struct.omit(report, ["observed", "expected"]),
      ...healthOf(host, report),
      ...defined({ observed: isNew ? observed : undefined }),
    },
  };
};

const resolved = ({ drift, kind, unit }: Drift, by: "observed" | "deployment"): HostEvent => ({
  type: "host-drift-resolved",
  data: defined({ drift, kind, unit, by }),
});

/**
 * Returns the drifts that a report begins and ends. A drift ends only if a later observation no longer shows it, or if
 * a deployment replaces the desired state. A deployer's report of a repair ends nothing. Otherwise a repair that
 * reports success and changes nothing would hide the drift permanently.
 *
 * A report counts only if its reporter knew the host's desired state and no deployment is changing the host. Otherwise
 * an observation that began before a deployment would report everything new as drift.
 */
const driftEvents = (host: HostState, report: Report): ReadonlyArray<HostEvent> => {
  const { desired, drifts, changing } = host;
  if (desired === undefined || changing !== undefined || report.expected !== desired.closure) return [];
  const found = differences(desired, report, { drifts, stoppedUnits: stoppedUnits(host) });
  const gone = drifts.filter((known) => !found.some((one) => isSame(one, known)));
  const added = found.filter((one) => !drifts.some((known) => isSame(one, known)));
  return [
    ...gone.map((drift) => resolved(drift, "observed")),
    ...added.map(
      (one, index): HostEvent => ({
        type: "host-drift-detected",
        data: { ...one, drift: host.serial + index + 1 },
      }),
    ),
  ];
};

/** Returns the event, unless it leaves the host unchanged. */
const news = (
  event: HostEvent,
  host: HostState,
  { aggregateId, principal: actor, time }: HostContext,
): ReadonlyArray<HostEvent> => {
  const after = evolve(host, event, { aggregateId, version: 0, actor, time });
  return canonicalJson(after) === canonicalJson(host) ? [] : [event];
};

/** Returns a deployment's event. It also ends earlier drifts, because they refer to the former desired state. */
const byDeployment = (event: HostEvent, host: HostState, context: HostContext): HostDecision => {
  const events = news(event, host, context);
  return events.length === 0
    ? accept()
    : accept(...host.drifts.map((drift) => resolved(drift, "deployment")), ...events);
};

/** Starts an approved change, unless a deployment has made it void in the meantime. */
const approve = (id: number, host: HostState, { aggregateId }: HostContext): HostDecision => {
  const found = host.changes.find(({ change, underWay }) => change === id && !underWay);
  if (found === undefined) return accept();
  const isVoid = host.changing !== undefined || unitsOf(host, found.node) === undefined;
  return isVoid
    ? accept({
        type: "operation-finished",
        data: { change: id, failure: "a deployment has changed the host in the meantime" },
      })
    : accept({
        type: "operation-requested",
        data: { ...Struct.omit(found, ["underWay"]), proposal: changeIdOf(aggregateId, id) },
      });
};

/** Releases a host. Its owner is the owner of its graph, which only the look-up knows. */
const release = (
  { reason }: PayloadOf<typeof hostCommands, "release">,
  host: HostState,
  { aggregateId, principal, known }: HostContext,
): HostDecision => {
  const graph = graphOf(host);
  const subject = `host \`${aggregateId}\``;
  if (graph === undefined) return refuse("no-graph", `${subject} belongs to no graph: deploy to it`);
  if (host.changing !== undefined)
    return refuse(
      "deployment-in-progress",
      `${subject}: deployment \`${host.changing}\` is changing it; wait for its end`,
    );
  return known?.owners?.includes(principal) === true
    ? accept({ type: "host-released", data: { graph, reason } })
    : notTheOwner(aggregateId, graph);
};

/** Records that the machine is now another host. What it runs belongs to that host. */
const takenOver = (
  { deployment, graph, host }: PayloadOf<typeof hostCommands, "record-taken-over">,
  state: HostState,
): HostDecision => {
  const before = graphOf(state);
  const reason = `deployment \`${deployment}\` took the machine over as host \`${host}\` of graph \`${graph}\``;
  return before === undefined
    ? accept()
    : accept({ type: "host-released", data: { graph: before, reason, takenBy: deployment } });
};

const notTheOwner = (id: string, graph: string) =>
  refuse(
    "not-the-owner",
    `host \`${id}\` belongs to graph \`${graph}\`: only the owner of the graph or an admin may do this`,
    { graph },
  );

/** Sets the drift policy. It can disable repairs, so only those who may release the host may set it. */
const setPolicy = (
  policy: PayloadOf<typeof hostCommands, "set-policy">,
  host: HostState,
  context: HostContext,
): HostDecision => {
  const graph = graphOf(host);
  return graph === undefined || context.known?.owners?.includes(context.principal) === true
    ? accept(...news({ type: "host-policy-set", data: policy }, host, context))
    : notTheOwner(context.aggregateId, graph);
};

const decide = (command: CommandOf<typeof hostCommands>, host: HostState, context: HostContext): HostDecision => {
  switch (command.type) {
    case "report-state":
      return accept(
        ...news(reportedState(host, command.payload, context), host, context),
        ...driftEvents(host, command.payload),
      );
    case "set-policy":
      return setPolicy(command.payload, host, context);
    case "operate":
    case "propose-change":
      return takeWish(command, host, context);
    case "release":
      return release(command.payload, host, context);
    case "record-taken-over":
      return takenOver(command.payload, host);
    case "enrol":
      return accept(...news({ type: "host-enrolled", data: command.payload }, host, context));
    case "begin-change":
      return byDeployment({ type: "host-change-begun", data: command.payload }, host, context);
    case "record-deployed":
      return byDeployment({ type: "host-deployed", data: command.payload }, host, context);
    case "record-reverted":
      return byDeployment({ type: "host-reverted", data: command.payload }, host, context);
    case "record-unrestored":
      return byDeployment({ type: "host-unrestored", data: command.payload }, host, context);
    case "approve-change":
      return approve(command.payload.change, host, context);
    case "record-operated":
      return host.changes.some(({ change }) => change === command.payload.change)
        ? accept({ type: "operation-finished", data: command.payload })
        : accept();
  }
};

/** A machine that graphs are deployed to, with its desired and its observed state. */
export const host = defineDecider<KnownToHosts | undefined>()({
  name: "host",
  description: "A machine that graphs are deployed to, with its desired and its observed state.",
  id: Name,
  commands: hostCommands,
  events: hostEvents,
  // The decisions check the ownership of the graph, because only their look-up knows it.
  relations: { owner: () => true, unowned: (host) => graphOf(host) === undefined },
  state: HostState,
  stateVersion: 3,
  initial: unknownHost,
  decide,
  evolve,
});
