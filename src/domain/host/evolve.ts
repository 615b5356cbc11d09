import type { EventOf, EvolveContext } from "../kernel/mod.ts";
import type { hostEvents } from "./contract.ts";
import type { Desired } from "./desired.ts";
import type { HostState } from "./state.ts";

type Event = EventOf<typeof hostEvents>;
type DataOf<T extends Event["type"]> = Extract<Event, { type: T }>["data"];

const without = <K extends keyof HostState>(host: HostState, ...fields: ReadonlyArray<K>): HostState => {
  const rest = { ...host };
  for (const field of fields) delete rest[field];
  return rest;
};

/** The deployment starts what is in its closure: nothing is stopped any more, and nothing of before is known to drift. */
const changed = (host: HostState): HostState => ({ ...without(host, "changing"), stopped: [] });

const deployed = (host: HostState, { placement, activation, ...data }: DataOf<"host-deployed">): HostState => {
  const { deployment, closure, previous } = data;
  const atReboot = activation === "boot";
  const desired: Desired = {
    ...{ deployment, closure },
    ...(activation === undefined ? {} : { activation }),
    ...(atReboot ? { untilReboot: previous } : {}),
    ...(placement === undefined ? {} : { placement }),
  };
  const replaced = host.desired?.deployment === deployment ? host.replaced : host.desired;
  const runs = atReboot ? previous : closure;
  return { ...changed(host), ...data, closure: runs, desired, ...(replaced === undefined ? {} : { replaced }) };
};

/**
 * What a host should run once a deployment is undone: the closure of before, with what was placed there then. A
 * deployment that was never confirmed there has not changed what the host should run.
 */
const undone = (host: HostState, { deployment, closure }: DataOf<"host-reverted">): HostState => {
  if (host.desired?.deployment !== deployment) return changed(host);
  const { replaced } = host;
  return { ...without(changed(host), "replaced"), desired: { ...(replaced ?? { deployment }), closure } };
};

const reported = (host: HostState, data: DataOf<"host-state-reported">, { actor, time }: EvolveContext): HostState => {
  const { observed, ...state } = data;
  return { ...host, ...state, ...(observed === undefined ? {} : { observed: { ...observed, by: actor, at: time } }) };
};

const operated = (host: HostState, { change, failure }: DataOf<"operation-finished">): HostState => {
  const done = host.changes.find((one) => one.change === change);
  const changes = host.changes.filter((one) => one !== done);
  if (done === undefined) return host;
  // A stop counts from the moment it was asked for, so that nobody takes it for a failure meanwhile.
  const runs = done.action === "stop" ? failure !== undefined : failure === undefined && done.action !== "scale";
  return { ...host, changes, stopped: runs ? host.stopped.filter((node) => node !== done.node) : host.stopped };
};

const requested = (host: HostState, data: DataOf<"operation-requested">): HostState => ({
  ...host,
  serial: Math.max(host.serial, data.change),
  changes: [...host.changes.filter(({ change }) => change !== data.change), { ...data, underWay: true }],
  stopped: data.action === "stop" ? [...new Set([...host.stopped, data.node])].sort() : host.stopped,
});

/** A host after an event. */
export const evolve = (host: HostState, event: Event, context: EvolveContext): HostState => {
  switch (event.type) {
    case "host-enrolled":
      return { ...without(host, "target", "ssh"), ...event.data };
    case "host-state-reported":
      return reported(host, event.data, context);
    case "host-change-begun":
      return { ...host, changing: event.data.deployment };
    case "host-deployed":
      return deployed(host, event.data);
    case "host-reverted":
      return { ...without(undone(host, event.data), "previous"), ...event.data };
    case "host-unrestored":
      return undone(host, event.data);
    case "host-policy-set":
      return { ...host, ...event.data };
    case "host-drift-detected":
      return {
        ...host,
        serial: Math.max(host.serial, event.data.drift),
        drifts: [...host.drifts, { ...event.data, since: context.time }],
      };
    case "host-drift-resolved":
      return { ...host, drifts: host.drifts.filter(({ drift }) => drift !== event.data.drift) };
    case "change-proposed":
      return {
        ...host,
        serial: Math.max(host.serial, event.data.change),
        changes: [...host.changes, { ...event.data, underWay: false }],
      };
    case "operation-requested":
      return requested(host, event.data);
    case "operation-finished":
      return operated(host, event.data);
  }
};
