import { Layer } from "effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Otlp from "effect/observability/Otlp";

/**
 * Spans, metrics and logs to an OpenTelemetry collector over OTLP/HTTP with JSON, where `OTEL_EXPORTER_OTLP_ENDPOINT`
 * is set (`http://localhost:4318`); nothing at all where it is not. `OTEL_SERVICE_NAME` names the service. What is
 * still unsent goes out when the layer's scope closes.
 */
export const telemetry = (
  environment: Readonly<Record<string, string | undefined>>,
  serviceName: string,
): Layer.Layer<never> => {
  const baseUrl = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (baseUrl === undefined || baseUrl === "") return Layer.empty;
  return Otlp.layerJson({
    baseUrl: baseUrl.replace(/\/+$/, ""),
    resource: { serviceName: environment["OTEL_SERVICE_NAME"] ?? serviceName },
  }).pipe(Layer.provide(FetchHttpClient.layer));
};
