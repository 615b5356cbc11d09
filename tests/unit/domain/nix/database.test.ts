import { describe, expect, test } from "@jest/globals";
import type { DatabaseNode } from "../../../../src/domain/graph/node.ts";
import { graph, host, postgresql, redis, runsOn, service } from "./graphs.ts";
import { configurations, problemsOf } from "./rendering.ts";

const alone = (node: DatabaseNode) => configurations(graph([host("leaf-1"), node]))["leaf-1"];
const reasons = (node: DatabaseNode) => problemsOf(graph([host("leaf-1"), node])).map(({ reason }) => reason);

/** The database's host, where a service on each of the other hosts connects to it. */
const reached = (node: DatabaseNode, ...encrypted: ReadonlyArray<boolean>) =>
  configurations(
    graph(
      [
        host("leaf-1"),
        host("leaf-2"),
        host("leaf-3", { address: "fd00::3" }),
        node,
        service("near"),
        service("web-2"),
        service("web-3"),
      ],
      runsOn(node.id, "leaf-1"),
      runsOn("near", "leaf-1"),
      runsOn("web-2", "leaf-2"),
      runsOn("web-3", "leaf-3"),
      { from: "near", to: node.id, type: "connects-to", protocol: "tcp" },
      encrypted.map((isEncrypted, index) => ({
        ...{ from: `web-${index + 2}`, to: node.id, type: "connects-to", protocol: "tcp" },
        encrypted: isEncrypted,
      })),
    ),
  )["leaf-1"];

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

  test("listens on the loopback only while its clients are on the same host", () => {
    expect(reached(postgresql("db"))?.services?.postgresql).toEqual({
      ...{ enable: true, enableTCPIP: false },
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
      settings: { ssl: true, ssl_key_file: "/var/lib/postgresql-tls/server.key" },
    });
    expect(leaf?.systemd?.services?.["postgresql-tls"]).toMatchObject({
      before: ["postgresql.service"],
      requiredBy: ["postgresql.service"],
      serviceConfig: { User: "postgres", UMask: "0077" },
    });
  });

  test("is backed up when its cron schedule says", () => {
    const node = postgresql("db", { databases: ["shop"], backupSchedule: "0 2 1 * 0" });
    expect(alone(node)?.services?.postgresqlBackup).toEqual({
      enable: true,
      databases: ["shop"],
      startAt: ["*-*-01 02:00:00", "Sun *-*-* 02:00:00"],
    });
  });

  test("is limited in its unit", () => {
    expect(alone(postgresql("db", { resources: { memoryMb: 1024 } }))?.systemd?.services?.postgresql).toEqual({
      serviceConfig: { MemoryMax: "1024M" },
    });
  });

  test.each(["a'b", 'a"b', "$(x)", "-a", "a b", ""])("refuses the database name %j, which NixOS would run", (name) => {
    expect(reasons(postgresql("db", { databases: [name] }))).toEqual([
      expect.stringContaining("is no name for a database"),
    ]);
  });

  test("refuses what is no version and no schedule", () => {
    expect(reasons(postgresql("db", { version: "latest", backupSchedule: "daily" }))).toEqual([
      expect.stringContaining('"latest" is no version'),
      expect.stringContaining('"daily" is not a five-field cron expression'),
    ]);
  });
});

describe("redis", () => {
  test("writes every change to disk", () => {
    expect(alone(redis("cache"))?.services?.redis?.servers).toEqual({
      cache: { enable: true, port: 6379, bind: "127.0.0.1", appendOnly: true },
    });
  });

  test("writes nothing where it is not persistent", () => {
    expect(alone(redis("cache", { persistent: false }))?.services?.redis?.servers?.cache).toMatchObject({
      appendOnly: false,
      save: [],
    });
  });

  test("listens for clients on other hosts, which its protected mode would refuse", () => {
    expect(reached(redis("cache"), false)?.services?.redis?.servers?.cache).toMatchObject({
      bind: null,
      settings: { "protected-mode": "no" },
    });
  });

  test("runs several times on a host", () => {
    const leaf = configurations(graph([host("leaf-1"), redis("a"), redis("b", { port: 6380 })]))["leaf-1"];
    expect(Object.keys(leaf?.services?.redis?.servers ?? {})).toEqual(["a", "b"]);
  });

  test("refuses what it would not do: named databases, backups, encryption, ids too long for a user", () => {
    expect(reasons(redis("cache", { databases: ["a"], backupSchedule: "0 2 * * *", version: "x" }))).toHaveLength(3);
    expect(reasons(redis("a".repeat(25)))).toEqual([]);
    expect(reasons(redis("a".repeat(26)))).toEqual([expect.stringContaining("at most 25 characters")]);
    expect(() => reached(redis("cache"), true)).toThrow();
  });
});
