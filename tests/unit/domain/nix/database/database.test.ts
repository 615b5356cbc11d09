import { expect, test } from "@jest/globals";
import { graph, host, runsOn, service } from "../graphs.ts";
import { database, inARow, onThree, unitsAt } from "./databases.ts";

const engines = ["postgresql", "mysql", "mongodb", "redis", "sqlite"] as const;

/** Units that NixOS defines, as far as nothing is added to them here. */
const own = (units: ReadonlyArray<string>) => units.filter((unit) => unit.startsWith("cim-"));

test.each(engines)("%s tells every unit that it defines, and no other", (engine) => {
  const node = database(engine)("db", { backupSchedule: "0 2 * * *", persistent: false, databases: ["shop"] });
  const reaching = graph(
    [host("leaf-1"), host("leaf-2"), node, service("web")],
    runsOn("db", "leaf-1"),
    runsOn("web", "leaf-2"),
    { from: "web", to: "db", type: "connects-to", protocol: "tcp", encrypted: true },
  );
  const row = inARow([node, database(engine)("copy")], { from: "copy", to: "db", type: "replicates" });
  for (const document of [reaching, row, onThree(node)])
    for (const { id } of document.nodes.filter(({ type }) => type === "host")) {
      const { told, defined } = unitsAt(document, id);
      expect(own(told)).toEqual(
        own(defined).filter((unit) => unit !== "cim-firewall-names.service" && unit !== "cim-firewall-names.timer"),
      );
      expect(new Set(told).size).toBe(told.length);
    }
});
