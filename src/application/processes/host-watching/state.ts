import { HashMap, Option } from "effect";
import type { HostState } from "../../../domain/host/state.ts";
import { ownId } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";

/** The watch of a graph's hosts on one target: its task, or the task that follows after a pause. */
export interface Watch {
  /** The number of tasks it has had. */
  readonly serial: number;
  /** The current task; none if there is nothing to watch. */
  readonly task?: string;
  /** The task's payload, as text. */
  readonly content?: string;
  /** Whether a timer will submit the task. */
  readonly pausing: boolean;
  /** The last pause in seconds, and its end. */
  readonly pause?: number;
  readonly since?: string;
}

/** The hosts, the deployments that change them, and the watches. `decided` has the actions after the last event. */
export interface WatchingState {
  readonly hosts: HashMap.HashMap<string, HostState>;
  /** The hosts of deployments that may still change them. */
  readonly planned: HashMap.HashMap<string, ReadonlyArray<string>>;
  /** The deployments that are changing their hosts. */
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

/** Returns the watch of a host, which is that of its graph and target. */
export const watchOf = ({ desired, graph, target }: HostState): string | undefined => {
  const source = desired?.placement?.graph ?? graph;
  return source === undefined || target === undefined ? undefined : ownId(source, `watch-${target}`);
};
