import type { Activation } from "../../domain/host/desired.ts";

export type { Activation };

/** A host as a deployment knows it: what it takes to reach it. */
export interface TargetHost {
  readonly host: string;
  readonly address: string;
  readonly system?: string;
  readonly ssh?: { readonly user?: string; readonly port?: number; readonly identityFile?: string };
}

/** How to see that a node on a host is well. */
export interface Check {
  readonly node: string;
  readonly kind: "http" | "tcp" | "exec" | "unit";
  readonly port?: number;
  readonly path?: string;
  readonly command?: string;
  /** With its suffix. */
  readonly unit?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** How often a failing check is repeated before it counts. */
  readonly retries: number;
}

/** A rendered flake: its digest, and its files by path. */
export interface Flake {
  readonly digest: string;
  readonly files: Readonly<Record<string, string>>;
}

/** What is seen of a host at one moment, as far as it can be told. */
export interface Observation {
  /** The closure that runs. */
  readonly closure: string;
  /** The closure that runs after a reboot. */
  readonly boot?: string;
  /** The number of that closure's generation in the system profile, from 1. */
  readonly generation?: number;
  /** Units that systemd says have failed, sorted. */
  readonly failedUnits: ReadonlyArray<string>;
  /** Processes that ran or waited, on average over the last minute. */
  readonly load?: number;
  /** The file system of the Nix store, in bytes. */
  readonly disk?: { readonly totalBytes: number; readonly freeBytes: number };
  /** Seconds since the host was started. */
  readonly uptimeSeconds?: number;
}

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

/**
 * The host did not answer. Known by its name: an operator, which knows nothing of agents, throws any error that is
 * called so.
 */
export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";
}

/** The host answered, and the step could not be done. Known by its name, like {@link HostUnreachable}. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

export const isHostUnreachable = (error: unknown): error is Error =>
  error instanceof Error && error.name === "HostUnreachable";
