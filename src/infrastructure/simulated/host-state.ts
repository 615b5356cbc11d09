import { createHash } from "node:crypto";
import { Struct } from "effect";
import type { Activation } from "../../contract/hosts.ts";
import type { Mishap } from "./faults.ts";

/** A simulated host in the store. Moments are milliseconds since 1970. */
export interface HostState {
  readonly host: string;
  /** The closure that runs. */
  readonly running: string;
  /** The closure that runs after a reboot. */
  readonly boot: string;
  /** The number of that closure's generation; 1 if it is absent. */
  readonly generation?: number;
  /** The moment of its last start; 0 if it is absent. */
  readonly bootedAt?: number;
  /** Units that do not run, because they failed or were stopped. */
  readonly failedUnits?: ReadonlyArray<string>;
  readonly stoppedUnits?: ReadonlyArray<string>;
  /** A provisional activation. The host goes back at this moment unless the activation is confirmed. */
  readonly pending?: { readonly previous: string; readonly at: number };
  /** The host vanished under this edition of the faults; null: until they are set again. */
  readonly vanished?: { readonly edition: number; readonly until: number | null };
  /** The edition of the faults whose mishaps have happened to it. */
  readonly suffered?: number;
}

/** The alphabet of Nix store paths: digits and letters without `e`, `o`, `t` and `u`. */
const alphabet = "0123456789abcdfghijklmnpqrsvwxyz";

/** Returns 32 characters in the form of a store path's hash: 160 bits, five at a time. */
const storeHash = (text: string): string => {
  const bits = BigInt(`0x${createHash("sha256").update(text).digest("hex")}`);
  return Array.from({ length: 32 }, (_, index) => alphabet[Number((bits >> BigInt(5 * index)) & 31n)]).join("");
};

const closure = (host: string, content: string): string =>
  `/nix/store/${storeHash(`${host}\n${content}`)}-nixos-system-${host}-simulated`;

/** Returns the closure that a simulated host runs before the first deployment. */
export const installedClosure = (host: string): string => closure(host, "as installed");

/** Returns the closure that a simulated host runs after a change by hand, or after a boot of another generation. */
const strangeClosure = (host: string, how: "drift" | "reboot"): string => closure(host, `strange: ${how}`);

/**
 * Returns the closure that a simulated build of the flake makes for a host. It depends only on the files of the host.
 * So a host without changes keeps its closure. The files of a host have its name in their path (`hosts/leaf-1.nix`,
 * `hosts/leaf-1/default.nix`). If there are none, every file counts.
 */
export const builtClosure = (host: string, files: Readonly<Record<string, string>>): string => {
  const paths = Object.keys(files).sort();
  const own = paths.filter((path) => path.split("/").some((part) => part === host || part === `${host}.nix`));
  const counting = own.length > 0 ? own : paths;
  return closure(host, JSON.stringify(counting.map((path) => [path, files[path]])));
};

/** Returns the state of a host before its first deployment. */
export const freshHost = (host: string): HostState => ({
  host,
  running: installedClosure(host),
  boot: installedClosure(host),
});

/** Returns the host with all its units started, as a new system does. */
const unitsStarted = (state: HostState): HostState => Struct.omit(state, ["failedUnits", "stoppedUnits"]);

const withoutPending = (state: HostState): HostState => Struct.omit(state, ["pending"]);

/** Returns the host at `now`: back at its previous closure if an activation was not confirmed in time. */
export const seenAt = (state: HostState, now: number): HostState => {
  const { pending } = state;
  return pending === undefined || now < pending.at
    ? state
    : { ...unitsStarted(withoutPending(state)), running: pending.previous };
};

/** Returns the host, provisionally activated; without a way back if nothing changes. */
export const activated = (state: HostState, closure: string, previous: string, confirmBy: number): HostState =>
  state.running === closure && state.pending === undefined
    ? state
    : { ...unitsStarted(state), running: closure, pending: { previous, at: confirmBy } };

/** Returns the host with the closure kept as `activation` says. A host that has gone back meanwhile does not change. */
export const confirmed = (state: HostState, closure: string, activation: Activation): HostState => {
  if (activation === "boot") return { ...state, boot: closure };
  if (state.running !== closure) return state;
  return activation === "test" ? { ...settled(state, closure), boot: state.boot } : settled(state, closure);
};

/** Returns the host with the closure running for good. */
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

/** Returns the host after an action on one of its units. */
export const operated = (state: HostState, action: "start" | "stop" | "restart", unit: string): HostState => ({
  ...state,
  failedUnits: without(state.failedUnits, unit),
  stoppedUnits: [...without(state.stoppedUnits, unit), ...(action === "stop" ? [unit] : [])],
});

/** Returns the host after a mishap. */
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

/** Returns the host after the mishaps of an edition of the faults, which happen once. */
export const suffering = (state: HostState, mishaps: ReadonlyArray<Mishap>, edition: number, now: number): HostState =>
  mishaps.length === 0 || state.suffered === edition
    ? state
    : mishaps.reduce<HostState>((current, mishap) => after(current, mishap, now), { ...state, suffered: edition });

/** Returns true if the unit does not run. */
export const isDown = ({ failedUnits = [], stoppedUnits = [] }: HostState, unit: string): boolean =>
  failedUnits.includes(unit) || stoppedUnits.includes(unit);

/** Returns true if the host does not answer at `now`, under this edition of the faults. */
export const isGone = ({ vanished }: HostState, edition: number, now: number): boolean =>
  vanished !== undefined && vanished.edition === edition && (vanished.until === null || now < vanished.until);
