import { Predicate, Schema } from "effect";
import { HostPlan } from "../domain/deployment/waves.ts";
import { type Activation, type Check, Closure } from "../domain/host/desired.ts";
import { Observed } from "../domain/host/observed.ts";

export type { Activation, Check };

/** How to reach a host. */
export const TargetHost = Schema.Struct({
  host: HostPlan.fields.host,
  address: HostPlan.fields.address,
  system: HostPlan.fields.system,
  ssh: HostPlan.fields.ssh,
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
/** What an operator can be asked to do with a unit of a host. */
export interface UnitAction {
  readonly action: "start" | "stop" | "restart";
  /** With its suffix: `web-api.service`. */
  readonly unit: string;
}

/** What a provisional activation needs to find its way back. */
export interface ProvisionalActivation {
  readonly deployment: string;
  /** The closure that the host goes back to by itself unless it is confirmed. */
  readonly previous: string;
  readonly confirmWithinSeconds: number;
}

/** Called with each line that the programs of a step print, without secrets in it. */
export type Log = (line: string) => void;

/**
 * What a deployer does to hosts: the technology behind a deployment's target, `nixos` or `simulated`.
 *
 * Every operation may be repeated: a deployer that takes over repeats the step that was under way. They throw
 * {@link HostUnreachable} where the host does not answer and {@link StepFailed} where it cannot do what is asked, and
 * stop soon, with any error, when `signal` aborts.
 */
export interface Operator {
  /** The closure that the host runs. */
  current(host: TargetHost, signal: AbortSignal): Promise<{ readonly closure: string }>;
  /** Looks at the host as a whole; changes nothing. */
  observe(host: TargetHost, signal: AbortSignal): Promise<Observation>;
  /** Starts, stops or restarts a unit, and waits until systemd is done with it. */
  operate(host: TargetHost, action: UnitAction, signal: AbortSignal): Promise<void>;
  /** Builds the host's system from the flake; its closure. */
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
  /** Runs the closure, provisionally: nothing persists, and the host goes back by itself unless it is confirmed. */
  activate(
    host: TargetHost,
    closure: string,
    provision: ProvisionalActivation,
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /** Looks once. */
  check(
    host: TargetHost,
    check: Check,
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  /**
   * Lets the closure stay, as `activation` says: with `switch` what runs stays, also after a reboot. Fails where the
   * host has gone back.
   */
  confirm(
    host: TargetHost,
    closure: string,
    provision: { readonly deployment: string; readonly activation: Activation },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void>;
  /**
   * Makes the host run `previous` again, for good; the closure that it was then seen to run. `closure` is what the
   * deployment brought, where it came so far: what else was chosen to run after a reboot is left alone, unless `boot`
   * says that `previous` must.
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
export class StepFailed extends Schema.TaggedError<StepFailed>()("StepFailed", { message: Schema.String }) {}

/**
 * Returns whether an operator threw {@link HostUnreachable}. Matched by its tag, so that an operator of another package
 * may throw an error of its own class.
 */
export const isHostUnreachable = (error: unknown): error is HostUnreachable =>
  Predicate.isTagged(error, "HostUnreachable");
