import { Effect, Exit, Scope } from "effect";
import { type BackendOptions, backend } from "../../src/interfaces/backend.ts";

/**
 * Runs a backend with the options of its argument (JSON) until the parent process disconnects. Sends its URL and then,
 * for each message of the parent, the processor time that it has used, in milliseconds.
 */
const options: BackendOptions = JSON.parse(process.argv[2] ?? "");
const scope = Scope.makeUnsafe();
const running = await Effect.runPromise(backend(options).pipe(Effect.provideService(Scope.Scope, scope)));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.once("disconnect", () => void Effect.runPromise(Scope.close(scope, Exit.void)));
process.send?.(running.url);
