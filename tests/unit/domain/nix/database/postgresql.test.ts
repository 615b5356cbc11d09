import { describe, expect, test } from "@jest/globals";
import { postgresql } from "../graphs.ts";
import { configurations } from "../rendering.ts";
import { alone, inARow, mounted, onThree, reached, secretsOf } from "./databases.ts";

const program = (leaf: ReturnType<typeof alone>, unit: string) =>
  leaf?.systemd?.services?.[unit]?.serviceConfig?.ExecStart;

describe("postgresql", () => {
  test("has the package of its version, its port and its databases, each with an owner of the same name", () => {
    expect(alone(postgresql("db", { version: "16", port: 5433, databases: ["shop"] }))?.services?.postgresql).toEqual({
      enable: true,
      package: "<pkgs.postgresql_16>",
      enableTCPIP: false,
      ensureDatabases: ["shop"],
      ensureUsers: [{ name: "shop", ensureDBOwnership: true }],
      settings: { port: 5433 },
    });
  });

  test("gives no owner to databases whose names no role can have", () => {
    expect(alone(postgresql("db", { databases: ["pg_x", "public"] }))?.services?.postgresql).toEqual({
      enable: true,
      enableTCPIP: false,
      ensureDatabases: ["pg_x", "public"],
      settings: { port: 5432 },
    });
  });

  test("listens on the loopback only while its clients are on the same host", () => {
    expect(reached(postgresql("db"))?.services?.postgresql).toEqual({
      enable: true,
      enableTCPIP: false,
      settings: { port: 5432 },
    });
  });

  test("lets in exactly the addresses of its clients, to its databases only, with a password", () => {
    expect(reached(postgresql("db", { databases: ["a", "all"] }), false, false)?.services?.postgresql).toMatchObject({
      enableTCPIP: true,
      authentication: 'host "a","all" all 10.0.0.2/32 scram-sha-256\nhost "a","all" all fd00::3/128 scram-sha-256\n',
    });
  });

  test("takes encrypted connections with a certificate that the host makes for itself", () => {
    const leaf = reached(postgresql("db"), true, false);
    expect(leaf?.services?.postgresql).toMatchObject({
      authentication: "hostssl all all 10.0.0.2/32 scram-sha-256\nhost all all fd00::3/128 scram-sha-256\n",
      settings: { ssl: true, ssl_key_file: "/var/lib/cim-postgresql-tls/server.key" },
    });
    expect(leaf?.systemd?.services?.["cim-postgresql-tls"]).toMatchObject({
      before: ["postgresql.service"],
      requiredBy: ["postgresql.service"],
      unitConfig: { ConditionPathExists: "!/var/lib/cim-postgresql-tls/server.crt" },
      serviceConfig: {
        User: "postgres",
        UMask: "0077",
        ExecStart: expect.stringContaining(
          "subjectAltName=IP:10.0.0.1,DNS:leaf-1,DNS:localhost,IP:127.0.0.1,IP:::1,DNS:db",
        ),
      },
    });
  });

  test("sets the passwords that the operator has put on the host before others are told that it is up", () => {
    const node = postgresql("db", { port: 5433, databases: ["shop"] });
    expect(alone(node)?.systemd?.services?.["cim-postgresql-passwords"]).toMatchObject({
      wantedBy: ["postgresql.target"],
      before: ["postgresql.target"],
      serviceConfig: {
        ExecStart: "<programs.postgresqlPasswords>/bin/postgresql-passwords 5433 shop /run/secrets/cim/db/role-shop",
      },
    });
    expect(secretsOf(inARow([node]), "leaf-1")).toEqual(["/run/secrets/cim/db/role-shop"]);
  });

  test("is backed up when its cron schedule says", () => {
    const leaf = alone(postgresql("db", { databases: ["shop"], backupSchedule: "0 2 1 * 0" }));
    expect(leaf?.systemd?.services?.["cim-backup-db"]).toMatchObject({
      startAt: ["*-*-01 02:00:00", "Sun *-*-* 02:00:00"],
      serviceConfig: {
        User: "postgres",
        ExecStart: [
          "<programs.keepCopies>/bin/keep-copies /var/backup/db globals roles 14 pg_dumpall --port 5432 --globals-only",
          "<programs.keepCopies>/bin/keep-copies /var/backup/db shop sql 14 pg_dump --port 5432 --dbname shop",
        ],
      },
    });
    expect(leaf?.systemd?.tmpfiles?.settings?.["cim-backup-db"]).toEqual({
      "/var/backup/db": { d: { mode: "0700", user: "postgres" } },
    });
  });

  test("has its backups copied to another disk, once they are made", () => {
    const leaf = alone(postgresql("db", { backupSchedule: "0 2 * * *", backupCopyTo: "/mnt/nas" }));
    expect(program(leaf, "cim-copy-db")).toBe("<programs.copyElsewhere>/bin/copy-elsewhere /var/backup/db /mnt/nas/db");
    expect(leaf?.systemd?.services?.["cim-copy-db"]).toMatchObject({
      after: ["cim-backup-db.service"],
      startAt: ["*-*-* 02:00:00"],
      unitConfig: { RequiresMountsFor: "/mnt/nas" },
    });
  });

  test("is backed up as a whole where it names no databases", () => {
    const leaf = alone(postgresql("db", { backupSchedule: "0 2 * * *" }));
    expect(program(leaf, "cim-backup-db")).toEqual([
      "<programs.keepCopies>/bin/keep-copies /var/backup/db db sql 14 pg_dumpall --port 5432",
    ]);
  });

  test("is limited in its unit, and takes a quarter of its memory for its buffers", () => {
    const leaf = alone(postgresql("db", { resources: { memoryMb: 1024 } }));
    expect(leaf?.systemd?.services?.postgresql).toEqual({ serviceConfig: { MemoryMax: "1024M" } });
    expect(leaf?.services?.postgresql?.settings).toEqual({ port: 5432, shared_buffers: "256MB" });
  });

  test("keeps data that need not survive in a folder that is emptied at every boot, and writes them lazily", () => {
    const leaf = alone(postgresql("db", { persistent: false }));
    expect(leaf?.services?.postgresql).toMatchObject({
      dataDir: "/var/lib/cim-volatile/db/<config.services.postgresql.package.psqlSchema>",
      settings: { fsync: false, full_page_writes: false, synchronous_commit: false },
    });
    expect(leaf?.systemd?.tmpfiles?.settings?.["cim-data-db"]).toEqual({ "/var/lib/cim-volatile/db/*": { "R!": {} } });
    expect(program(leaf, "cim-data-db")).toBe(
      "<pkgs.coreutils>/bin/install --directory --mode=0700 --owner=postgres --group=postgres /var/lib/cim-volatile/db" +
        " /var/lib/cim-volatile/db/<config.services.postgresql.package.psqlSchema>",
    );
  });

  test("keeps its data on its volume, durably", () => {
    const leaf = mounted(postgresql("db", { persistent: false }), "/data/");
    expect(leaf?.services?.postgresql).toEqual({
      enable: true,
      enableTCPIP: false,
      settings: { port: 5432 },
      dataDir: "/data/db/<config.services.postgresql.package.psqlSchema>",
    });
    expect(leaf?.systemd?.services?.["cim-data-db"]?.unitConfig).toEqual({ RequiresMountsFor: ["/data/db"] });
    expect(leaf?.systemd?.tmpfiles).toBeUndefined();
  });

  test.each(["/var/lib/postgresql", "/var/lib", "/", "/with spaces"])(
    "leaves its data where they are with %s",
    (path) => {
      expect(mounted(postgresql("db"), path)?.services?.postgresql?.dataDir).toBeUndefined();
    },
  );
});

describe("standbys of postgresql", () => {
  const node = postgresql("db", { databases: ["shop"], backupSchedule: "0 2 * * *" });
  const hosts = configurations(onThree(node));

  test("are on the other hosts of a database; its first host lets in exactly them", () => {
    expect(hosts["leaf-1"]?.services?.postgresql).toMatchObject({
      enableTCPIP: true,
      ensureUsers: [
        { name: "shop", ensureDBOwnership: true },
        { name: "cim-replication", ensureClauses: { login: true, replication: true } },
      ],
      authentication:
        "host replication cim-replication 10.0.0.2/32 scram-sha-256\n" +
        "host replication cim-replication db3.example scram-sha-256\n",
      settings: { wal_level: "replica", max_wal_senders: 64, max_slot_wal_keep_size: "8GB" },
    });
    expect(program(hosts["leaf-1"], "cim-postgresql-passwords")).toContain(
      "cim-replication /run/secrets/cim/db/replication",
    );
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toContain("ip saddr 10.0.0.2 tcp dport 5432 accept");
  });

  test("follow the first host, and make no databases, roles and backups of their own", () => {
    expect(hosts["leaf-2"]?.services?.postgresql).toEqual({
      enable: true,
      enableTCPIP: false,
      settings: {
        port: 5432,
        wal_level: "replica",
        max_wal_senders: 64,
        max_replication_slots: 64,
        max_slot_wal_keep_size: "8GB",
        wal_keep_size: "2GB",
        primary_slot_name: "cim_leaf_2",
        primary_conninfo: "host=10.0.0.1 port=5432 user=cim-replication passfile=/run/cim-postgresql-standby/pgpass",
      },
    });
    expect(Object.keys(hosts["leaf-2"]?.systemd?.services ?? {}).toSorted()).toEqual([
      "cim-postgresql-slots",
      "cim-postgresql-standby",
      "postgresql-setup",
    ]);
  });

  test("have a slot each on the server that they copy, which is dropped when they go", () => {
    const slots = (leaf: Parameters<typeof program>[0]) =>
      String(program(leaf, "cim-postgresql-slots")).replace(/^.*postgresql-slots /, "");
    expect(slots(hosts["leaf-1"])).toBe("5432 cim_leaf_2 cim_leaf_3");
    expect(slots(hosts["leaf-2"])).toBe("5432");
    expect(slots(alone(node))).toBe("5432");
  });

  test("copy it before they start, with a password from a file", () => {
    expect(hosts["leaf-2"]?.systemd?.services?.["cim-postgresql-standby"]).toMatchObject({
      before: ["postgresql.service"],
      requiredBy: ["postgresql.service"],
      serviceConfig: {
        User: "postgres",
        LoadCredential: ["replication:/run/secrets/cim/db/replication"],
        ExecStart:
          "<programs.postgresqlStandby>/bin/postgresql-standby db 10.0.0.1 5432 cim-replication <config.services.postgresql.dataDir> cim_leaf_2",
      },
    });
    expect(hosts["leaf-2"]?.systemd?.services?.["postgresql-setup"]?.script).not.toContain("recovery");
    expect(secretsOf(onThree(node), "leaf-2")).toEqual(["/run/secrets/cim/db/replication"]);
  });

  test("may be nodes of their own, and be copied in turn", () => {
    const row = configurations(
      inARow(
        [postgresql("a"), postgresql("b", { port: 5433 }), postgresql("c")],
        { from: "b", to: "a", type: "replicates" },
        { from: "c", to: "b", type: "replicates" },
      ),
    );
    expect(row["leaf-2"]?.services?.postgresql).toMatchObject({
      enableTCPIP: true,
      authentication: "host replication cim-replication db3.example scram-sha-256\n",
      settings: { primary_conninfo: expect.stringContaining("host=10.0.0.1 port=5432") },
    });
    expect(row["leaf-3"]?.systemd?.services?.["cim-postgresql-standby"]?.serviceConfig).toMatchObject({
      LoadCredential: ["replication:/run/secrets/cim/a/replication"],
      ExecStart: expect.stringContaining(" b 10.0.0.2 5433 "),
    });
  });
});
