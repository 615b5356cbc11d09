import { Effect, Scheduler } from "effect";
import { fairScheduler } from "../infrastructure/fair-scheduler.ts";
import { loadAgents } from "./agents.ts";
import type { BackendOptions } from "./backend-work.ts";

export type { Backend, BackendOptions, ClosedOptions } from "./backend-work.ts";

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
