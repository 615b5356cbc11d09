import { Effect, Tracer } from "effect";

const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span that a W3C `traceparent` header names; undefined where the text is not one. */
export const externalSpan = (traceparent: string): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = form.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags ?? "00", 16) & 1) === 1 });
};

/** Runs an effect in a span `name` under the span that `traceparent` names. */
export const spanOf = <A, E, R>(name: string, traceparent: string, effect: Effect.Effect<A, E, R>) => {
  const parent = externalSpan(traceparent);
  return parent === undefined ? effect : Effect.withSpan(effect, name, { parent });
};

/** The `traceparent` of a span. */
export const traceparentOf = (span: Tracer.AnySpan): string =>
  `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`;
