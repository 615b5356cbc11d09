import { grafanaPort, lokiPort, prometheusPort } from "../../../graph/node-types/monitoring.ts";
import { loopback } from "../../host/network.ts";
import { type Secret, secretFile } from "../../host/secrets.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  jsonText,
  jsonValue,
  list,
  string,
  strings,
} from "../../language/expression.ts";
import { unitState } from "./prometheus.ts";
import type { Observation, Watched } from "./specification.ts";

const secretNames = {
  "grafana-secret-key": "the key with which Grafana encrypts what it stores: any long random text",
  "grafana-admin-password": "the password of Grafana's user admin",
} as const;

export const grafanaSecrets = (node: string): ReadonlyArray<Secret> =>
  Object.entries(secretNames).map(([name, content]) => ({ path: secretFile(node, name), node, content }));

/** Returns a reference to a secret in the credentials of Grafana's unit, so that only root needs to read the file. */
const secretReference = (name: keyof typeof secretNames) => string(`$__file{/run/credentials/grafana.service/${name}}`);

const dashboards = "cim/dashboards";

/** Returns the options of Grafana, with its sources of metrics and logs, and a dashboard of this graph. */
export const grafanaOptions = ({ listen, logs, watched }: Observation, node: string): ReadonlyArray<Binding> => [
  binding(
    "services.grafana",
    attributes([
      binding("enable", boolean(true)),
      binding("settings.server.http_addr", string(listen.grafana)),
      binding("settings.server.http_port", integer(grafanaPort)),
      binding("settings.security.secret_key", secretReference("grafana-secret-key")),
      binding("settings.security.admin_password", secretReference("grafana-admin-password")),
      binding("settings.analytics.reporting_enabled", boolean(false)),
      binding("provision.enable", boolean(true)),
      binding("provision.datasources.settings.datasources", list(sources(logs).map(jsonValue))),
      binding(
        "provision.dashboards.settings.providers",
        list([jsonValue({ name: "deployment", type: "file", options: { path: `/etc/${dashboards}` } })]),
      ),
    ]),
  ),
  binding(["environment", "etc", `${dashboards}/deployment.json`, "text"], jsonText(dashboard(watched, logs))),
  binding(
    "systemd.services.grafana.serviceConfig.LoadCredential",
    strings(Object.keys(secretNames).map((name) => `${name}:${secretFile(node, name)}`)),
  ),
];

const sources = (logs: boolean) => [
  {
    name: "Prometheus",
    type: "prometheus",
    uid: prometheusSource.uid,
    url: `http://${loopback}:${prometheusPort}`,
    isDefault: true,
  },
  ...(logs
    ? [{ name: "Loki", type: "loki", uid: lokiSource.uid, url: `http://${loopback}:${lokiPort}`, isDefault: false }]
    : []),
];

const prometheusSource = { type: "prometheus", uid: "cim-prometheus" };
const lokiSource = { type: "loki", uid: "cim-loki" };

interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** Returns the place of a panel. It takes half of the 24 columns of the dashboard, and 8 rows. */
const placed = (index: number) => ({ x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 });

const queries = (all: ReadonlyArray<Query>) =>
  all.map(({ expr, legend }, index) => ({
    refId: `Q${index}`,
    datasource: prometheusSource,
    expr,
    legendFormat: legend,
  }));

const graphPanel = (title: string, unit: string, all: ReadonlyArray<Query>) => ({
  title,
  type: "timeseries",
  datasource: prometheusSource,
  targets: queries(all),
  fieldConfig: { defaults: { unit }, overrides: [] },
});

/** Returns a panel with one line for each thing that is up (1) or not (0). */
const statePanel = (title: string, all: ReadonlyArray<Query>) => ({
  title,
  type: "state-timeline",
  datasource: prometheusSource,
  targets: queries(all),
  fieldConfig: {
    defaults: {
      mappings: [
        {
          type: "value",
          options: { "0": { text: "down", color: "red" }, "1": { text: "up", color: "green" } },
        },
      ],
    },
    overrides: [],
  },
});

const logsPanel = {
  title: "Logs",
  type: "logs",
  datasource: lokiSource,
  targets: [{ refId: "Q0", datasource: lokiSource, expr: '{job="journal"}' }],
};

const filter = 'fstype!~"tmpfs|ramfs|overlay|squashfs"';

const hostPanels = [
  graphPanel("Processor", "percentunit", [
    {
      expr: '1 - avg by (host) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
      legend: "{{host}}",
    },
  ]),
  graphPanel("Memory", "percentunit", [
    { expr: "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", legend: "{{host}}" },
  ]),
  graphPanel("Disks", "percentunit", [
    {
      expr: `1 - node_filesystem_avail_bytes{${filter}} / node_filesystem_size_bytes{${filter}}`,
      legend: "{{host}} {{mountpoint}}",
    },
  ]),
  graphPanel("Network received", "Bps", [
    { expr: 'sum by (host) (rate(node_network_receive_bytes_total{device!="lo"}[5m]))', legend: "{{host}}" },
  ]),
];

/** Returns the dashboard of a graph: its hosts, its nodes, their use of resources, and their logs. */
const dashboard = (watched: ReadonlyArray<Watched>, logs: boolean) => ({
  uid: "cim-deployment",
  title: "Deployment",
  schemaVersion: 39,
  time: { from: "now-6h", to: "now" },
  refresh: "30s",
  panels: [
    statePanel("Hosts", [{ expr: 'up{job="host"}', legend: "{{host}}" }]),
    statePanel(
      "Nodes",
      watched.map(({ node, host, unit }) => ({
        expr: unitState(host, unit, "active"),
        legend: `${node} on ${host}`,
      })),
    ),
    ...hostPanels,
    ...(logs ? [logsPanel] : []),
  ].map((panel, index) => ({ id: index + 1, gridPos: placed(index), ...panel })),
});
