import { Cause, Effect, Exit, Layer, Logger, References } from "effect";
import { telemetry } from "../../infrastructure/telemetry/otlp.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import { CliFailure, messageOf } from "./errors.ts";
import type { Host } from "./host.ts";

/** The backend's own words go to stderr: stdout belongs to results. */
const logging = (level: "Info" | "Warn") =>
  Layer.mergeAll(
    Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)]),
    Layer.succeed(References.MinimumLogLevel, level),
  );

/**
 * Runs a backend in this process while `use` goes on, and ends it in order: also where the user interrupts, whom
 * `use` then does not keep waiting.
 */
export const withBackend = async <T>(
  options: BackendOptions,
  host: Host,
  level: "Info" | "Warn",
  use: (running: Backend) => Promise<T>,
): Promise<T> => {
  const { backend } = await import("../backend.ts");
  const program = Effect.gen(function* () {
    const running = yield* backend(options);
    return yield* Effect.tryPromise({ try: () => use(running), catch: (error) => error });
  });
  const exit = await Effect.runPromiseExit(
    program.pipe(Effect.scoped, Effect.provide(Layer.provideMerge(telemetry(host.env, "cim"), logging(level)))),
    { signal: host.signal },
  );
  if (Exit.isSuccess(exit)) return exit.value;
  const error = Cause.squash(exit.cause);
  throw error instanceof CliFailure || host.signal.aborted ? error : new CliFailure(messageOf(error), { cause: error });
};
