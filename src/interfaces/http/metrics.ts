import { Context, Metric, Option, Schema } from "effect";
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics";
import { RefusalsOfBackend } from "../../contract/refusals.ts";
import type { Health } from "./health.ts";

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true });

/** What the port counts. A collector of OpenTelemetry gets it with the other metrics of the process. */
const counters = {
  requests: counter("cim_http_requests", "Answered requests, by status"),
  cutOff: counter("cim_http_streams_cut_off", "Event streams that were cut off because their reader did not keep up"),
  refusedConnections: counter(
    "cim_http_connections_refused",
    "Connections that were refused because too many were open",
  ),
} as const;

/** Counts one more. */
export const count = (name: keyof typeof counters, attributes: Readonly<Record<string, string>> = {}): void =>
  Metric.withAttributes(counters[name], attributes).updateUnsafe(1, Context.empty());

/** What is open now. */
export interface Open {
  readonly sessions: number;
  readonly streams: number;
  readonly connections: number;
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | undefined];

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** One metric in the text format of Prometheus; nothing without a value. */
const metric = (name: string, type: "gauge" | "counter", help: string, samples: ReadonlyArray<Sample>): string => {
  const lines = samples.flatMap(([labels, value]) => {
    if (value === undefined || !Number.isFinite(value)) return [];
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return [`${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`];
  });
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
};

const Endpoints = Schema.Struct({
  id: Schema.String,
  endpoints: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      num_requests: Schema.Number,
      num_errors: Schema.Number,
      processing_time: Schema.Number,
    }),
  ),
});
const decodeEndpoints = Schema.decodeUnknownOption(Endpoints);

/** What service discovery counts, for each endpoint of each backend. */
const endpointMetrics = (statistics: ReadonlyArray<unknown>): string => {
  const found = statistics.flatMap((one) => Option.toArray(decodeEndpoints(one)));
  const samples = (value: (endpoint: (typeof Endpoints.Type)["endpoints"][number]) => number) =>
    found.flatMap(({ id, endpoints }) =>
      endpoints.map((endpoint): Sample => [{ backend: id, endpoint: endpoint.name }, value(endpoint)]),
    );
  return [
    metric("cim_backends", "gauge", "Backends that answer service discovery", [[{}, found.length]]),
    metric(
      "cim_endpoint_requests",
      "counter",
      "Requests over NATS",
      samples((one) => one.num_requests),
    ),
    metric(
      "cim_endpoint_errors",
      "counter",
      "Requests over NATS that a backend failed to answer",
      samples((one) => one.num_errors),
    ),
    metric(
      "cim_endpoint_seconds",
      "counter",
      "Time spent on requests",
      samples((one) => one.processing_time / 1e9),
    ),
  ].join("");
};

const decodeRefusals = Schema.decodeUnknownOption(RefusalsOfBackend);

/** What backends have refused since they started, by why. */
const refusalMetrics = (statistics: ReadonlyArray<unknown>): string =>
  metric(
    "cim_refusals",
    "counter",
    "Attempts at something that the caller may not, by why",
    statistics
      .flatMap((one) => Option.toArray(decodeRefusals(one)))
      .flatMap(({ id, refusals }) =>
        Object.entries(refusals?.total ?? {}).map(([why, count]): Sample => [{ backend: id, why }, count]),
      ),
  );

/** Returns everything that is known, in the text format of Prometheus: of the installation, the port and the process. */
export const metricsText = async (health: Health, open: Open): Promise<string> => {
  const [condition, statistics] = await Promise.all([health.condition(), health.discovered("STATS")]);
  const { log, views, feed, health: seen, connected, reasons } = condition;
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    metric("cim_nats_connected", "gauge", "1 if the nats-server answers", [[{}, Number(connected)]]),
    metric("cim_ready", "gauge", "1 if the installation is ready, as in /readyz", [[{}, Number(reasons.length === 0)]]),
    metric("cim_log_position", "gauge", "The end of the log", [[{}, log]]),
    metric("cim_views_position", "gauge", "How far the views have come in the log", [[{}, views]]),
    metric("cim_feed_position", "gauge", "How far the feed has come in the log", [[{}, feed]]),
    metric("cim_passed_over", "gauge", "Messages of the log that no reader takes", [[{}, seen?.passedOver]]),
    metric("cim_damaged_aggregates", "gauge", "Aggregates that can only be read", [[{}, seen?.damaged.length]]),
    metric("cim_parked_steps", "gauge", "Steps of process managers that are parked", [[{}, seen?.parked]]),
    metric("cim_open_reviews", "gauge", "Broken glasses whose review is open", [[{}, seen?.openReviews?.length]]),
    endpointMetrics(statistics),
    refusalMetrics(statistics),
    metric("cim_http_sessions", "gauge", "Sessions of people", [[{}, open.sessions]]),
    metric("cim_http_streams", "gauge", "Open event streams", [[{}, open.streams]]),
    metric("cim_http_connections", "gauge", "Open connections", [[{}, open.connections]]),
    metric("process_resident_memory_bytes", "gauge", "Memory of this process", [[{}, rss]]),
    metric("nodejs_heap_size_used_bytes", "gauge", "JavaScript heap in use", [[{}, heapUsed]]),
    metric("process_cpu_seconds_total", "counter", "CPU time of this process", [[{}, (user + system) / 1e6]]),
    PrometheusMetrics.formatUnsafe(Context.empty()),
  ].join("");
};
