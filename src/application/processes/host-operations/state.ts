import { HashMap, Option } from "effect";
import type { PresenceStatus } from "../../../domain/agent/presence.ts";
import { freezesOn } from "../../../domain/freeze/scope.ts";
import { host } from "../../../domain/host/decider.ts";
import type { Difference } from "../../../domain/host/drift.ts";
import type { HostState } from "../../../domain/host/state.ts";
import { defined, olderIdOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";

/** The principal of the commands that follow from drifts and requested changes. */
export const operationsName = "host-operations";

/** The matter of a proposal: a drift to repair, or a requested change. */
export type Matter =
  | { readonly is: "repair"; readonly host: string; readonly difference: Difference }
  | { readonly is: "change"; readonly host: string; readonly change: number };

/** An undecided proposal. */
export interface OpenProposal {
  readonly matter: Matter;
  /** Whether the log has it, submitted by this process manager. */
  readonly submitted: boolean;
}

/** A running task on a host: the change that it carries out, or the drift that it repairs. */
export interface HostTask {
  readonly host: string;
  readonly change?: number;
  readonly repairs?: Difference;
}

/** Whether an agent can be asked to vote. */
export interface Voter {
  readonly registered: boolean;
  readonly status: PresenceStatus;
  readonly reviews: boolean;
  readonly isPerson: boolean;
}

/** The hosts, the voters, and the open work. `decided` has the actions after the last event. */
export interface OperationsState {
  readonly hosts: HashMap.HashMap<string, HostState>;
  readonly voters: HashMap.HashMap<string, Voter>;
  readonly proposals: HashMap.HashMap<string, OpenProposal>;
  /** Proposals that wait for an eligible voter. */
  readonly waiting: ReadonlyArray<string>;
  readonly tasks: HashMap.HashMap<string, HostTask>;
  /** Failed repairs by host. They are proposed again when the host answers after an absence. */
  readonly unrepaired: HashMap.HashMap<string, ReadonlyArray<Difference>>;
  /** The freezes in force. */
  readonly freezes: HashMap.HashMap<string, true>;
  /** Approved matters that a freeze holds back, by proposal. */
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

/** Returns the values with the entry for `id` under that id, if older logs know it by its older id. */
export const knownAs = <V>(values: HashMap.HashMap<string, V>, id: string): HashMap.HashMap<string, V> => {
  const named = [...HashMap.keys(values)].find((one) => one !== id && olderIdOf(one) === id);
  if (named === undefined) return values;
  return HashMap.remove(HashMap.set(values, id, HashMap.getUnsafe(values, named)), named);
};

export const hostOf = ({ hosts }: OperationsState, id: string): HostState =>
  Option.getOrElse(HashMap.get(hosts, id), () => host.initial);

export const unrepairedOn = ({ unrepaired }: OperationsState, id: string): ReadonlyArray<Difference> =>
  Option.getOrElse(HashMap.get(unrepaired, id), () => []);

/** Returns the voters, like for a deployment: registered reviewers that are not offline, and people that review. */
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

/** Returns whether a freeze holds back work on a host. */
export const isFrozen = (state: OperationsState, name: string): boolean => {
  const { desired, graph: reported } = hostOf(state, name);
  const graph = desired?.placement?.graph ?? reported;
  return freezesOn({ ...defined({ graph }), hosts: [name] }).some((id) => HashMap.has(state.freezes, id));
};
