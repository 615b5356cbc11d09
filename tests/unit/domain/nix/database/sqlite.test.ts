import { describe, expect, test } from "@jest/globals";
import { host, service } from "../graphs.ts";
import { alone, database, leaf, mounted } from "./databases.ts";

const sqlite = database("sqlite");

describe("sqlite", () => {
  test("is a folder of files that a group may use, made before those who depend on them start", () => {
    const configuration = alone(sqlite("notes", { version: "3", databases: ["a", "b"] }));
    expect(configuration?.systemd?.tmpfiles?.settings).toEqual({
      "cim-sqlite-notes": { "/var/lib/sqlite/notes": { d: { mode: "2770", group: "sqlite-notes" } } },
    });
    expect(configuration?.users?.groups).toEqual({ "sqlite-notes": {} });
    expect(configuration?.systemd?.services?.["cim-sqlite-notes"]).toMatchObject({
      path: ["<pkgs.sqlite>"],
      unitConfig: { RequiresMountsFor: ["/var/lib/sqlite/notes"] },
      serviceConfig: {
        RemainAfterExit: true,
        ExecStart: "<programs.sqliteCreate>/bin/sqlite-create /var/lib/sqlite/notes sqlite-notes a.db b.db",
      },
    });
  });

  test("has one database, called as the node, where it names none", () => {
    expect(alone(sqlite("notes"))?.systemd?.services?.["cim-sqlite-notes"]?.serviceConfig?.ExecStart).toMatch(
      / notes\.db$/,
    );
  });

  test("is ready when its files are", () => {
    const configuration = leaf(
      "leaf-1",
      [host("leaf-1"), sqlite("notes"), service("web")],
      [{ from: "web", to: "notes", type: "depends-on" }],
    );
    expect(configuration?.systemd?.services?.web?.after).toContain("cim-sqlite-notes.service");
  });

  test("has a group of its own where another one's name begins the same", () => {
    const long = "a".repeat(30);
    const configuration = leaf("leaf-1", [host("leaf-1"), sqlite(`${long}-1`), sqlite(`${long}-2`)]);
    const groups = Object.keys(configuration?.users?.groups ?? {});
    expect(groups).toHaveLength(2);
    for (const group of groups) expect(group).toMatch(/^sqlite-a{15}-[0-9a-z]{8}$/);
  });

  test("is backed up when its cron schedule says", () => {
    const configuration = alone(sqlite("notes", { backupSchedule: "0 2 * * *" }));
    expect(configuration?.systemd?.services?.["cim-backup-notes"]?.serviceConfig?.ExecStart).toEqual([
      "<programs.keepCopies>/bin/keep-copies /var/backup/notes notes db 14 <programs.sqliteCopy>/bin/sqlite-copy" +
        " /var/lib/sqlite/notes/notes.db",
    ]);
  });

  test("is emptied at boot where it need not survive", () => {
    const settings = alone(sqlite("notes", { persistent: false }))?.systemd?.tmpfiles?.settings;
    expect(settings?.["cim-data-notes"]).toEqual({ "/var/lib/sqlite/notes/*": { "R!": {} } });
  });

  test("is on its volume, wherever that is mounted", () => {
    const configuration = mounted(sqlite("notes", { persistent: false }), "/data");
    expect(configuration?.fileSystems?.["/var/lib/sqlite/notes"]).toEqual({
      device: "/data",
      fsType: "none",
      options: ["bind"],
    });
    expect(configuration?.systemd?.tmpfiles?.settings?.["cim-data-notes"]).toBeUndefined();
    for (const path of ["/var/lib/sqlite/notes", "/var/lib/sqlite"])
      expect(mounted(sqlite("notes"), path)?.fileSystems).toBeUndefined();
  });
});
