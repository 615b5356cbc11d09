import { Schema } from "effect";
import type { host } from "../../host/decider.ts";
import { Closure } from "../../host/desired.ts";
import { AggregateId, defined, LogEntry, logEntryOf, type RecordedEventOf } from "../../kernel/mod.ts";

type HostEvent = RecordedEventOf<typeof host.events>;

/** A closure on a host, and the event that first showed it there. */
const Installed = Schema.Struct({ closure: Closure, since: LogEntry });

/** A deployment that was confirmed on a host. `previous` is the closure that the host ran before. */
const Arrival = Schema.Struct({ deployment: AggregateId, closure: Closure, previous: Closure, confirmed: LogEntry });
export type Arrival = typeof Arrival.Type;

/** A deployment that was rolled back on a host, and the closure that the host returned to. */
const Departure = Schema.Struct({ deployment: AggregateId, closure: Closure, reverted: LogEntry });

/** How a host got the closure that it runs. */
export const HostAccount = Schema.Struct({
  /** The closure that runs according to the last report; absent without a report. */
  running: Schema.optionalKey(Installed),
  /** The closure that deployments and rollbacks left there; absent if there were none. */
  deployed: Schema.optionalKey(Installed),
  /** The deployment that installed the deployed closure; absent if the host had it before any deployment. */
  arrival: Schema.optionalKey(Arrival),
  /** Deployments that were later rolled back, newest first. */
  departures: Schema.Array(Departure),
  /** If the host runs something else than was deployed: the last deployment that had installed it earlier. */
  earlier: Schema.optionalKey(AggregateId),
});
export type HostAccount = typeof HostAccount.Type;

/** The history of a host, up to the event that was read last. */
interface History extends Pick<HostAccount, "running" | "deployed"> {
  readonly arrivals: ReadonlyArray<Arrival>;
  readonly departures: HostAccount["departures"];
}

const installed = (event: HostEvent, closure: string): typeof Installed.Type => ({ closure, since: logEntryOf(event) });

/** Returns what runs on the host, with the first event that showed it. */
const running = (history: History, event: HostEvent, closure: string) =>
  history.running?.closure === closure ? history.running : installed(event, closure);

const read = (history: History, event: HostEvent): History => {
  switch (event.type) {
    case "host-deployed": {
      const { closure } = event.data;
      const arrival: Arrival = { ...event.data, confirmed: logEntryOf(event) };
      return {
        ...history,
        running: running(history, event, closure),
        deployed: installed(event, closure),
        arrivals: [arrival, ...history.arrivals],
      };
    }
    case "host-reverted": {
      const { closure } = event.data;
      return {
        ...history,
        running: running(history, event, closure),
        deployed: installed(event, closure),
        departures: [{ ...event.data, reverted: logEntryOf(event) }, ...history.departures],
      };
    }
    case "host-state-reported": {
      const { closure } = event.data;
      return closure === undefined ? history : { ...history, running: running(history, event, closure) };
    }
    default:
      return history;
  }
};

/**
 * Returns how a host got the closure that it runs, from all its events. After a rollback, the arrival is the newest
 * deployment of the restored closure that was not itself rolled back.
 */
export const hostAccountOf = (events: ReadonlyArray<HostEvent>): HostAccount => {
  const start: History = { arrivals: [], departures: [] };
  const { arrivals, ...history } = events.reduce(read, start);
  const gone = new Set(history.departures.map(({ deployment }) => deployment));
  const [now, then] = [history.deployed?.closure, history.running?.closure];
  const arrival = arrivals.find(({ deployment, closure }) => closure === now && !gone.has(deployment));
  const earlier = now === then ? undefined : arrivals.find(({ closure }) => closure === then)?.deployment;
  return {
    ...history,
    departures: history.departures.filter(
      ({ reverted }) => arrival === undefined || reverted.position > arrival.confirmed.position,
    ),
    ...defined({ arrival, earlier }),
  };
};
