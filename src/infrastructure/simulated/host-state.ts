import { installedClosure, strangeClosure } from "./closure.ts";
import type { Mishap } from "./faults.ts";

/** A simulated host as it is kept in the store. Moments are milliseconds since 1970. */
export interface HostState {
  readonly host: string;
  /** The closure that runs. */
  readonly running: string;
  /** The closure that runs after a reboot. */
  readonly boot: string;
  /** The number of that closure's generation; 1 where it is absent. */
  readonly generation?: number;
  /** When it was started; at the beginning of time where it is absent. */
  readonly bootedAt?: number;
  /** Units that do not run, because they failed or somebody stopped them. */
  readonly failedUnits?: ReadonlyArray<string>;
  readonly stoppedUnits?: ReadonlyArray<string>;
  /** A provisional activation: unless it is confirmed, the host goes back at this moment. */
  readonly pending?: { readonly previous: string; readonly at: number };
  /** The host vanished under this edition of the faults; null: until they are set anew. */
  readonly vanished?: { readonly edition: number; readonly until: number | null };
  /** The edition of the faults whose mishaps have happened to it. */
  readonly suffered?: number;
}

export const freshHost = (host: string): HostState => ({
  host,
  running: installedClosure(host),
  boot: installedClosure(host),
});

/** Another system starts the units that it has. */
const unitsStarted = ({ failedUnits: _failed, stoppedUnits: _stopped, ...state }: HostState): HostState => state;

const withoutPending = ({ pending: _, ...state }: HostState): HostState => state;

/** The host as it is at `now`: back at its previous closure where an activation was not confirmed in time. */
export const seenAt = (state: HostState, now: number): HostState => {
  const { pending } = state;
  return pending === undefined || now < pending.at
    ? state
    : { ...unitsStarted(withoutPending(state)), running: pending.previous };
};

/** Provisionally activated; without a way back where nothing changes. */
export const activated = (state: HostState, closure: string, previous: string, confirmBy: number): HostState =>
  state.running === closure && state.pending === undefined
    ? state
    : { ...unitsStarted(state), running: closure, pending: { previous, at: confirmBy } };

/** The closure stays as `activation` says; a host that has gone back meanwhile keeps what it has. */
export const confirmed = (state: HostState, closure: string, activation: "switch" | "test" | "boot"): HostState => {
  if (activation === "boot") return { ...state, boot: closure };
  if (state.running !== closure) return state;
  return activation === "test" ? { ...settled(state, closure), boot: state.boot } : settled(state, closure);
};

/** What runs stays. */
export const settled = (state: HostState, closure: string): HostState => {
  const { generation = 1 } = state;
  const started = state.running === closure ? state : unitsStarted(state);
  return {
    ...withoutPending(started),
    running: closure,
    boot: closure,
    generation: state.boot === closure ? generation : generation + 1,
  };
};

const without = (units: ReadonlyArray<string> | undefined, unit: string): ReadonlyArray<string> =>
  (units ?? []).filter((one) => one !== unit);

/** The host after something was done with one of its units. */
export const operated = (state: HostState, action: "start" | "stop" | "restart", unit: string): HostState => ({
  ...state,
  failedUnits: without(state.failedUnits, unit),
  stoppedUnits: [...without(state.stoppedUnits, unit), ...(action === "stop" ? [unit] : [])],
});

/** The host after a mishap. */
const after = (state: HostState, mishap: Mishap, now: number): HostState => {
  switch (mishap.kind) {
    case "drift":
      return { ...state, running: strangeClosure(state.host, "drift") };
    case "reboot": {
      const closure = strangeClosure(state.host, "reboot");
      return { ...unitsStarted(settled(state, closure)), bootedAt: now };
    }
    case "unit-failed":
      return { ...state, failedUnits: [...without(state.failedUnits, mishap.unit), mishap.unit].sort() };
  }
};

/** The host after what the faults of an edition do to it once. */
export const suffering = (state: HostState, mishaps: ReadonlyArray<Mishap>, edition: number, now: number): HostState =>
  mishaps.length === 0 || state.suffered === edition
    ? state
    : mishaps.reduce<HostState>((current, mishap) => after(current, mishap, now), { ...state, suffered: edition });

/** True where the unit does not run. */
export const isDown = ({ failedUnits = [], stoppedUnits = [] }: HostState, unit: string): boolean =>
  failedUnits.includes(unit) || stoppedUnits.includes(unit);

/** True where the host does not answer at `now`, under this edition of the faults. */
export const isGone = ({ vanished }: HostState, edition: number, now: number): boolean =>
  vanished !== undefined && vanished.edition === edition && (vanished.until === null || now < vanished.until);
