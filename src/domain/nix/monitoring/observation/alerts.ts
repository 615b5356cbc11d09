import type { Watched } from "./mod.ts";

/** A rule of Prometheus: what is wrong while its expression has a value. */
interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string };
}

const alert = (
  name: string,
  expr: string,
  duration: string,
  summary: string,
  labels: Readonly<Record<string, string>> = {},
): Alert => ({
  alert: name,
  expr,
  for: duration,
  labels: { severity: "critical", ...labels },
  annotations: { summary },
});

/** What systemd says of a unit. Ids are all that is put in: they have no characters that mean something here. */
export const unitState = (host: string, unit: string, state: "active" | "failed"): string =>
  `node_systemd_unit_state{job="host",host="${host}",name="${unit}",state="${state}"}`;

const hostAlerts: ReadonlyArray<Alert> = [
  alert("HostDown", 'up{job="host"} == 0', "2m", "host {{ $labels.host }} does not answer"),
  alert("ExporterDown", 'up{job!="host"} == 0', "5m", "no figures of {{ $labels.node }} on {{ $labels.host }}"),
  alert(
    "UnitFailed",
    'node_systemd_unit_state{job="host",state="failed",name!~"cim-health-.*"} == 1',
    "2m",
    "{{ $labels.name }} has failed on {{ $labels.host }}",
  ),
  alert(
    "DiskNearlyFull",
    'node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs"} / ' +
      'node_filesystem_size_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs"} < 0.1',
    "10m",
    "less than a tenth of {{ $labels.mountpoint }} on {{ $labels.host }} is free",
  ),
  alert(
    "MemoryNearlyExhausted",
    "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05",
    "10m",
    "less than a twentieth of the memory of {{ $labels.host }} is free",
  ),
];

const nodeAlerts = ({ node, host, unit, healthUnit }: Watched): ReadonlyArray<Alert> => [
  // Also where its host says nothing at all.
  alert("NodeDown", `absent(${unitState(host, unit, "active")} == 1)`, "2m", `${node} is not running on ${host}`, {
    node,
    host,
  }),
  ...(healthUnit === undefined
    ? []
    : [
        alert(
          "NodeUnhealthy",
          `${unitState(host, healthUnit, "failed")} == 1`,
          "1m",
          `the health check of ${node} fails on ${host}`,
          { node, host },
        ),
      ]),
];

/** The rules for all hosts, and for each node that is watched. */
export const alertGroups = (watched: ReadonlyArray<Watched>) => [
  { name: "hosts", rules: hostAlerts.map(toJson) },
  ...(watched.length === 0 ? [] : [{ name: "nodes", rules: watched.flatMap(nodeAlerts).map(toJson) }]),
];

const toJson = ({ labels, annotations, ...rest }: Alert) => ({
  ...rest,
  labels: { ...labels },
  annotations: { ...annotations },
});
