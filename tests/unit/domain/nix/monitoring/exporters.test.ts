import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { Node } from "../../../../../src/domain/graph/node.ts";
import { observedPorts } from "../../../../../src/domain/graph/node-types/host.ts";
import { natsMonitorPort } from "../../../../../src/domain/graph/node-types/message-bus-engines.ts";
import { metricsPort } from "../../../../../src/domain/graph/ports.ts";
import { graph, host, loadBalancer, nats, postgresql, redis, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

/** Nodes on leaf-2, seen from `eye` on leaf-1. */
const seen = (
  nodes: ReadonlyArray<Node>,
  targets: ReadonlyArray<string>,
  logs = false,
  ...edges: ReadonlyArray<Edge>
) =>
  configurations(
    graph(
      [host("leaf-1"), host("leaf-2"), host("leaf-3"), { id: "eye", type: "monitoring", logs }, ...nodes],
      runsOn("eye", "leaf-1"),
      nodes.flatMap(({ id }) => runsOn(id, "leaf-2")),
      targets.map((to): Edge => ({ from: "eye", to, type: "monitors" })),
      edges,
    ),
  );

const exportersOf = (...args: Parameters<typeof seen>) => seen(...args)["leaf-2"]?.services?.prometheus?.exporters;

describe("a monitored host", () => {
  test("tells its figures, with those of systemd, to exactly the hosts that monitor it", () => {
    const hosts = seen([], ["leaf-2"]);
    expect(hosts["leaf-2"]?.services?.prometheus?.exporters).toEqual({
      node: { enable: true, listenAddress: "0.0.0.0", port: 9100, enabledCollectors: ["systemd"] },
    });
    expect(hosts["leaf-2"]?.networking?.firewall?.extraInputRules).toBe(
      "ip saddr 10.0.0.1 tcp dport 9100 accept # eye to leaf-2\n",
    );
    expect(hosts["leaf-3"]).not.toHaveProperty("services.prometheus");
  });

  test("tells nobody else where the monitoring node is its own", () => {
    const leaf = seen([], ["leaf-1"])["leaf-1"];
    expect(leaf?.services?.prometheus?.exporters?.node?.listenAddress).toBe("127.0.0.1");
    expect(leaf?.networking).not.toHaveProperty("firewall");
  });

  test("is one on which a monitored node runs", () => {
    expect(exportersOf([service("web")], ["web"])).toHaveProperty("node");
    expect(exportersOf([service("web")], [])).toBeUndefined();
  });
});

describe("the exporter of a monitored node", () => {
  const listenAddress = "0.0.0.0";
  const mysql = { id: "my", type: "database", engine: "mysql" } as const;
  const mongodb = { id: "mongo", type: "database", engine: "mongodb", port: 27018 } as const;

  test.each<[Node, string, object]>([
    [
      postgresql("db", { port: 5433 }),
      "postgres",
      {
        enable: true,
        listenAddress,
        runAsLocalSuperUser: true,
        dataSourceName: "user=postgres database=postgres host=/run/postgresql port=5433 sslmode=disable",
      },
    ],
    [
      mysql,
      "mysqld",
      {
        enable: true,
        listenAddress,
        runAsLocalSuperUser: true,
        configFile: "<mysqld-exporter.cnf [client]\nuser=mysql\nsocket=/run/mysqld/mysqld.sock\n>",
      },
    ],
    [
      mongodb,
      "mongodb",
      {
        enable: true,
        listenAddress,
        uri: "mongodb://127.0.0.1:27018",
        collectAll: true,
        collStats: [],
        indexStats: [],
        collector: [],
      },
    ],
    [redis("cache"), "redis", { enable: true, listenAddress }],
    [
      nats("bus"),
      "nats",
      {
        enable: true,
        listenAddress,
        url: "http://127.0.0.1:8222",
        extraFlags: ["-varz", "-connz", "-routez", "-jsz=all"],
      },
    ],
  ])("of %j is %s", (node, name, settings) => {
    const hosts = seen([node], [node.id]);
    expect(hosts["leaf-2"]?.services?.prometheus?.exporters?.[name]).toEqual(settings);
    const port = metricsPort(node);
    expect(hosts["leaf-2"]?.networking?.firewall?.extraInputRules).toContain(
      `ip saddr 10.0.0.1 tcp dport ${port} accept # eye to ${node.id}\n`,
    );
    expect(exportersOf([node], ["leaf-2"])).not.toHaveProperty(name);
  });

  test("of Redis servers gets their passwords, where they have one, in a folder of its own", () => {
    const leaf = seen([redis("cache"), redis("my.cache", { port: 6380 })], ["cache", "my.cache"])["leaf-2"];
    expect(leaf?.systemd?.services?.["prometheus-redis-exporter"]).toEqual({
      environment: { REDIS_PASSWORD_FILE: "/run/cim-redis-exporter/passwords.json" },
      serviceConfig: {
        RuntimeDirectory: ["cim-redis-exporter"],
        RuntimeDirectoryMode: "0700",
        LoadCredential: ["password-0:/run/secrets/cim/cache/password", "password-1:/run/secrets/cim/my.cache/password"],
        SetCredential: ["password-0:\\n", "password-1:\\n"],
        ExecStartPre: [
          "<programs.redisExporter>/bin/redis-exporter /run/cim-redis-exporter/passwords.json " +
            "redis://127.0.0.1:6379 password-0 redis://127.0.0.1:6380 password-1",
        ],
      },
    });
  });

  test("of a Redis bus has a user there if clients have to, who sees figures alone", () => {
    const bus = { id: "bus", type: "message-bus", engine: "redis" } as const;
    const publishes: Edge = { from: "web", to: "bus", type: "publishes-to", topic: "orders" };
    expect(seen([bus, service("web")], ["bus"])["leaf-2"]?.systemd?.services).not.toHaveProperty(
      "prometheus-redis-exporter",
    );
    const hosts = seen([bus, service("web")], ["bus"], false, publishes);
    const units = hosts["leaf-2"]?.systemd?.services;
    expect(units?.["cim-redis-bus-monitor"]).toMatchObject({
      before: ["redis-bus.service"],
      requiredBy: ["redis-bus.service"],
      serviceConfig: {
        StateDirectoryMode: "0700",
        ExecStart: "<programs.monitorPassword>/bin/monitor-password /var/lib/cim-redis-bus-monitor/password",
      },
    });
    expect(units?.["redis-bus"]?.serviceConfig?.LoadCredential).toContain(
      "cim_monitor.password:/var/lib/cim-redis-bus-monitor/password",
    );
    expect(String(units?.["redis-bus"]?.serviceConfig?.ExecStartPre)).toContain(
      'cim_monitor "resetchannels -@all +ping +info +config|get +client|setname +command|info +latency|latest +latency|histogram ' +
        '+slowlog|get +slowlog|len"',
    );
    expect(units?.["prometheus-redis-exporter"]).toMatchObject({
      after: ["cim-redis-bus-monitor.service"],
      wants: ["cim-redis-bus-monitor.service"],
      serviceConfig: {
        LoadCredential: ["password-0:/var/lib/cim-redis-bus-monitor/password"],
        ExecStartPre: [expect.stringMatching(/ redis:\/\/cim_monitor@127\.0\.0\.1:6379 password-0$/)],
      },
    });
    expect(JSON.stringify(hosts["leaf-1"]?.services?.prometheus?.scrapeConfigs)).toContain(
      '"__param_target":"redis://cim_monitor@127.0.0.1:6379"',
    );
    expect(seen([bus, service("web")], ["web"], false, publishes)["leaf-2"]?.systemd?.services).not.toHaveProperty(
      "cim-redis-bus-monitor",
    );
  });

  test("of a Redis server that speaks TLS does so too", () => {
    const nodes = [redis("cache"), service("web")];
    const encrypted: Edge = { from: "far", to: "cache", type: "connects-to", protocol: "redis", encrypted: true };
    const hosts = configurations(
      graph(
        [host("leaf-1"), host("leaf-2"), service("far"), { id: "eye", type: "monitoring" }, ...nodes],
        [
          ...runsOn("eye", "leaf-1"),
          ...runsOn("far", "leaf-1"),
          ...runsOn("cache", "leaf-2"),
          ...runsOn("web", "leaf-2"),
        ],
        [encrypted, { from: "eye", to: "cache", type: "monitors" }],
      ),
    );
    expect(hosts["leaf-2"]?.services?.prometheus?.exporters?.redis?.extraFlags).toEqual(["-skip-tls-verification"]);
    const uri = "rediss://127.0.0.1:6379";
    expect(
      String(hosts["leaf-2"]?.systemd?.services?.["prometheus-redis-exporter"]?.serviceConfig?.ExecStartPre),
    ).toContain(` ${uri} password-0`);
    expect(JSON.stringify(hosts["leaf-1"]?.services?.prometheus?.scrapeConfigs)).toContain(`"__param_target":"${uri}"`);
  });

  test("of a MongoDB server logs in where that asks for a password", () => {
    const reach: Edge = { from: "far", to: "mongo", type: "connects-to", protocol: "tcp" };
    const unit = "prometheus-mongodb-exporter";
    expect(seen([mongodb], ["mongo"])["leaf-2"]?.systemd?.services ?? {}).not.toHaveProperty(unit);
    const hosts = configurations(
      graph(
        [host("leaf-1"), host("leaf-2"), service("far"), { id: "eye", type: "monitoring" }, mongodb],
        [...runsOn("eye", "leaf-1"), ...runsOn("far", "leaf-1"), ...runsOn("mongo", "leaf-2")],
        [reach, { from: "eye", to: "mongo", type: "monitors" }],
      ),
    );
    expect(hosts["leaf-2"]?.systemd?.services?.[unit]).toEqual({
      after: ["cim-mongodb-monitor.service"],
      wants: ["cim-mongodb-monitor.service"],
      environment: { MONGODB_USER: "cim-monitor" },
      serviceConfig: {
        RuntimeDirectory: ["cim-mongodb-exporter"],
        RuntimeDirectoryMode: "0700",
        LoadCredential: ["password:/var/lib/cim-mongodb-monitor/password"],
        ExecStartPre: ["<programs.mongodbExporter>/bin/mongodb-exporter /run/cim-mongodb-exporter/password"],
        EnvironmentFile: "-/run/cim-mongodb-exporter/password",
      },
    });
  });

  test("of a NATS server reads what that tells on the loopback", () => {
    expect(seen([nats("bus")], ["bus"])["leaf-2"]?.services?.nats?.settings?.http).toBe("127.0.0.1:8222");
  });

  test("takes the ports it says", () => {
    const nodes = [nats("bus"), loadBalancer("front", { port: 443 }), service("web")];
    expect(nodes.map(metricsPort)).toEqual([7777, 10_443, undefined]);
    expect(natsMonitorPort).toBe(8222);
    const portsWith = (logs: boolean) => observedPorts("leaf-1", logs).map(({ port }) => port);
    expect([true, false].map(portsWith)).toEqual([[9100, 12_345], [9100]]);
  });
});

describe("the logs of a monitored host", () => {
  const alloyOf = (...args: Parameters<typeof seen>) =>
    String(seen(...args)["leaf-2"]?.environment?.etc?.["alloy/config.alloy"]?.text);

  test("go to every Loki that keeps them", () => {
    const hosts = seen([service("web")], ["leaf-2"], true);
    expect(hosts["leaf-2"]?.services?.alloy).toEqual({ enable: true });
    const text = alloyOf([service("web")], ["leaf-2", "web"], true);
    expect(text).toContain('    url = "http://10.0.0.1:3100/loki/api/v1/push"\n');
    expect(text).toContain('  labels        = { job = "journal", host = "leaf-2" }\n');
    expect(text).not.toContain("matches");
  });

  test("are those of the monitored nodes alone where the host itself is not monitored", () => {
    const web = service("web", { port: 80, healthCheck: { kind: "tcp" } });
    expect(alloyOf([web, service("other")], ["web"], true)).toContain(
      'matches       = "_SYSTEMD_UNIT=cim-health-web.service _SYSTEMD_UNIT=cim-health-web.timer _SYSTEMD_UNIT=web.service"',
    );
  });

  test("stay there where no monitoring node asks for them", () => {
    expect(seen([service("web")], ["web"])["leaf-2"]?.services).not.toHaveProperty("alloy");
  });
});
