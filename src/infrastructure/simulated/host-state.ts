import { installedClosure } from "./closure.ts";

/** A simulated host as it is kept in the store. Moments are milliseconds since 1970. */
export interface HostState {
  readonly host: string;
  /** The closure that runs. */
  readonly running: string;
  /** The closure that runs after a reboot. */
  readonly boot: string;
  /** A provisional activation: unless it is confirmed, the host goes back at this moment. */
  readonly pending?: { readonly previous: string; readonly at: number };
  /** The host vanished under this edition of the faults; null: until they are set anew. */
  readonly vanished?: { readonly edition: number; readonly until: number | null };
}

export const freshHost = (host: string): HostState => ({
  host,
  running: installedClosure(host),
  boot: installedClosure(host),
});

/** The host as it is at `now`: back at its previous closure where an activation was not confirmed in time. */
export const seenAt = (state: HostState, now: number): HostState => {
  const { pending, ...rest } = state;
  return pending === undefined || now < pending.at ? state : { ...rest, running: pending.previous };
};

/** Provisionally activated; without a way back where nothing changes. */
export const activated = (state: HostState, closure: string, previous: string, confirmBy: number): HostState =>
  state.running === closure && state.pending === undefined
    ? state
    : { ...state, running: closure, pending: { previous, at: confirmBy } };

/** The closure stays as `activation` says; a host that has gone back meanwhile keeps what it has. */
export const confirmed = (state: HostState, closure: string, activation: "switch" | "test" | "boot"): HostState => {
  if (activation === "boot") return { ...state, boot: closure };
  if (state.running !== closure) return state;
  return activation === "test" ? { ...settled(state, closure), boot: state.boot } : settled(state, closure);
};

/** What runs stays. */
export const settled = ({ pending: _, ...state }: HostState, closure: string): HostState => ({
  ...state,
  running: closure,
  boot: closure,
});

/** True where the host does not answer at `now`, under this edition of the faults. */
export const isGone = ({ vanished }: HostState, edition: number, now: number): boolean =>
  vanished !== undefined && vanished.edition === edition && (vanished.until === null || now < vanished.until);
