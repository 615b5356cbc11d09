export type Environment = Readonly<Record<string, string | undefined>>;

/** Where telemetry goes: `OTEL_EXPORTER_OTLP_ENDPOINT` (`http://localhost:4318`); undefined where it is not set. */
export const collectorOf = (environment: Environment): string | undefined => {
  const endpoint = (environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? "").replace(/\/+$/, "");
  return endpoint === "" ? undefined : endpoint;
};
