import { describe, expect, test } from "@jest/globals";
import { configurations } from "../rendering.ts";
import { alone, database, inARow, mounted, onThree, reached, secretsOf } from "./databases.ts";

const mongodb = database("mongodb");
const settings = (leaf: ReturnType<typeof alone>) => String(leaf?.services?.mongodb?.extraConfig).split("\n");

describe("mongodb", () => {
  test("is the makers' build, whose licence is accepted, on the loopback", () => {
    const leaf = alone(mongodb("db", { version: "8.0", port: 27018 }));
    expect(leaf?.nixpkgs?.config).toEqual({ allowUnfreePackages: ["mongodb-ce"] });
    expect(leaf?.services?.mongodb).toEqual({
      enable: true,
      package: "<pkgs.mongodb-ce>",
      bind_ip: "127.0.0.1",
      extraConfig: "net.port: 27018\n",
    });
    expect(leaf?.systemd?.services).toBeUndefined();
  });

  test("asks clients on other hosts for passwords, which it has from files", () => {
    const node = mongodb("db", { databases: ["shop", "admin"] });
    const leaf = reached(node, false, false);
    expect(leaf?.services?.mongodb?.bind_ip).toBe("::,0.0.0.0");
    expect(settings(leaf)).toEqual(["net.port: 27017", "net.ipv6: true", "security.authorization: enabled", ""]);
    expect(leaf?.systemd?.services?.["cim-mongodb-setup"]?.serviceConfig?.ExecStart).toBe(
      "<programs.mongodbSetup>/bin/mongodb-setup 27017 " +
        '"{\\"users\\":[{\\"user\\":\\"shop\\",\\"database\\":\\"shop\\",\\"file\\":\\"/run/secrets/cim/db/role-shop\\"}]}"',
    );
  });

  test("takes encrypted connections with a certificate and a key in one file", () => {
    const leaf = reached(mongodb("db"), true);
    expect(settings(leaf)).toContain("net.tls.certificateKeyFile: /var/lib/cim-mongodb-tls/server.pem");
    expect(leaf?.systemd?.services?.["cim-mongodb-tls"]?.serviceConfig?.ExecStart).toMatch(
      /-keyout (\S+\/server\.pem) -out \1$/,
    );
  });

  test("is backed up when its cron schedule says", () => {
    const node = mongodb("db", { databases: ["shop"], backupSchedule: "0 2 * * *" });
    expect(alone(node)?.systemd?.services?.["cim-backup-db"]?.serviceConfig?.ExecStart).toEqual([
      "<programs.keepCopies>/bin/keep-copies /var/backup/db shop archive 14 mongodump --port 27017 --db shop --archive",
    ]);
    expect(reached(node, false)?.systemd?.services?.["cim-backup-db"]?.serviceConfig?.ExecStart).toEqual([
      expect.stringContaining("--username cim --authenticationDatabase admin --config /var/lib/cim-mongodb/admin.yaml"),
    ]);
  });

  test("keeps its data on its volume, or where they are emptied at boot", () => {
    expect(mounted(mongodb("db"), "/data")?.services?.mongodb?.dbpath).toBe("/data/db/data");
    expect(alone(mongodb("db", { persistent: false }))?.services?.mongodb?.dbpath).toBe(
      "/var/lib/cim-volatile/db/data",
    );
  });

  test("takes half of its memory for its cache, between what MongoDB takes at least and at most", () => {
    const cache = (memoryMb: number) => settings(alone(mongodb("db", { resources: { memoryMb } })))[1];
    expect(cache(4096)).toBe("storage.wiredTiger.engineConfig.cacheSizeGB: 2.00");
    expect(cache(1)).toBe("storage.wiredTiger.engineConfig.cacheSizeGB: 0.25");
    expect(cache(1e9)).toBe("storage.wiredTiger.engineConfig.cacheSizeGB: 10000.00");
  });
});

describe("replica sets of mongodb", () => {
  test("are the servers of all that hold the same data; the first sets them up", () => {
    const nodes = [mongodb("a"), mongodb("b", { port: 27018, backupSchedule: "0 2 * * *" }), mongodb("c")];
    const row = inARow(nodes, { from: "b", to: "a", type: "replicates" }, { from: "c", to: "b", type: "replicates" });
    const hosts = configurations(row);
    for (const leaf of ["leaf-1", "leaf-2", "leaf-3"]) {
      expect(hosts[leaf]?.services?.mongodb?.replSetName).toBe("a");
      expect(settings(hosts[leaf])).toContain("security.keyFile: /run/cim-mongodb-key/key");
      expect(secretsOf(row, leaf)).toEqual(["/run/secrets/cim/a/replication"]);
    }
    expect(hosts["leaf-1"]?.systemd?.services?.["cim-mongodb-setup"]?.serviceConfig?.ExecStart).toContain(
      '\\"set\\":\\"a\\",\\"members\\":[\\"10.0.0.1:27017\\",\\"10.0.0.2:27018\\",\\"db3.example:27017\\"]',
    );
    expect(hosts["leaf-2"]?.systemd?.services?.["cim-mongodb-setup"]).toBeUndefined();
    expect(hosts["leaf-1"]?.systemd?.services?.["cim-backup-a"]).toBeDefined();
    expect(hosts["leaf-2"]?.systemd?.services?.["cim-backup-b"]).toBeUndefined();
  });

  test("know the exporters of all servers by one password, which comes of their key", () => {
    const nodes = [mongodb("a"), mongodb("b"), mongodb("c")];
    const row = inARow(nodes, { from: "b", to: "a", type: "replicates" }, { from: "c", to: "b", type: "replicates" });
    const hosts = configurations({
      ...row,
      nodes: [...row.nodes, { id: "eye", type: "monitoring" }],
      edges: [...row.edges, { from: "eye", to: "leaf-3", type: "runs-on" }, { from: "eye", to: "b", type: "monitors" }],
    });
    const command =
      "<programs.monitorPassword>/bin/monitor-password /var/lib/cim-mongodb-monitor/password " +
      "/run/secrets/cim/a/replication";
    const task = (name: string) => hosts[name]?.systemd?.services?.["cim-mongodb-monitor"];
    expect(task("leaf-1")?.serviceConfig?.ExecStart).toBe(command);
    expect(task("leaf-1")?.before).toEqual(["cim-mongodb-setup.service"]);
    expect(task("leaf-2")?.serviceConfig?.ExecStart).toBe(command);
    expect(task("leaf-2")).not.toHaveProperty("before");
    expect(task("leaf-3")).toBeUndefined();
    expect(hosts["leaf-1"]?.systemd?.services?.["cim-mongodb-setup"]?.serviceConfig?.ExecStart).toContain(
      '{\\"user\\":\\"cim-monitor\\",\\"database\\":\\"admin\\",' +
        '\\"file\\":\\"/var/lib/cim-mongodb-monitor/password\\",\\"roles\\":[' +
        '{\\"role\\":\\"clusterMonitor\\",\\"db\\":\\"admin\\"},{\\"role\\":\\"read\\",\\"db\\":\\"local\\"}]}',
    );
  });

  test("may be one database on several hosts, which all reach each other", () => {
    const hosts = configurations(onThree(mongodb("db")));
    const rules = String(hosts["leaf-2"]?.networking?.firewall?.extraInputRules);
    expect(rules).toContain("ip saddr 10.0.0.1 tcp dport 27017 accept");
    expect(rules).toContain("ip saddr @leaf-3-v4 tcp dport 27017 accept");
  });
});
