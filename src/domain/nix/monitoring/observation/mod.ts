import type { HostAspect } from "../../node-kind.ts";
import { grafanaOptions, grafanaSecrets } from "./grafana.ts";
import { lokiOptions } from "./loki.ts";
import { prometheusOptions } from "./prometheus.ts";
import { type Observation, observationPaths, specifyObservation } from "./specification.ts";

/** Prometheus, Grafana and Loki on a host with monitoring nodes. */
export const observation: HostAspect<Observation> = {
  specify: specifyObservation,
  paths: observationPaths,
  secrets: ({ dashboardsOf }) => (dashboardsOf === undefined ? [] : grafanaSecrets(dashboardsOf)),
  options: (host) => [
    ...prometheusOptions(host),
    ...(host.dashboardsOf === undefined ? [] : grafanaOptions(host, host.dashboardsOf)),
    ...(host.logs ? lokiOptions(host) : []),
  ],
};
