import { HashMap, Option } from "effect";
import type { PresenceStatus } from "../../../domain/agent/presence.ts";
import { freezesOn } from "../../../domain/freeze/scope.ts";
import { host } from "../../../domain/host/decider.ts";
import type { Difference } from "../../../domain/host/drift.ts";
import type { HostState } from "../../../domain/host/state.ts";
import { defined, olderIdOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";

/** The principal of what is done because of drifts and wishes. */
export const operationsName = "host-operations";

/** What a proposal is about: a drift that would be repaired, or a change that somebody wants. */
export type Matter =
  | { readonly is: "repair"; readonly host: string; readonly difference: Difference }
  | { readonly is: "change"; readonly host: string; readonly change: number };

/** A proposal that is not decided. */
export interface OpenProposal {
  readonly matter: Matter;
  /** In the log, and ours. */
  readonly submitted: boolean;
}

/** A task at work on a host: what it carries out there, or repairs. */
export interface HostTask {
  readonly host: string;
  readonly change?: number;
  readonly repairs?: Difference;
}

/** Whether an agent can be asked for a vote. */
export interface Voter {
  readonly registered: boolean;
  readonly status: PresenceStatus;
  readonly reviews: boolean;
  readonly isPerson: boolean;
}

/** Hosts, who votes, and what is going on; `decided` is what the last event led to. */
export interface OperationsState {
  readonly hosts: HashMap.HashMap<string, HostState>;
  readonly voters: HashMap.HashMap<string, Voter>;
  readonly proposals: HashMap.HashMap<string, OpenProposal>;
  /** Proposals that wait for somebody who can vote. */
  readonly waiting: ReadonlyArray<string>;
  readonly tasks: HashMap.HashMap<string, HostTask>;
  /** What could not be repaired, by host: it is proposed again when the host, having been away, answers again. */
  readonly unrepaired: HashMap.HashMap<string, ReadonlyArray<Difference>>;
  /** What is frozen. */
  readonly freezes: HashMap.HashMap<string, true>;
  /** What was approved and is held back by a freeze, by the proposal. */
  readonly held: HashMap.HashMap<string, Matter>;
  readonly decided: ReadonlyArray<Action>;
}

export const nothingGoesOn: OperationsState = {
  hosts: HashMap.empty(),
  voters: HashMap.empty(),
  proposals: HashMap.empty(),
  waiting: [],
  tasks: HashMap.empty(),
  unrepaired: HashMap.empty(),
  freezes: HashMap.empty(),
  held: HashMap.empty(),
  decided: [],
};

/**
 * Returns the values with the one for `id` under that id, if it is known by the id that there was in place of `id`
 * in older logs.
 */
export const knownAs = <V>(values: HashMap.HashMap<string, V>, id: string): HashMap.HashMap<string, V> => {
  const named = [...HashMap.keys(values)].find((one) => one !== id && olderIdOf(one) === id);
  if (named === undefined) return values;
  return HashMap.remove(HashMap.set(values, id, HashMap.getUnsafe(values, named)), named);
};

export const hostOf = ({ hosts }: OperationsState, id: string): HostState =>
  Option.getOrElse(HashMap.get(hosts, id), () => host.initial);

export const unrepairedOn = ({ unrepaired }: OperationsState, id: string): ReadonlyArray<Difference> =>
  Option.getOrElse(HashMap.get(unrepaired, id), () => []);

/** Who decides: the registered reviewers that are not offline, and the people who review; as for a deployment. */
export const electorate = ({ voters }: OperationsState): ReadonlyArray<string> =>
  [...voters]
    .filter(
      ([, { registered, status, reviews, isPerson }]) => registered && reviews && (isPerson || status !== "offline"),
    )
    .map(([id]) => id)
    .sort();

export const deciding = (state: OperationsState, ...actions: ReadonlyArray<Action>): OperationsState => ({
  ...state,
  decided: [...state.decided, ...actions],
});

/** Whether a freeze holds back work on a host. */
export const isFrozen = (state: OperationsState, name: string): boolean => {
  const { desired, graph: reported } = hostOf(state, name);
  const graph = desired?.placement?.graph ?? reported;
  return freezesOn({ ...defined({ graph }), hosts: [name] }).some((id) => HashMap.has(state.freezes, id));
};
