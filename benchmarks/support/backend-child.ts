import { monitorEventLoopDelay } from "node:perf_hooks";
import { Effect, Exit, Scope } from "effect";
import { type BackendOptions, backend } from "../../src/interfaces/backend.ts";
// Loaded before anything is measured: it takes longer than every stall, and no lease is held meanwhile.
import "../../src/interfaces/backend-work.ts";

/** Milliseconds between two looks at the event loop. They are in every delay that is recorded. */
const lookEvery = 10;

/**
 * Runs a backend with the options of its argument (JSON) until the parent process disconnects. Sends its URL and then,
 * for each message of the parent, the processor time that it has used, and the longest time that its event loop has
 * stood still since it was last asked for that (`stalled`), in milliseconds, and the most memory that it has had, in MiB.
 */
const delays = monitorEventLoopDelay({ resolution: lookEvery });
delays.enable();
const options: BackendOptions = JSON.parse(process.argv[2] ?? "");
const scope = Scope.makeUnsafe();
const running = await Effect.runPromise(backend(options).pipe(Effect.provideService(Scope.Scope, scope)));
await running.agents;
process.on("message", (what) => {
  const { user, system } = process.cpuUsage();
  const memory = process.resourceUsage().maxRSS / 1024;
  process.send?.({ used: (user + system) / 1000, stalled: Math.max(0, delays.max / 1e6 - lookEvery), memory });
  if (what === "stalled") delays.reset();
});
process.once("disconnect", () => void Effect.runPromise(Scope.close(scope, Exit.void)));
process.send?.(running.url);
