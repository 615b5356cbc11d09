import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";
import { infrastructure } from "../../unit/domain/nix/infrastructure.ts";
import { configurations } from "../../unit/domain/nix/rendering.ts";

describeWith("promtool", "apt-get install prometheus brings it")("Prometheus", () => {
  test("accepts what it fetches and when it raises an alarm", () => {
    const { scrapeConfigs, ruleFiles, globalConfig } =
      configurations(infrastructure)["leaf-2"]?.services?.prometheus ?? {};
    const rules = String(Object.values(ruleFiles ?? {})[0]);
    const folder = mkdtempSync(join(tmpdir(), "cim-prometheus-"));
    try {
      const file = join(folder, "prometheus.yml");
      writeFileSync(join(folder, "rules.json"), rules.slice(rules.indexOf("{"), -1));
      writeFileSync(
        file,
        JSON.stringify({ global: globalConfig, scrape_configs: scrapeConfigs, rule_files: ["rules.json"] }),
      );
      const { status, stdout, stderr } = spawnSync("promtool", ["check", "config", "--lint=all", file], {
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain("rules found");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
