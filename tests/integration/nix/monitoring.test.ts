import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";
import { infrastructure } from "../../unit/domain/nix/infrastructure.ts";
import { configurations } from "../../unit/domain/nix/rendering.ts";

describeWith("promtool", "apt-get install prometheus brings it")("Prometheus", () => {
  let folder: string;
  const { scrapeConfigs, ruleFiles, globalConfig } =
    configurations(infrastructure)["leaf-2"]?.services?.prometheus ?? {};
  const write = (name: string, content: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const promtool = (...args: ReadonlyArray<string>) => spawnSync("promtool", args, { encoding: "utf8" });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cim-prometheus-"));
    const rules = String(Object.values(ruleFiles ?? {})[0]);
    writeFileSync(join(folder, "rules.json"), rules.slice(rules.indexOf("{"), -1));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("accepts what it fetches and when it raises an alarm", () => {
    const config = { global: globalConfig, scrape_configs: scrapeConfigs, rule_files: ["rules.json"] };
    const { status, stdout, stderr } = promtool("check", "config", "--lint=all", write("prometheus.yml", config));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("rules found");
  });

  test("accepts the rules of docs/alerts.yml, which only name metrics that there are", () => {
    const file = new URL("../../../docs/alerts.yml", import.meta.url);
    const { status, stderr } = promtool("check", "rules", "--lint=all", file.pathname);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const documented = readFileSync(new URL("../../../docs/telemetry.md", import.meta.url), "utf8");
    const named = [...readFileSync(file, "utf8").matchAll(/\bcim_\w+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });

  test("raises an alarm for a standby that is not connected, and for one that misses too much, of ours", () => {
    const series = (figure: string, slot: string, values: string) => ({
      series: `pg_replication_slot_${figure}{slot_name="${slot}",node="orders",host="a"}`,
      values,
    });
    const raised = (alertname: string, summary: string) => ({
      eval_time: "6m",
      alertname,
      exp_alerts: [
        {
          exp_labels: { severity: "critical", slot_name: "cim_south", node: "orders", host: "a" },
          exp_annotations: { summary },
        },
      ],
    });
    const tests = [
      {
        interval: "1m",
        input_series: [
          series("slot_is_active", "cim_south", "0x10"),
          series("slot_is_active", "cim_north", "1x10"),
          series("slot_is_active", "of_others", "0x10"),
          series("safe_wal_size_bytes", "cim_south", "1000x10"),
          series("safe_wal_size_bytes", "cim_north", "8000000000x10"),
        ],
        alert_rule_test: [
          raised("StandbyDisconnected", "the standby of orders with the slot cim_south is not connected"),
          raised(
            "StandbyTooFarBehind",
            "orders keeps more than half of what it may keep for cim_south: beyond that the standby has to be copied again",
          ),
        ],
      },
    ];
    const { status, stdout, stderr } = promtool(
      "test",
      "rules",
      write("alarms.yml", { rule_files: ["rules.json"], tests }),
    );
    expect({ status, said: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });
});
