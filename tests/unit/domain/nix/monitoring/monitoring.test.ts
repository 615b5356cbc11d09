import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import { definitionOf, type MonitoringNode, type Node } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, loadBalancer, postgresql, redis, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

const monitoring = (id: string, more: Partial<MonitoringNode> = {}): MonitoringNode => ({
  id,
  type: "monitoring",
  ...more,
});

const sees = (from: string, ...targets: ReadonlyArray<string>): ReadonlyArray<Edge> =>
  targets.map((to) => ({ from, to, type: "monitors" }));

const web = service("web", { port: 8080, healthCheck: { kind: "http" } });

/** `eye` on leaf-1; web on leaf-1 and leaf-2; db on leaf-2. */
const graphOf = (nodes: ReadonlyArray<Node>, ...edges: ReadonlyArray<Edge | ReadonlyArray<Edge>>) =>
  graph(
    [host("leaf-1"), host("leaf-2"), host("leaf-3", { address: "fd00::3" }), web, postgresql("db"), ...nodes],
    runsOn("eye", "leaf-1"),
    runsOn("web", "leaf-1", "leaf-2"),
    runsOn("db", "leaf-2"),
    ...edges,
  );

const hostOf = (more: Partial<MonitoringNode>, ...edges: ReadonlyArray<Edge | ReadonlyArray<Edge>>) =>
  configurations(graphOf([monitoring("eye", more)], ...edges))["leaf-1"];

const scrapesOf = (leaf: ReturnType<typeof hostOf>) =>
  Object.values(leaf?.services?.prometheus?.scrapeConfigs ?? {}).map(({ job_name, static_configs }) => [
    job_name,
    ...Object.values(static_configs ?? {}),
  ]);

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const rulesOf = (leaf: ReturnType<typeof hostOf>): ReadonlyArray<Rule> => {
  const text = String(Object.values(leaf?.services?.prometheus?.ruleFiles ?? {})[0]);
  return JSON.parse(text.slice(text.indexOf("{"), -1)).groups.flatMap(({ rules }: { rules: Array<Rule> }) => rules);
};

describe("a monitoring node", () => {
  test("is a Prometheus that listens on the loopback and keeps its figures for its time", () => {
    expect(hostOf({})?.services?.prometheus).toMatchObject({
      enable: true,
      listenAddress: "127.0.0.1",
      port: 9090,
      retentionTime: "15d",
    });
    expect(hostOf({ retentionDays: 90 })?.services?.prometheus?.retentionTime).toBe("90d");
    expect(hostOf({ retentionDays: 2 ** 53 - 1 })?.services?.prometheus?.retentionTime).toBe("36500d");
    expect(hostOf({})?.services).not.toHaveProperty("grafana");
    expect(hostOf({})?.services).not.toHaveProperty("loki");
  });

  test("fetches the figures of the hosts it looks at, and of its targets' engines", () => {
    expect(scrapesOf(hostOf({}, sees("eye", "web", "db", "leaf-3")))).toEqual([
      [
        "host",
        { targets: ["127.0.0.1:9100"], labels: { host: "leaf-1" } },
        { targets: ["10.0.0.2:9100"], labels: { host: "leaf-2" } },
        { targets: ["[fd00::3]:9100"], labels: { host: "leaf-3" } },
      ],
      ["postgresql", { targets: ["10.0.0.2:9187"], labels: { host: "leaf-2", node: "db" } }],
    ]);
  });

  test("reaches each redis server by the one exporter of its host, and load balancers directly", () => {
    const nodes = [monitoring("eye"), redis("a"), redis("b", { port: 6380 }), loadBalancer("front", { port: 443 })];
    const leaf = configurations(
      graphOf(
        nodes,
        ["a", "b", "front"].flatMap((id) => runsOn(id, "leaf-2")),
        { from: "front", to: "web", type: "load-balances" },
        sees("eye", "a", "b", "front"),
      ),
    )["leaf-1"];
    const through = (port: number) => ({ __metrics_path__: "/scrape", __param_target: `redis://127.0.0.1:${port}` });
    expect(scrapesOf(leaf).slice(1)).toEqual([
      [
        "redis",
        { targets: ["10.0.0.2:9121"], labels: { host: "leaf-2", node: "a", ...through(6379) } },
        { targets: ["10.0.0.2:9121"], labels: { host: "leaf-2", node: "b", ...through(6380) } },
      ],
      ["load-balancer", { targets: ["10.0.0.2:10443"], labels: { host: "leaf-2", node: "front" } }],
    ]);
  });

  test("raises an alarm where a node does not run, and where its health check fails", () => {
    const rules = rulesOf(hostOf({}, sees("eye", "web")));
    expect(rules.filter(({ alert }) => alert.startsWith("Node")).map(({ expr }) => expr)).toEqual([
      'absent(node_systemd_unit_state{job="host",host="leaf-1",name="web.service",state="active"} == 1)',
      'node_systemd_unit_state{job="host",host="leaf-1",name="cim-health-web.service",state="failed"} == 1',
      'absent(node_systemd_unit_state{job="host",host="leaf-2",name="web.service",state="active"} == 1)',
      'node_systemd_unit_state{job="host",host="leaf-2",name="cim-health-web.service",state="failed"} == 1',
    ]);
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining(["HostDown", "ExporterDown", "UnitFailed", "DiskNearlyFull"]),
    );
  });

  test("raises an alarm where the newest backup, or its copy elsewhere, is older than its schedule allows", () => {
    const saved = postgresql("saved", { backupSchedule: "0 2 * * *", backupCopyTo: "/mnt/nas" });
    const weekly = redis("weekly", { backupSchedule: "0 2 * * 0" });
    const leaves = configurations(
      graphOf(
        [monitoring("eye"), saved, weekly],
        runsOn("saved", "leaf-3"),
        runsOn("weekly", "leaf-2"),
        sees("eye", "saved", "weekly", "db"),
      ),
    );
    const since = (leaf: string, timer: string) =>
      `time() - node_systemd_timer_last_trigger_seconds{job="host",host="${leaf}",name="${timer}.timer"}`;
    const tooOld = rulesOf(leaves["leaf-1"]).filter(({ alert }) => alert.endsWith("TooOld"));
    const hours = 3600;
    expect(tooOld.map(({ alert, expr }) => [alert, expr])).toEqual([
      ["BackupTooOld", `${since("leaf-3", "cim-backup-saved")} > ${26 * hours}`],
      ["BackupCopyTooOld", `${since("leaf-3", "cim-copy-saved")} > ${26 * hours}`],
      ["BackupTooOld", `${since("leaf-2", "cim-backup-weekly")} > ${(7 * 24 + 2) * hours}`],
    ]);
    expect(leaves["leaf-3"]?.systemd?.timers).toMatchObject({ "cim-backup-saved": {}, "cim-copy-saved": {} });
    expect(leaves["leaf-2"]?.systemd?.timers).toMatchObject({ "cim-backup-weekly": {} });
  });

  test("starts after what it depends on", () => {
    const leaf = hostOf({}, { from: "eye", to: "web", type: "depends-on" });
    expect(leaf?.systemd?.services?.prometheus).toMatchObject({ after: ["web.service"], requires: ["web.service"] });
  });

  test("listens for clients elsewhere at the port that an edge names", () => {
    const client = (port: number): Edge => ({ from: "db", to: "eye", type: "connects-to", protocol: "http", port });
    expect(hostOf({}, client(9090))?.services?.prometheus?.listenAddress).toBe("0.0.0.0");
    const leaf = hostOf({ dashboards: true }, client(3000));
    expect(leaf?.services?.prometheus?.listenAddress).toBe("127.0.0.1");
    expect(leaf?.services?.grafana?.settings?.server?.http_addr).toBe("0.0.0.0");
  });

  test("takes the ports it says", () => {
    const portsOf = (node: MonitoringNode) =>
      definitionOf(node)
        .programs(node)
        .map(({ port }) => port);
    expect(portsOf(monitoring("eye"))).toEqual([9090]);
    expect(portsOf(monitoring("eye", { dashboards: true, logs: true }))).toEqual([9090, 3000, 3100, 9095]);
  });
});

describe("dashboards", () => {
  test("are a Grafana on the loopback, with the graph's nodes and secrets in files", () => {
    const document = graphOf([monitoring("eye", { dashboards: true })], sees("eye", "db"));
    const leaf = configurations(document)["leaf-1"];
    expect(leaf?.services?.grafana?.settings).toMatchObject({
      server: { http_addr: "127.0.0.1", http_port: 3000 },
      security: { secret_key: "$__file{/run/credentials/grafana.service/grafana-secret-key}" },
    });
    expect(leaf?.systemd?.services?.grafana?.serviceConfig?.LoadCredential).toEqual([
      "grafana-secret-key:/run/secrets/cim/eye/grafana-secret-key",
      "grafana-admin-password:/run/secrets/cim/eye/grafana-admin-password",
    ]);
    expect([...specify(document)][0]?.secrets.map(({ path }) => path)).toEqual([
      "/run/secrets/cim/eye/grafana-admin-password",
      "/run/secrets/cim/eye/grafana-secret-key",
    ]);
    const { panels } = JSON.parse(String(leaf?.environment?.etc?.["cim/dashboards/deployment.json"]?.text));
    expect(panels).toContainEqual(
      expect.objectContaining({ title: "Nodes", targets: [expect.objectContaining({ legendFormat: "db on leaf-2" })] }),
    );
    expect(panels.map(({ title }: { title: string }) => title)).not.toContain("Logs");
    expect(leaf?.services?.grafana?.provision?.dashboards?.settings?.providers).toEqual([
      { name: "deployment", type: "file", options: { path: "/etc/cim/dashboards" } },
    ]);
  });

  test("show logs where there are some", () => {
    const leaf = hostOf({ dashboards: true, logs: true });
    expect(leaf?.services?.grafana?.provision?.datasources?.settings?.datasources).toMatchObject([
      { type: "prometheus", url: "http://127.0.0.1:9090", isDefault: true },
      { type: "loki", url: "http://127.0.0.1:3100", isDefault: false },
    ]);
  });
});

describe("logs", () => {
  test("are kept by Loki, which lets in exactly the hosts that send some", () => {
    const leaf = hostOf({ logs: true, retentionDays: 2 }, sees("eye", "db", "leaf-3"));
    expect(leaf?.services?.loki?.configuration).toMatchObject({
      server: { http_listen_address: "::", http_listen_port: 3100 },
      limits_config: { retention_period: "48h" },
    });
    expect(leaf?.networking?.firewall?.extraInputRules).toBe(
      "ip saddr 10.0.0.2 tcp dport 3100 accept # db to eye\nip6 saddr fd00::3 tcp dport 3100 accept # leaf-3 to eye\n",
    );
    expect(hostOf({ logs: true })?.services?.loki?.configuration?.server?.http_listen_address).toBe("127.0.0.1");
  });
});

describe("several monitoring nodes of a host", () => {
  const both = configurations(
    graphOf(
      [monitoring("eye", { retentionDays: 3, logs: true }), monitoring("ear", { retentionDays: 5, dashboards: true })],
      runsOn("ear", "leaf-1"),
      sees("eye", "db"),
      sees("ear", "db", "web"),
      { from: "eye", to: "web", type: "depends-on" },
      { from: "ear", to: "web", type: "depends-on", required: false },
    ),
  )["leaf-1"];

  test("share what runs there: the longest retention, the targets of all", () => {
    expect(both?.services?.prometheus?.retentionTime).toBe("5d");
    expect(scrapesOf(both).map(([job]) => job)).toEqual(["host", "postgresql"]);
    expect(both?.systemd?.services?.prometheus).toMatchObject({ after: ["web.service"], requires: ["web.service"] });
    expect(both?.services?.grafana?.settings?.security?.secret_key).toContain("grafana.service");
    expect(both?.services?.loki?.enable).toBe(true);
  });
});
