import { describe, expect, test } from "@jest/globals";
import { graph, host, redis, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";
import { alone, inARow, leaf, mounted, onThree, reached, secretsOf } from "./databases.ts";

const server = (configuration: ReturnType<typeof alone>, id = "cache") => configuration?.services?.redis?.servers?.[id];

describe("redis", () => {
  test("writes every change to disk", () => {
    expect(alone(redis("cache"))?.services?.redis?.servers).toEqual({
      cache: { enable: true, port: 6379, bind: "127.0.0.1", appendOnly: true },
    });
  });

  test("writes nothing where it is not persistent", () => {
    expect(server(alone(redis("cache", { persistent: false })))).toMatchObject({ appendOnly: false, save: [] });
  });

  test("listens for clients on other hosts, which its protected mode would refuse", () => {
    expect(server(reached(redis("cache"), false))).toMatchObject({ bind: null, settings: { "protected-mode": "no" } });
  });

  test("speaks nothing but TLS on its port where a client is to be encrypted", () => {
    const configuration = reached(redis("cache"), true, false);
    expect(server(configuration)).toMatchObject({
      port: 0,
      settings: {
        "tls-port": 6379,
        "tls-cert-file": "/var/lib/cim-redis-cache-tls/server.crt",
        "tls-auth-clients": "no",
      },
    });
    expect(configuration?.systemd?.services?.["cim-redis-cache-tls"]?.serviceConfig?.User).toBe("redis-cache");
  });

  test("has a user, whose name NixOS lets have 31 characters, by a shortened id", () => {
    const long = "c".repeat(40);
    const configuration = alone(redis(long));
    const [name = ""] = Object.keys(configuration?.services?.redis?.servers ?? {});
    expect(name).toMatch(/^c{16}-[0-9a-z]{8}$/);
    expect(configuration?.systemd?.services?.[`cim-redis-${name}-password`]).toMatchObject({
      after: [`redis-${name}.service`],
      unitConfig: { ConditionPathExists: `/run/secrets/cim/${long}/password` },
    });
  });

  test("has the password that the operator has put on the host from its first moment, and each later one", () => {
    const systemd = alone(redis("cache"))?.systemd;
    const kept = "/run/cim-redis-cache/password /var/lib/cim-redis-cache/has-password";
    expect(systemd?.services?.["redis-cache"]?.serviceConfig?.ExecStartPre).toEqual([
      `+<programs.redisSecret>/bin/redis-secret /run/secrets/cim/cache/password /run/redis-cache/nixos.conf ${kept}`,
    ]);
    expect(systemd?.services?.["cim-redis-cache-password"]).toMatchObject({
      after: ["redis-cache.service"],
      unitConfig: { ConditionPathExists: "/run/secrets/cim/cache/password" },
      serviceConfig: {
        ExecStart: `<programs.redisPassword>/bin/redis-password /run/secrets/cim/cache/password /run/redis-cache/redis.sock ${kept}`,
      },
    });
    expect(systemd).toMatchObject({
      paths: { "cim-redis-cache-password": { pathConfig: { PathChanged: "/run/secrets/cim/cache/password" } } },
    });
  });

  test("runs several times on a host", () => {
    const configuration = leaf("leaf-1", [host("leaf-1"), redis("a"), redis("b", { port: 6380 })]);
    expect(Object.keys(configuration?.services?.redis?.servers ?? {})).toEqual(["a", "b"]);
  });

  test("is backed up when its cron schedule says", () => {
    const configuration = alone(redis("cache", { backupSchedule: "0 2 * * *" }));
    expect(configuration?.systemd?.services?.["cim-backup-cache"]?.serviceConfig?.ExecStart).toEqual([
      "<programs.keepCopies>/bin/keep-copies /var/backup/cache cache rdb 14 <programs.redisOperator>/bin/redis-operator" +
        " /run/secrets/cim/cache/password /run/redis-cache/redis.sock --rdb -",
    ]);
  });

  test("keeps its data on its volume", () => {
    const configuration = mounted(redis("cache"), "/data");
    expect(server(configuration)?.settings).toEqual({ dir: "/data/cache/data" });
    expect(configuration?.systemd?.services?.["redis-cache"]).toEqual({
      after: ["disk-0.service"],
      requires: ["disk-0.service"],
      unitConfig: { RequiresMountsFor: ["/data"] },
      serviceConfig: expect.objectContaining({ ReadWritePaths: ["/data/cache/data"] }),
    });
  });

  test("has room for itself beside its data", () => {
    expect(server(alone(redis("cache", { resources: { memoryMb: 1024 } })))?.settings).toEqual({ maxmemory: "768mb" });
  });
});

describe("standbys of redis", () => {
  test("are on the other hosts of a database, and share its password", () => {
    const hosts = configurations(onThree(redis("cache")));
    expect(server(hosts["leaf-1"])?.slaveOf).toBeUndefined();
    expect(server(hosts["leaf-1"])).toMatchObject({ bind: null });
    expect(server(hosts["leaf-2"])).toMatchObject({ bind: "127.0.0.1", slaveOf: { ip: "10.0.0.1", port: 6379 } });
  });

  test("may be nodes of their own, on the same host too", () => {
    const nodes = [redis("a"), redis("b", { port: 6380 })];
    const edge = { from: "b", to: "a", type: "replicates" } as const;
    expect(server(leaf("leaf-1", [host("leaf-1"), ...nodes], [edge]), "b")?.slaveOf).toEqual({
      ip: "127.0.0.1",
      port: 6379,
    });
    expect(secretsOf(inARow(nodes, edge), "leaf-2")).toEqual(["/run/secrets/cim/a/password"]);
  });

  test("copy it through a port of its own where the other one speaks TLS", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), redis("cache"), service("web")],
      runsOn("cache", "leaf-1", "leaf-2"),
      runsOn("web", "leaf-2"),
      { from: "web", to: "cache", type: "connects-to", protocol: "tcp", encrypted: true },
    );
    const hosts = configurations(document);
    expect(server(hosts["leaf-1"])).toMatchObject({ port: 16379, settings: { "tls-port": 6379 } });
    expect(server(hosts["leaf-2"])?.slaveOf).toEqual({ ip: "10.0.0.1", port: 16379 });
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toContain(
      "ip saddr 10.0.0.2 tcp dport 16379 accept",
    );
  });
});
