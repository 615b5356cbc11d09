/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the address of the collector, `OTEL_EXPORTER_OTLP_ENDPOINT` (`http://localhost:4318`); undefined if it is not
 * set. It has its own file, so that a command can read it without loading the exporters.
 */
export const collectorOf = (environment: Environment): string | undefined => {
  const endpoint = (environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? "").replace(/\/+$/, "");
  return endpoint === "" ? undefined : endpoint;
};
