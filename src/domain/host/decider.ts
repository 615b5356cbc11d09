import {
  accept,
  type CommandOf,
  canonicalJson,
  type DecisionContext,
  defineDecider,
  type EventOf,
  Name,
} from "../kernel/mod.ts";
import { hostCommands, hostEvents } from "./contract.ts";
import { evolve } from "./evolve.ts";
import { changeIdOf } from "./operation.ts";
import { type KnownToHosts, takeWish } from "./permission.ts";
import { driftEvents, type HostDecision, reportedState, supersededDrifts } from "./report.ts";
import { HostState, unitsOf, unknownHost } from "./state.ts";

type Command = CommandOf<typeof hostCommands>;
type Event = EventOf<typeof hostEvents>;
type Context = DecisionContext<KnownToHosts | undefined>;

/** The event, unless it says nothing new. */
const news = (
  event: Event,
  host: HostState,
  { aggregateId, principal: actor, time }: Context,
): ReadonlyArray<Event> => {
  const after = evolve(host, event, { aggregateId, version: 0, actor, time });
  return canonicalJson(after) === canonicalJson(host) ? [] : [event];
};

/** A deployment's event, and with it the end of what drifted before. */
const byDeployment = (event: Event, host: HostState, context: Context): HostDecision => {
  const events = news(event, host, context);
  return events.length === 0 ? accept() : accept(...supersededDrifts(host), ...events);
};

/** An approved change is done, unless a deployment has made it void. */
const approve = (id: number, host: HostState, { aggregateId }: Context): HostDecision => {
  const found = host.changes.find(({ change, underWay }) => change === id && !underWay);
  if (found === undefined) return accept();
  const { underWay: _, ...change } = found;
  const isVoid = host.changing !== undefined || unitsOf(host, change.node) === undefined;
  return isVoid
    ? accept({
        type: "operation-finished",
        data: { change: id, failure: "a deployment has changed the host meanwhile" },
      })
    : accept({ type: "operation-requested", data: { ...change, proposal: changeIdOf(aggregateId, id) } });
};

const decide = (command: Command, host: HostState, context: Context): HostDecision => {
  switch (command.type) {
    case "report-state":
      return accept(
        ...news(reportedState(host, command.payload, context), host, context),
        ...driftEvents(host, command.payload),
      );
    case "set-policy":
      return accept(...news({ type: "host-policy-set", data: command.payload }, host, context));
    case "operate":
    case "propose-change":
      return takeWish(command, host, context);
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

/** A machine that graphs are deployed to, what it should run, and what it runs. */
export const host = defineDecider<KnownToHosts | undefined>()({
  name: "host",
  description: "A machine that graphs are deployed to, what it should run, and what it runs.",
  id: Name,
  commands: hostCommands,
  events: hostEvents,
  state: HostState,
  stateVersion: 2,
  initial: unknownHost,
  decide,
  evolve,
});
