import { Effect, Scheduler } from "effect";
import type { ReferenceAgentsOptions } from "../agents/reference.ts";
import type { Pins } from "../domain/nix/mod.ts";
import { fairScheduler } from "../infrastructure/fair-scheduler.ts";
import type { ConnectionSettings } from "../infrastructure/nats/connection-options.ts";
import type { NixosOptions } from "../infrastructure/nixos/nixos-hosts.ts";
import type { Fault, SimulatedHosts } from "../infrastructure/simulated/mod.ts";
import { loadAgents } from "./agents.ts";

/** How to run a backend. */
export interface BackendOptions {
  /** An existing nats-server. Without it an embedded one is started on `port`, with its data in `store`. */
  readonly nats?: Omit<ConnectionSettings, "prefix" | "name" | "replicas">;
  /** The replicas that every stream has, or is made with. By default those of the log, or 1 in a new installation. */
  readonly replicas?: number;
  readonly store: string;
  /** -1: any free port. */
  readonly port: number;
  readonly prefix: string;
  /** Whether the reference agents run in this process too, in a thread of their own. */
  readonly agents: boolean;
  /** What goes wrong on simulated hosts. Without it, the faults of the last run stay. */
  readonly faults?: ReadonlyArray<Fault>;
  /** How long a step on a simulated host takes, in milliseconds. */
  readonly simulatedStepMilliseconds?: number;
  /** How real hosts are reached and built. Without it, the agents deploy to simulated hosts only. */
  readonly nixos?: NixosOptions;
  /** Where the inputs of flakes come from. */
  readonly pins?: Pins;
  /** How long the deployer tries a host, and after how long an unconfirmed host goes back. */
  readonly patience?: Pick<ReferenceAgentsOptions, "reachWithinSeconds" | "confirmationMarginSeconds">;
  /** The commands a second that one principal may give; 0: as many as it likes. 100 by default. */
  readonly rate?: number;
  /** Seconds between two heartbeats of an agent; 10 by default. The agents in this process keep to it. */
  readonly heartbeatSeconds?: number;
  /** Seconds between two observations of a host that no deployment is changing. */
  readonly watchEverySeconds?: number;
}

/** A running backend, which answers commands. */
export interface Backend {
  readonly url: string;
  /** Resolves when the reference agents work, if there are any. Rejects if they do not start. */
  readonly agents: Promise<void>;
  /** The folder of the data; undefined if the nats-server is not embedded. */
  readonly store: string | undefined;
  /** The simulated hosts of this installation. */
  readonly simulated: SimulatedHosts;
}

const start = Effect.fnUntraced(function* (options: BackendOptions) {
  // Their thread loads them while this one loads the backend.
  const agents = options.agents ? yield* loadAgents : undefined;
  const { startBackend } = yield* Effect.promise(() => import("./backend-work.ts"));
  return yield* startBackend(options, agents);
});

/**
 * Runs a backend for as long as the scope lasts, from the nats-server up to the reference agents. It succeeds when the
 * backend answers commands; the agents may still be on their way. All of its fibers share the thread in slices of time.
 */
export const backend = (options: BackendOptions) =>
  Effect.provideService(start(options), Scheduler.Scheduler, fairScheduler);
