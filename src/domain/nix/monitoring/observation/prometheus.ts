import { prometheusPort } from "../../../graph/node-types/monitoring.ts";
import { defined } from "../../../kernel/mod.ts";
import { slotGigabytes } from "../../database/postgresql/options.ts";
import { hostInUrl } from "../../host/network.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  jsonText,
  jsonValue,
  list,
  reference,
  string,
} from "../../language/expression.ts";
import type { Observation, Scrape, Watched } from "./specification.ts";

/**
 * Returns the options of Prometheus, with the metrics that it fetches and the rules for alerts. Prometheus shows the
 * alerts. It sends no notifications, because the graph names no recipients.
 */
export const prometheusOptions = ({ listen, retentionDays, scrapes, watched }: Observation): ReadonlyArray<Binding> =>
  [
    binding("enable", boolean(true)),
    binding("listenAddress", string(hostInUrl(listen.prometheus))),
    binding("port", integer(prometheusPort)),
    binding("retentionTime", string(`${retentionDays}d`)),
    binding("globalConfig.scrape_interval", string("30s")),
    binding("globalConfig.evaluation_interval", string("30s")),
    binding("scrapeConfigs", list([...Map.groupBy(scrapes, ({ job }) => job)].map(scrapeConfig))),
    binding(
      "ruleFiles",
      list([
        apply(reference("pkgs", "writeText"), string("cim-rules.json"), jsonText({ groups: alertGroups(watched) })),
      ]),
    ),
  ].map(({ path, value }) => binding(["services", "prometheus", ...path], value));

const scrapeConfig = ([job, scrapes]: readonly [string, ReadonlyArray<Scrape>]) =>
  attributes([
    binding("job_name", string(job)),
    binding(
      "static_configs",
      list(
        scrapes.map(({ host, node, target, through }) =>
          attributes([
            binding("targets", list([string(target)])),
            binding(
              "labels",
              jsonValue(
                defined({
                  host,
                  node,
                  __metrics_path__: through === undefined ? undefined : "/scrape",
                  __param_target: through,
                }),
              ),
            ),
          ]),
        ),
      ),
    ),
  ]);

/** A rule of Prometheus. The alert is raised while its expression has a value. */
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

/**
 * Returns a query for whether a unit is in a state, according to systemd. Ids have no characters that PromQL would read
 * as syntax.
 */
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

const nodeAlerts = ({ node, host, unit, healthUnit, backups }: Watched): ReadonlyArray<Alert> => [
  // `absent` raises the alert even if the host sends no metrics.
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
  // A backup that started and failed shows as UnitFailed.
  ...backups.map(({ timer, days, elsewhere }) =>
    alert(
      elsewhere ? "BackupCopyTooOld" : "BackupTooOld",
      `time() - node_systemd_timer_last_trigger_seconds{job="host",host="${host}",name="${timer}"} > ${(days * 24 + 2) * 3600}`,
      "10m",
      `the newest copy of ${node} ${elsewhere ? `away from ${host}` : `on ${host}`} is too old`,
      { node, host },
    ),
  ),
];

/**
 * Alerts on the metrics of the exporters of PostgreSQL, MySQL and Redis. A standby that does not answer shows as
 * ExporterDown.
 */
const standbyAlerts: ReadonlyArray<Alert> = [
  alert(
    "StandbyBroken",
    'redis_master_link_up == 0 or {__name__=~"mysql_slave_status_(slave|replica)_(io|sql)_running"} == 0',
    "5m",
    "{{ $labels.node }} on {{ $labels.host }} does not follow its primary",
  ),
  alert(
    "StandbyLags",
    'pg_replication_lag_seconds > 300 or {__name__=~"mysql_slave_status_seconds_behind_(master|source)"} > 300',
    "5m",
    "{{ $labels.node }} on {{ $labels.host }} is {{ $value }} s behind its primary",
  ),
];

/**
 * Alerts on the replication slots of primaries, which also show standbys that are gone. A metric of the standby would
 * not show that: a standby that has lost its primary is not behind the changes that it has received.
 */
const slotAlerts: ReadonlyArray<Alert> = [
  alert(
    "StandbyDisconnected",
    '{__name__=~"pg_replication_slots?_slot_is_active",slot_name=~"cim_.*"} == 0',
    "5m",
    "the standby of {{ $labels.node }} with the slot {{ $labels.slot_name }} is not connected",
  ),
  alert(
    "StandbyTooFarBehind",
    `{__name__=~"pg_replication_slots?_safe_wal_size_bytes",slot_name=~"cim_.*"} < ${(slotGigabytes * 2 ** 30) / 2}`,
    "5m",
    "{{ $labels.node }} keeps more than half of what it may keep for {{ $labels.slot_name }}: beyond that the standby has to be copied again",
  ),
];

/** Returns the rules for all hosts, and for each node that is watched. */
const alertGroups = (watched: ReadonlyArray<Watched>) => [
  { name: "hosts", rules: [...hostAlerts, ...standbyAlerts, ...slotAlerts].map(toJson) },
  ...(watched.length === 0 ? [] : [{ name: "nodes", rules: watched.flatMap(nodeAlerts).map(toJson) }]),
];

const toJson = ({ labels, annotations, ...rest }: Alert) => ({
  ...rest,
  labels: { ...labels },
  annotations: { ...annotations },
});
