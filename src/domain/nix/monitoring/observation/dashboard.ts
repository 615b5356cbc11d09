import { unitState } from "./alerts.ts";
import type { Watched } from "./mod.ts";

export const prometheusSource = { type: "prometheus", uid: "cim-prometheus" };
export const lokiSource = { type: "loki", uid: "cim-loki" };

interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** Panels are half as wide as the dashboard, which has 24 columns, and 8 rows high. */
const placed = (index: number) => ({ x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 });

const queries = (all: ReadonlyArray<Query>) =>
  all.map(({ expr, legend }, index) => ({
    refId: `Q${index}`,
    datasource: prometheusSource,
    expr,
    legendFormat: legend,
  }));

const graphPanel = (title: string, unit: string, all: ReadonlyArray<Query>) => ({
  ...{ title, type: "timeseries", datasource: prometheusSource, targets: queries(all) },
  fieldConfig: { defaults: { unit }, overrides: [] },
});

/** One line for each thing that is up (1) or not (0). */
const statePanel = (title: string, all: ReadonlyArray<Query>) => ({
  ...{ title, type: "state-timeline", datasource: prometheusSource, targets: queries(all) },
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
  ...{ title: "Logs", type: "logs", datasource: lokiSource },
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

/** The dashboard of a graph: its hosts, its nodes, what they use, and their logs. */
export const dashboard = (watched: ReadonlyArray<Watched>, logs: boolean) => ({
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
