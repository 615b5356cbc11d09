import { collectorOf } from "../../infrastructure/telemetry/collector.ts";
import type { Environment } from "./settings.ts";

/** The span of a command line, for the headers of what it sends. */
interface Span {
  readonly traceparent?: string;
}

/**
 * Runs a command inside a span of its own, the root of everything that follows from it anywhere, and sends the span to
 * the collector at the end; without a collector it just runs.
 */
export const traced = async <T>(name: string, env: Environment, run: (span: Span) => Promise<T>): Promise<T> => {
  if (collectorOf(env) === undefined) return run({});
  const { Effect } = await import("effect");
  const { tracing } = await import("../../infrastructure/telemetry/otlp.ts");
  const { traceparentOf } = await import("../../application/trace-context.ts");
  return Effect.currentSpan.pipe(
    Effect.flatMap((span) =>
      Effect.tryPromise({ try: () => run({ traceparent: traceparentOf(span) }), catch: (error) => error }),
    ),
    Effect.withSpan(name, { kind: "client" }),
    Effect.provide(tracing(env, "cim-cli")),
    Effect.runPromise,
  );
};
