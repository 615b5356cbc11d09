import { describe, expect, test } from "@jest/globals";
import { configurations } from "../rendering.ts";
import { alone, database, inARow, mounted, onThree, reached, secretsOf } from "./databases.ts";

const mysql = database("mysql");
const settings = (leaf: ReturnType<typeof alone>) => leaf?.services?.mysql?.settings?.mysqld;

describe("mysql", () => {
  test("is the long-term release, on the loopback, with its databases and an owner for each", () => {
    expect(alone(mysql("db", { databases: ["my_shop"] }))?.services?.mysql).toEqual({
      enable: true,
      package: "<pkgs.mysql84>",
      ensureDatabases: ["my_shop"],
      ensureUsers: [{ name: "my_shop", ensurePermissions: { "\\`my\\\\_shop\\`.*": "ALL PRIVILEGES" } }],
      settings: { mysqld: { port: 3306, "bind-address": "127.0.0.1", mysqlx: "OFF", "skip-name-resolve": true } },
    });
  });

  test.each([
    ["8", "<pkgs.mysql84>"],
    ["8.0", "<pkgs.mysql80>"],
    ["8.4.6", "<pkgs.mysql84>"],
    ["5.7", "<pkgs.mysql57>"],
  ])("has the package of version %s", (version, name) => {
    expect(alone(mysql("db", { version }))?.services?.mysql?.package).toBe(name);
  });

  test("leaves the schemas alone that every server has", () => {
    expect(alone(mysql("db", { databases: ["sys", "MySQL"] }))?.services?.mysql?.ensureDatabases).toBeUndefined();
  });

  test("names owners by what MySQL takes of a name", () => {
    const name = "a".repeat(40);
    expect(alone(mysql("db", { databases: [name] }))?.services?.mysql?.ensureUsers).toMatchObject([
      { name: "a".repeat(32), ensurePermissions: { [`\\\`${name}\\\`.*`]: "ALL PRIVILEGES" } },
    ]);
  });

  test("sets passwords that the operator has put on the host, once it is up", () => {
    expect(alone(mysql("db", { databases: ["my_shop"] }))?.systemd?.services?.["cim-mysql-accounts"]).toMatchObject({
      after: ["mysql.service"],
      wantedBy: ["mysql.service"],
      serviceConfig: {
        ExecStart:
          '<programs.mysqlAccounts>/bin/mysql-accounts my_shop "ALL PRIVILEGES" "`my\\\\_shop`.*" /run/secrets/cim/db/role-my_shop',
      },
    });
  });

  test("listens everywhere for clients on other hosts, and asks all for encryption where all are to have it", () => {
    expect(settings(reached(mysql("db"), false))).toMatchObject({ "bind-address": "*" });
    expect(settings(reached(mysql("db"), false))?.["ssl-key"]).toBeUndefined();
    expect(settings(reached(mysql("db"), true, false))).toMatchObject({
      "ssl-cert": "/var/lib/cim-mysql-tls/server.crt",
      "ssl-key": "/var/lib/cim-mysql-tls/server.key",
      "require-secure-transport": false,
    });
    const leaf = reached(mysql("db"), true, true);
    expect(settings(leaf)).toMatchObject({ "require-secure-transport": true });
    expect(leaf?.systemd?.services?.["cim-mysql-tls"]?.serviceConfig?.User).toBe("mysql");
  });

  test("is backed up when its cron schedule says", () => {
    const leaf = alone(mysql("db", { databases: ["shop"], backupSchedule: "0 2 1 * 0" }));
    expect(leaf?.systemd?.services?.["cim-backup-db"]).toMatchObject({
      startAt: ["*-*-01 02:00:00", "Sun *-*-* 02:00:00"],
      serviceConfig: {
        User: "mysql",
        ExecStart: [expect.stringMatching(/ shop sql 14 mysqldump .*--databases shop$/)],
      },
    });
  });

  test("keeps its data on its volume, or where they are emptied at boot", () => {
    expect(mounted(mysql("db"), "/var/lib/mysql")?.services?.mysql?.dataDir).toBe("/var/lib/mysql/db/data");
    const leaf = alone(mysql("db", { persistent: false }));
    expect(leaf?.services?.mysql?.dataDir).toBe("/var/lib/cim-volatile/db/data");
    expect(settings(leaf)).toMatchObject({ "innodb-flush-log-at-trx-commit": 0 });
  });

  test("takes half of its memory for its buffers", () => {
    expect(settings(alone(mysql("db", { resources: { memoryMb: 1024 } })))).toMatchObject({
      "innodb-buffer-pool-size": "512M",
    });
  });
});

describe("standbys of mysql", () => {
  const node = mysql("db", { databases: ["shop"] });
  const hosts = configurations(onThree(node));

  test("have numbers of their own, follow the first host and only read", () => {
    const ids = ["leaf-1", "leaf-2", "leaf-3"].map((leaf) => settings(hosts[leaf])?.["server-id"]);
    expect(new Set(ids).size).toBe(3);
    expect(settings(hosts["leaf-1"])?.["read-only"]).toBeUndefined();
    expect(settings(hosts["leaf-2"])).toMatchObject({ "gtid-mode": "ON", "read-only": true });
    expect(hosts["leaf-2"]?.services?.mysql?.ensureDatabases).toBeUndefined();
    expect(hosts["leaf-2"]?.systemd?.services?.["cim-mysql-standby"]?.serviceConfig).toMatchObject({
      LoadCredential: ["replication:/run/secrets/cim/db/replication"],
      ExecStart: "<programs.mysqlStandby>/bin/mysql-standby 10.0.0.1 3306 cim-replication",
      Restart: "on-failure",
    });
    expect(secretsOf(onThree(node), "leaf-2")).toEqual(["/run/secrets/cim/db/replication"]);
  });

  test("log in with a password that the first host sets", () => {
    expect(hosts["leaf-1"]?.systemd?.services?.["cim-mysql-accounts"]?.serviceConfig?.ExecStart).toMatch(
      / cim-replication "REPLICATION SLAVE, .*" "\*\.\*" \/run\/secrets\/cim\/db\/replication$/,
    );
  });

  test("may be nodes of their own", () => {
    const row = configurations(
      inARow([mysql("a", { port: 3307 }), mysql("b")], { from: "b", to: "a", type: "replicates" }),
    );
    expect(settings(row["leaf-1"])).toMatchObject({ "bind-address": "*", "gtid-mode": "ON" });
    expect(row["leaf-2"]?.systemd?.services?.["cim-mysql-standby"]?.serviceConfig?.ExecStart).toContain(
      "10.0.0.1 3307",
    );
  });
});
