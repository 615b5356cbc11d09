import { Predicate, Schema } from "effect";
import { HostPlan } from "../domain/deployment/waves.ts";
import { type Activation, type Check, Closure } from "../domain/host/desired.ts";
import { Observed } from "../domain/host/observed.ts";
import type { Removal } from "../domain/host/removals.ts";

export type { Activation, Check, Removal };

/** How to reach a host. */
export const TargetHost = Schema.Struct({
  host: HostPlan.fields.host,
  address: HostPlan.fields.address,
  ssh: HostPlan.fields.ssh,
  /** The name by which ssh knows its key, if not by address and port: the way to it changes, and its key does not. */
  knownAs: Schema.optionalKey(Schema.String),
});
export type TargetHost = typeof TargetHost.Type;

/** A rendered flake: its digest, and its files by path. */
export const Flake = Schema.Struct({
  digest: Schema.String,
  files: Schema.Record(Schema.String, Schema.String),
});
export type Flake = typeof Flake.Type;

/** The state of a host at one moment, as far as it can be observed: `closure` is the closure that runs. */
export const Observation = Schema.Struct({ closure: Closure, ...Observed.fields });
export type Observation = typeof Observation.Type;
/** A change of one unit of a host. */
export interface UnitAction {
  readonly action: "start" | "stop" | "restart";
  /** With its suffix: `web-api.service`. */
  readonly unit: string;
}

/** What a look at a host before an activation has found. */
export interface Examination {
  /** What the activation would take from the host, by the name under which a request accepts it. */
  readonly removals: ReadonlyArray<Removal>;
}

/** The way back of a provisional activation. */
export interface ProvisionalActivation {
  readonly deployment: string;
  /** The closure that the host goes back to by itself unless it is confirmed. */
  readonly previous: string;
  readonly confirmWithinSeconds: number;
}

/** Called with each line that the programs of a step print, without secrets in it. */
export type Log = (line: string) => void;

/**
 * The port between a deployer and what knows flakes. Returns a reference to exactly what a flake reference means now: it
 * names a commit or the hash of its content, and means the same when it is asked again. Throws with the reason if that
 * cannot be found out, for example without a network.
 */
export type LockReference = (reference: string, signal: AbortSignal) => Promise<string>;

/**
 * The port between a deployer and its hosts: the technology behind a deployment's target, `nixos` or `simulated`.
 *
 * Every operation may be repeated, because a deployer that takes over repeats the step that was under way. An operation
 * throws {@link HostUnreachable} if the host does not answer, and {@link StepFailed} if the host cannot do what is asked.
 * It stops soon, with any error, when `signal` aborts.
 */
export interface Operator {
  /** Returns the closure that the host runs. */
  current(host: TargetHost, signal: AbortSignal): Promise<{ readonly closure: string }>;
  /** Observes the host as a whole; changes nothing. */
  observe(host: TargetHost, signal: AbortSignal): Promise<Observation>;
  /** Starts, stops or restarts a unit. Waits until systemd is done with it. */
  operate(host: TargetHost, action: UnitAction, signal: AbortSignal): Promise<void>;
  /** Builds the host's system from the flake. Returns its closure. */
  build(
    request: { readonly deployment: string; readonly host: TargetHost; readonly flake: Flake },
    signal: AbortSignal,
    log?: Log,
  ): Promise<string>;
  copy(
    host: TargetHost,
    closure: string,
    provision: { readonly deployment: string },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /**
   * Compares the host with a closure that is on it; changes nothing. `next` is how the host is reached afterwards. Throws
   * {@link StepFailed} if the host could not boot the closure.
   */
  examine(host: TargetHost, closure: string, next: TargetHost, signal: AbortSignal): Promise<Examination>;
  /**
   * Runs the closure provisionally: the host goes back by itself unless the activation is confirmed in time. The time
   * begins when the activation is over, however long it takes. Throws {@link NeedsReboot} if only a reboot leads there.
   */
  activate(
    host: TargetHost,
    closure: string,
    provision: ProvisionalActivation,
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /** Returns the parts of a closure that need a reboot to run: the host was booted with others. */
  outdated(host: TargetHost, closure: string, signal: AbortSignal): Promise<ReadonlyArray<string>>;
  /**
   * Reboots the host into the closure, once for a deployment, and waits until it is up again. It goes back by another
   * reboot unless it is confirmed within the time after the start of its guard. Fails if it does not come up with the
   * closure. `next` is how the host is reached by the closure, if that is another way.
   */
  reboot(
    host: TargetHost,
    closure: string,
    provision: ProvisionalActivation & { readonly next?: TargetHost },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /** Runs a check once. */
  check(
    host: TargetHost,
    check: Check,
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  /**
   * Lets the closure stay, as `activation` says: with `switch` the closure also runs after a reboot. Fails if the host
   * has gone back meanwhile.
   */
  confirm(
    host: TargetHost,
    closure: string,
    provision: { readonly deployment: string; readonly activation: Activation },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /**
   * Makes the host run `previous` again, for good. Returns the closure that the host then runs. `closure` is what the
   * deployment brought, if it came that far. A third closure that was chosen to run after a reboot stays chosen, unless
   * `boot` says that `previous` must run then too.
   */
  revert(
    host: TargetHost,
    previous: string,
    provision: { readonly deployment: string; readonly closure?: string; readonly boot?: boolean },
    signal: AbortSignal,
    log?: Log,
  ): Promise<string>;
}

/** The host did not answer. It may answer later, so a deployer tries again for a while. */
export class HostUnreachable extends Schema.TaggedError<HostUnreachable>()("HostUnreachable", {
  message: Schema.String,
}) {}

/** The host answered, and the step could not be done: trying again does not help. */
export class StepFailed extends Schema.TaggedError<StepFailed>()("StepFailed", {
  message: Schema.String,
  /** The host did not let the user in. Another user, or another port, may get in. */
  login: Schema.optionalKey(Schema.Boolean),
}) {}

/** Nothing was changed: the host can come to the closure only by a reboot. */
export class NeedsReboot extends Schema.TaggedError<NeedsReboot>()("NeedsReboot", {
  message: Schema.String,
  reasons: Schema.Array(Schema.String),
}) {}

/** Returns whether a host could not be got into this way: it did not answer, or did not let the user in. */
export const isShut = (error: unknown): boolean =>
  isHostUnreachable(error) || (Predicate.isTagged(error, "StepFailed") && Object(error).login === true);

/** Returns why the host can come to a closure only by a reboot, if an operator threw {@link NeedsReboot}. */
export const rebootReasons = (error: unknown): ReadonlyArray<string> | undefined =>
  Predicate.isTagged(error, "NeedsReboot") ? Object(error).reasons : undefined;

/**
 * Returns whether an operator threw {@link HostUnreachable}. Matched by its tag, so that an operator of another package
 * may throw an error of its own class.
 */
export const isHostUnreachable = (error: unknown): error is HostUnreachable =>
  Predicate.isTagged(error, "HostUnreachable");
