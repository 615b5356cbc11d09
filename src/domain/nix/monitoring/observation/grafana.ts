import { grafanaPort, lokiPort, prometheusPort } from "../../../graph/node-types/monitoring.ts";
import { loopback } from "../../host/addresses.ts";
import { type Secret, secretFile } from "../../host/secrets.ts";
import { jsonText, jsonValue } from "../../json.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  list,
  string,
  strings,
} from "../../language/expression.ts";
import { dashboard, lokiSource, prometheusSource } from "./dashboard.ts";
import type { Observation } from "./mod.ts";

const secretNames = {
  "grafana-secret-key": "the key with which Grafana encrypts what it stores: any long random text",
  "grafana-admin-password": "the password of Grafana's user admin",
} as const;

export const grafanaSecrets = (node: string): ReadonlyArray<Secret> =>
  Object.entries(secretNames).map(([name, content]) => ({ path: secretFile(node, name), node, content }));

/** Grafana reads a secret from its unit's credentials, so that the file may be root's alone. */
const secretReference = (name: keyof typeof secretNames) => string(`$__file{/run/credentials/grafana.service/${name}}`);

const dashboards = "cim/dashboards";

/** Grafana, with where it gets its figures from and a dashboard of this graph. */
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
