import type { Result } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  defineDecider,
  type EventOf,
  Name,
  type Rejection,
} from "../kernel/mod.ts";
import { hostCommands, hostEvents } from "./contract.ts";
import { HostState } from "./state.ts";

type Command = CommandOf<typeof hostCommands>;
type Event = EventOf<typeof hostEvents>;
type Report = (Command & { type: "report-state" })["payload"];

/** A report completed by what is known: what it does not name stays what it was. Failing nodes have no order. */
const reportedState = ({ closure, deployment }: HostState, report: Report) => ({
  ...(closure === undefined ? {} : { closure }),
  ...(deployment === undefined ? {} : { deployment }),
  ...report,
  failing: report.failing.toSorted(),
});

const eventFor = (command: Command, host: HostState): Event => {
  switch (command.type) {
    case "report-state":
      return { type: "host-state-reported", data: reportedState(host, command.payload) };
    case "enrol":
      return { type: "host-enrolled", data: command.payload };
    case "record-deployed":
      return { type: "host-deployed", data: command.payload };
    case "record-reverted":
      return { type: "host-reverted", data: command.payload };
  }
};

/** Everything said of a host is taken; what says nothing new is no event. */
const decide = (command: Command, host: HostState): Result.Result<ReadonlyArray<Event>, Rejection> => {
  const event = eventFor(command, host);
  return canonicalJson(evolve(host, event)) === canonicalJson(host) ? accept() : accept(event);
};

const withoutPrevious = ({ previous: _previous, ...host }: HostState): HostState => host;

const evolve = (host: HostState, event: Event): HostState =>
  event.type === "host-reverted" ? { ...withoutPrevious(host), ...event.data } : { ...host, ...event.data };

/** A machine that graphs are deployed to, and what it runs. */
export const host = defineDecider()({
  name: "host",
  description: "A machine that graphs are deployed to, and what it runs.",
  id: Name,
  commands: hostCommands,
  events: hostEvents,
  state: HostState,
  stateVersion: 1,
  initial: { health: "unknown", failing: [], drift: false },
  decide,
  evolve,
});
