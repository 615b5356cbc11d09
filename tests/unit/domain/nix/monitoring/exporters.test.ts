import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import { monitoredHostPorts, monitoredPorts } from "../../../../../src/domain/graph/monitoring-ports.ts";
import type { Node } from "../../../../../src/domain/graph/node.ts";
import { graph, host, loadBalancer, nats, postgresql, redis, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

/** Nodes on leaf-2, seen from `eye` on leaf-1. */
const seen = (nodes: ReadonlyArray<Node>, targets: ReadonlyArray<string>, logs = false) =>
  configurations(
    graph(
      [host("leaf-1"), host("leaf-2"), host("leaf-3"), { id: "eye", type: "monitoring", logs }, ...nodes],
      runsOn("eye", "leaf-1"),
      nodes.flatMap(({ id }) => runsOn(id, "leaf-2")),
      targets.map((to): Edge => ({ from: "eye", to, type: "monitors" })),
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
        ...{ enable: true, listenAddress, runAsLocalSuperUser: true },
        dataSourceName: "user=postgres database=postgres host=/run/postgresql port=5433 sslmode=disable",
      },
    ],
    [
      mysql,
      "mysqld",
      {
        ...{ enable: true, listenAddress, runAsLocalSuperUser: true },
        configFile: "<mysqld-exporter.cnf [client]\nuser=mysql\nsocket=/run/mysqld/mysqld.sock\n>",
      },
    ],
    [
      mongodb,
      "mongodb",
      {
        ...{ enable: true, listenAddress, uri: "mongodb://127.0.0.1:27018", collectAll: true },
        ...{ collStats: [], indexStats: [], collector: [] },
      },
    ],
    [redis("cache"), "redis", { enable: true, listenAddress }],
    [
      nats("bus"),
      "nats",
      {
        ...{ enable: true, listenAddress, url: "http://127.0.0.1:8222" },
        extraFlags: ["-varz", "-connz", "-routez", "-jsz=all"],
      },
    ],
  ])("of %j is %s", (node, name, settings) => {
    const hosts = seen([node], [node.id]);
    expect(hosts["leaf-2"]?.services?.prometheus?.exporters?.[name]).toEqual(settings);
    const [port] = monitoredPorts(node);
    expect(hosts["leaf-2"]?.networking?.firewall?.extraInputRules).toContain(
      `ip saddr 10.0.0.1 tcp dport ${port} accept # eye to ${node.id}\n`,
    );
    expect(exportersOf([node], ["leaf-2"])).not.toHaveProperty(name);
  });

  test("of a NATS server reads what that tells on the loopback", () => {
    expect(seen([nats("bus")], ["bus"])["leaf-2"]?.services?.nats?.settings?.http).toBe("127.0.0.1:8222");
  });

  test("takes the ports it says", () => {
    expect([nats("bus"), loadBalancer("front", { port: 443 }), service("web")].map(monitoredPorts)).toEqual([
      ...[[7777, 8222], [10_443], []],
    ]);
    expect([true, false].map(monitoredHostPorts)).toEqual([[9100, 12_345], [9100]]);
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
