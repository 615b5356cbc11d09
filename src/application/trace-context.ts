import { Effect, Option, Tracer } from "effect";
import * as Headers from "effect/http/Headers";
import * as HttpTraceContext from "effect/http/HttpTraceContext";
import type { CommandRequest } from "./command-request.ts";

/** The span that a `traceparent` names (W3C Trace Context); undefined where the text is not one. */
export const externalSpan = (traceparent: string): Tracer.ExternalSpan | undefined =>
  Option.getOrUndefined(HttpTraceContext.w3c(Headers.fromInput({ traceparent })));

/** Runs an effect in a span `name` under the span that `traceparent` names. */
export const spanOf = <A, E, R>(name: string, traceparent: string, effect: Effect.Effect<A, E, R>) => {
  const parent = externalSpan(traceparent);
  return parent === undefined ? effect : Effect.withSpan(effect, name, { parent });
};

/** The `traceparent` of a span. */
export const traceparentOf = (span: Tracer.AnySpan): string =>
  `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`;

/** Handles a command in a span of its own, unless nobody would see it: a span takes longer than to decide. */
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
