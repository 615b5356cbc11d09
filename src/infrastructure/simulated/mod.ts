import { setTimeout as sleep } from "node:timers/promises";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  type Activation,
  type Examination,
  HostUnreachable,
  type Observation,
  type Operator,
  StepFailed,
  type UnitAction,
} from "../../contract/hosts.ts";
import { unitName } from "../../domain/nix/unit/names.ts";
import { type Fault, type FaultStep, isUnhealthy, mishapsOf } from "./faults.ts";
import {
  activated,
  builtClosure,
  confirmed,
  type HostState,
  isDown,
  isGone,
  operated,
  seenAt,
  settled,
  suffering,
} from "./host-state.ts";
import { type FaultEdition, SimulatedHostStore } from "./store.ts";

export { type Fault, type FaultStep, parseFault } from "./faults.ts";

/** A simulated host needs no address. */
interface Host {
  readonly host: string;
}

/** A host that answered. */
interface Met {
  readonly state: HostState;
  readonly faults: ReadonlyArray<Fault>;
}

const disk = { totalBytes: 100e9, freeBytes: 80e9 };

export interface SimulationOptions {
  /** The milliseconds that each step takes; 100 by default. A look inside a step takes no extra time. */
  readonly stepMilliseconds?: number;
  /** The clock, in milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number;
  /** The replicas of the bucket if it has to be made. */
  readonly replicas?: number;
}

/**
 * The target `simulated`: hosts that exist only as documents in the store. For a deployer they behave like real hosts:
 * an activation that is not confirmed in time goes back, even if no process runs meanwhile. Faults make them fail.
 * Nothing is built and nothing runs. Closures are named `…-simulated`.
 */
export class SimulatedHosts implements Operator {
  readonly #store: SimulatedHostStore;
  readonly #stepMilliseconds: number;
  readonly #now: () => number;

  private constructor(store: SimulatedHostStore, { stepMilliseconds = 100, now = Date.now }: SimulationOptions) {
    this.#store = store;
    this.#stepMilliseconds = stepMilliseconds;
    this.#now = now;
  }

  static async open(nc: NatsConnection, prefix?: string, options: SimulationOptions = {}): Promise<SimulatedHosts> {
    return new SimulatedHosts(await SimulatedHostStore.open(nc, prefix, options.replicas), options);
  }

  /** Replaces all faults, for all processes that share the store. Hosts that vanished are back. */
  setFaults(faults: ReadonlyArray<Fault>): Promise<void> {
    return this.#store.setFaults(faults);
  }

  async current({ host }: Host, signal: AbortSignal): Promise<{ readonly closure: string }> {
    const { state } = await this.#reach(host, "current", signal);
    return { closure: state.running };
  }

  /** Returns what the host shows. Load and disk are constant, because nothing runs. */
  async observe({ host }: Host, signal: AbortSignal): Promise<Observation> {
    const { state } = await this.#reach(host, "current", signal);
    const { running: closure, boot, generation = 1, failedUnits = [], bootedAt = 0 } = state;
    const uptimeSeconds = Math.floor((this.#now() - bootedAt) / 1000);
    return { closure, boot, generation, failedUnits, load: 0.1, disk, uptimeSeconds };
  }

  async operate({ host }: Host, { action, unit }: UnitAction, signal: AbortSignal): Promise<void> {
    await this.#reach(host, "current", signal);
    await this.#change(host, (state) => operated(state, action, unit));
  }

  async build(
    request: { readonly host: Host; readonly flake: { readonly files: Readonly<Record<string, string>> } },
    signal: AbortSignal,
  ): Promise<string> {
    const { host } = request.host;
    await this.#takeTime(signal);
    const { faults } = await this.#store.faults();
    if (faults.some((fault) => fault.kind === "build-fails" && fault.host === host))
      throw new StepFailed({ message: `the simulated build of ${host} failed, as it was told to` });
    return builtClosure(host, request.flake.files);
  }

  async copy({ host }: Host, _closure: string, _: unknown, signal: AbortSignal): Promise<void> {
    await this.#reach(host, "copy", signal);
  }

  /** A simulated host has nothing but its services. */
  async examine({ host }: Host, _closure: string, _next: Host, signal: AbortSignal): Promise<Examination> {
    signal.throwIfAborted();
    await this.#meet(host, "current");
    return { removals: [] };
  }

  async activate(
    { host }: Host,
    closure: string,
    { previous, confirmWithinSeconds }: { readonly previous: string; readonly confirmWithinSeconds: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { faults } = await this.#reach(host, "activate", signal);
    if (faults.some((fault) => fault.kind === "activation-fails" && fault.host === host))
      throw new StepFailed({ message: `the simulated activation on ${host} failed, as it was told to` });
    const confirmBy = this.#now() + confirmWithinSeconds * 1000;
    await this.#change(host, (state) => activated(state, closure, previous, confirmBy));
  }

  async outdated({ host }: Host, _closure: string, signal: AbortSignal): Promise<ReadonlyArray<string>> {
    signal.throwIfAborted();
    await this.#meet(host, "current");
    return [];
  }

  /** Reboots at once. The host goes back if the activation is not confirmed in time. */
  async reboot(
    { host }: Host,
    closure: string,
    { previous, confirmWithinSeconds }: { readonly previous: string; readonly confirmWithinSeconds: number },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#reach(host, "activate", signal);
    const now = this.#now();
    const confirmBy = now + confirmWithinSeconds * 1000;
    await this.#change(host, (state) => ({ ...activated(state, closure, previous, confirmBy), bootedAt: now }));
  }

  async check(
    { host }: Host,
    { node }: { readonly node: string },
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly detail?: string }> {
    const { state, faults } = await this.#reach(host, "check", signal);
    if (isUnhealthy(faults, node, host))
      return { ok: false, detail: `the simulated ${node} on ${host} is unhealthy, as it was told to be` };
    const unit = `${unitName(node)}.service`;
    return isDown(state, unit) ? { ok: false, detail: `the simulated ${unit} on ${host} does not run` } : { ok: true };
  }

  async confirm(
    { host }: Host,
    closure: string,
    { activation = "switch" }: { readonly activation?: Activation },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#reach(host, "confirm", signal);
    const { running } = await this.#change(host, (state) => confirmed(state, closure, activation));
    if (activation !== "boot" && running !== closure)
      throw new StepFailed({ message: `${host} was not confirmed in time and has gone back to ${running}` });
  }

  async revert({ host }: Host, previous: string, _: unknown, signal: AbortSignal): Promise<string> {
    await this.#reach(host, "revert", signal);
    return (await this.#change(host, (state) => settled(state, previous))).running;
  }

  /** Takes the time of a step, then meets the host. */
  async #reach(host: string, step: FaultStep, signal: AbortSignal): Promise<Met> {
    await this.#takeTime(signal);
    return this.#meet(host, step);
  }

  /** Returns the state of the host, and the faults. Throws if the host does not answer. */
  async #meet(host: string, step: FaultStep): Promise<Met> {
    const edition = await this.#store.faults();
    const mishaps = mishapsOf(edition.faults, host);
    const state = await this.#change(host, (known) => {
      const now = this.#now();
      return suffering(vanishing(known, step, edition, now), mishaps, edition.edition, now);
    });
    if (isGone(state, edition.edition, this.#now()))
      throw new HostUnreachable({ message: `the simulated host ${host} does not answer, as it was told` });
    return { state, faults: edition.faults };
  }

  #change(host: string, change: (state: HostState) => HostState): Promise<HostState> {
    return this.#store.update(host, (state) => change(seenAt(state, this.#now())));
  }

  async #takeTime(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await sleep(this.#stepMilliseconds, undefined, { signal });
  }
}

/** Returns the host, gone if a fault says that it vanishes at this step. Each edition of the faults does that once. */
const vanishing = (state: HostState, step: FaultStep, { edition, faults }: FaultEdition, now: number): HostState => {
  if (state.vanished?.edition === edition) return state;
  for (const fault of faults) {
    if (fault.kind !== "vanish" || fault.host !== state.host || fault.atStep !== step) continue;
    const until = fault.forSeconds === undefined ? null : now + fault.forSeconds * 1000;
    return { ...state, vanished: { edition, until } };
  }
  return state;
};
