import { Effect, Option, Tracer } from "effect";
import * as Headers from "effect/http/Headers";
import * as HttpTraceContext from "effect/http/HttpTraceContext";
import type { CommandRequest } from "./command-request.ts";

/** Returns the span in a `traceparent` (W3C Trace Context); undefined if the text is not one. */
export const externalSpan = (traceparent: string): Tracer.ExternalSpan | undefined =>
  Option.getOrUndefined(HttpTraceContext.w3c(Headers.fromInput({ traceparent })));

/** Runs an effect in a span `name` below the span in `traceparent`. */
export const spanOf = <A, E, R>(name: string, traceparent: string, effect: Effect.Effect<A, E, R>) => {
  const parent = externalSpan(traceparent);
  return parent === undefined ? effect : Effect.withSpan(effect, name, { parent });
};

/** Returns the `traceparent` of a span. */
export const traceparentOf = (span: Tracer.AnySpan): string =>
  `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`;

/** Handles a command in its own span, unless no tracer would see it: creating a span takes longer than deciding. */
export const commandSpan = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  { aggregate, id, command, traceparent }: CommandRequest,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Tracer.Tracer, (tracer) =>
    tracer === Tracer.nativeTracer && traceparent === undefined
      ? effect
      : Effect.withSpan(effect, "command", {
          attributes: { "cim.aggregate": aggregate, "cim.id": id, "cim.command": command },
        }),
  );
