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
  /**
   * The name under which ssh stores the host's key, if not address and port. The address may change while the key
   * stays.
   */
  knownAs: Schema.optionalKey(Schema.String),
});
export type TargetHost = typeof TargetHost.Type;

/** A rendered flake: its digest, and its files by path. */
export const Flake = Schema.Struct({
  digest: Schema.String,
  files: Schema.Record(Schema.String, Schema.String),
});
export type Flake = typeof Flake.Type;

/** The observable state of a host at one moment. `closure` is the closure that runs. */
export const Observation = Schema.Struct({ closure: Closure, ...Observed.fields });
export type Observation = typeof Observation.Type;
/** A change of one unit of a host. */
export interface UnitAction {
  readonly action: "start" | "stop" | "restart";
  /** With its suffix: `web-api.service`. */
  readonly unit: string;
}

/** The result of examining a host before an activation. */
export interface Examination {
  /** What the activation would remove from the host, by the name under which a request accepts the removal. */
  readonly removals: ReadonlyArray<Removal>;
}

/** What a host needs to undo a provisional activation. */
export interface ProvisionalActivation {
  readonly deployment: string;
  /** The closure to which the host returns by itself unless the activation is confirmed. */
  readonly previous: string;
  readonly confirmWithinSeconds: number;
}

/** Called with each line that a step's programs print. Secrets have been removed from it. */
export type Log = (line: string) => void;

/**
 * The port between a deployer and a resolver of flake references. Returns a reference to exactly what a flake reference
 * means now. The result names a commit or the hash of its content, so it means the same at every later time. Throws
 * with the reason if the reference cannot be resolved, for example without a network.
 */
export type LockReference = (reference: string, signal: AbortSignal) => Promise<string>;

/**
 * The port between a deployer and its hosts: the technology behind a deployment's target, `nixos` or `simulated`.
 *
 * Every operation may be repeated, because another deployer that takes over repeats the unfinished step. An operation
 * throws {@link HostUnreachable} if the host does not answer, and {@link StepFailed} if the host cannot do what is asked.
 * It stops soon, with any error, when `signal` aborts.
 */
export interface Operator {
  /** Returns the closure that the host runs. */
  current(host: TargetHost, signal: AbortSignal): Promise<{ readonly closure: string }>;
  /** Observes the host as a whole; changes nothing. */
  observe(host: TargetHost, signal: AbortSignal): Promise<Observation>;
  /** Starts, stops or restarts a unit. Waits until systemd has finished. */
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
   * Compares the host with a closure that was copied to it; changes nothing. `next` is the way to reach the host after
   * the activation. Throws {@link StepFailed} if the host could not boot the closure.
   */
  examine(host: TargetHost, closure: string, next: TargetHost, signal: AbortSignal): Promise<Examination>;
  /**
   * Runs the closure provisionally: the host returns to `previous` by itself unless the activation is confirmed in
   * time. The time starts when the activation has finished, however long that took. Throws {@link NeedsReboot} if the
   * host can reach the closure only by a reboot.
   */
  activate(
    host: TargetHost,
    closure: string,
    provision: ProvisionalActivation,
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /** Returns the parts of a closure that run only after a reboot, because the host was booted with others. */
  outdated(host: TargetHost, closure: string, signal: AbortSignal): Promise<ReadonlyArray<string>>;
  /**
   * Reboots the host into the closure, once per deployment, and waits until it is up again. The host reboots back
   * unless it is confirmed in time; the time starts with its guard. Fails if the host comes up without the closure.
   * `next` is the way to reach the host once it runs the closure, if that differs.
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
   * Keeps the closure as `activation` says: with `switch` the closure also runs after a reboot. Fails if the host has
   * gone back in the meantime.
   */
  confirm(
    host: TargetHost,
    closure: string,
    provision: { readonly deployment: string; readonly activation: Activation },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /**
   * Makes the host run `previous` again permanently. Returns the closure that the host then runs. `closure` is what the
   * deployment brought, if it got that far. If a third closure was chosen for the next boot, that choice stays, unless
   * `boot` says that `previous` must boot too.
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

/** The host answered, but could not do the step. Another attempt would fail too. */
export class StepFailed extends Schema.TaggedError<StepFailed>()("StepFailed", {
  message: Schema.String,
  /** The host refused the login. Another user or another port may be accepted. */
  login: Schema.optionalKey(Schema.Boolean),
}) {}

/** Nothing was changed. The host can reach the closure only by a reboot. */
export class NeedsReboot extends Schema.TaggedError<NeedsReboot>()("NeedsReboot", {
  message: Schema.String,
  reasons: Schema.Array(Schema.String),
}) {}

/** Returns whether this way into a host failed: the host did not answer, or refused the login. */
export const isShut = (error: unknown): boolean =>
  isHostUnreachable(error) || (Predicate.isTagged(error, "StepFailed") && Object(error).login === true);

/** Returns why the host can reach a closure only by a reboot, if an operator threw {@link NeedsReboot}. */
export const rebootReasons = (error: unknown): ReadonlyArray<string> | undefined =>
  Predicate.isTagged(error, "NeedsReboot") ? Object(error).reasons : undefined;

/**
 * Returns whether an operator threw {@link HostUnreachable}. Matched by its tag, so that an operator of another package
 * may throw an error of its own class.
 */
export const isHostUnreachable = (error: unknown): error is HostUnreachable =>
  Predicate.isTagged(error, "HostUnreachable");
