import { HashMap, Option } from "effect";
import type { HostState } from "../../../domain/host/state.ts";
import { ownId } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";

/** The watch of a graph's hosts of one target: the task that it is, or will be after a pause. */
export interface Watch {
  /** How many tasks it has had. */
  readonly serial: number;
  /** The task; none while there is nothing to watch. */
  readonly task?: string;
  /** What the task watches, as text. */
  readonly content?: string;
  /** The task is submitted by a timer. */
  readonly pausing: boolean;
  /** How many seconds it last paused, and until when. */
  readonly pause?: number;
  readonly since?: string;
}

/** Hosts, who is changing which of them, and the watches; `decided` is what the last event led to. */
export interface WatchingState {
  readonly hosts: HashMap.HashMap<string, HostState>;
  /** The hosts of deployments that may still change them. */
  readonly planned: HashMap.HashMap<string, ReadonlyArray<string>>;
  /** The deployments that change their hosts now. */
  readonly busy: ReadonlyArray<string>;
  readonly watches: HashMap.HashMap<string, Watch>;
  readonly decided: ReadonlyArray<Action>;
}

export const nothingWatched: WatchingState = {
  hosts: HashMap.empty(),
  planned: HashMap.empty(),
  busy: [],
  watches: HashMap.empty(),
  decided: [],
};

export const plannedHosts = ({ planned }: WatchingState, deployment: string): ReadonlyArray<string> =>
  Option.getOrElse(HashMap.get(planned, deployment), () => []);

/** The watch that a host belongs to: of the hosts of one graph and target. */
export const watchOf = ({ desired, graph, target }: HostState): string | undefined => {
  const source = desired?.placement?.graph ?? graph;
  return source === undefined || target === undefined ? undefined : ownId(source, `watch-${target}`);
};
