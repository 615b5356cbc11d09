import { Layer } from "effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Otlp from "effect/observability/Otlp";
import * as OtlpSerialization from "effect/observability/OtlpSerialization";
import * as OtlpTracer from "effect/observability/OtlpTracer";
import { collectorOf, type Environment } from "./collector.ts";

const resource = (environment: Environment, serviceName: string) => ({
  serviceName: environment.OTEL_SERVICE_NAME ?? serviceName,
});

/**
 * Sends spans, metrics and logs to an OpenTelemetry collector over OTLP/HTTP with JSON. Without a collector, it sends
 * nothing. `OTEL_SERVICE_NAME` names the service. When the scope of the layer closes, the rest is sent.
 */
export const telemetry = (environment: Environment, serviceName: string): Layer.Layer<never> => {
  const baseUrl = collectorOf(environment);
  if (baseUrl === undefined) return Layer.empty;
  return Otlp.layerJson({ baseUrl, resource: resource(environment, serviceName) }).pipe(
    Layer.provide(FetchHttpClient.layer),
  );
};

/** Sends spans only. Metrics of a short process would mean nothing. */
export const tracing = (environment: Environment, serviceName: string): Layer.Layer<never> => {
  const baseUrl = collectorOf(environment);
  if (baseUrl === undefined) return Layer.empty;
  return OtlpTracer.layer({ url: `${baseUrl}/v1/traces`, resource: resource(environment, serviceName) }).pipe(
    Layer.provide([FetchHttpClient.layer, OtlpSerialization.layerJson]),
  );
};
