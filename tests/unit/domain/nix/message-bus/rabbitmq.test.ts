import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { MessageBusNode } from "../../../../../src/domain/graph/node.ts";
import { exactly } from "../../../../../src/domain/nix/message-bus/rabbitmq/options.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, runsOn, service } from "../graphs.ts";
import { type Configuration, configurations } from "../rendering.ts";

const rabbitmq = (more: Partial<MessageBusNode> = {}): MessageBusNode => ({
  id: "bus",
  type: "message-bus",
  engine: "rabbitmq",
  ...more,
});
const alone = (bus: Partial<MessageBusNode>, ...edges: ReadonlyArray<Edge>) =>
  configurations(graph([host("leaf-1"), rabbitmq(bus), service("web"), service("api")], edges))["leaf-1"];
const setupUnit = (leaf: Configuration | undefined) => leaf?.systemd?.services?.["cim-rabbitmq-setup"]?.serviceConfig;

const definitionsOf = (leaf: Configuration | undefined): unknown => {
  const [command] = Object(setupUnit(leaf)?.ExecStart);
  const [, json] =
    /^<pkgs.rabbitmq-server>\/bin\/rabbitmqctl import_definitions <definitions.json (.*)\n>$/.exec(command) ?? [];
  return JSON.parse(json ?? "null");
};

const publishes: Edge = { from: "web", to: "bus", type: "publishes-to", topic: "orders" };
const subscribes: Edge = { from: "api", to: "bus", type: "subscribes-to", topic: "orders", consumerGroup: "workers" };

describe("rabbitmq", () => {
  test("alone listens on the loopback, with figures for exporters; its guest may do anything", () => {
    expect(alone({})?.services?.rabbitmq).toEqual({
      enable: true,
      listenAddress: "127.0.0.1",
      port: 5672,
      plugins: ["rabbitmq_prometheus"],
      configItems: {
        "prometheus.tcp.ip": "127.0.0.1",
        "prometheus.tcp.port": "15692",
        "loopback_users.guest": "false",
      },
    });
    expect(alone({})?.systemd?.services).not.toHaveProperty("cim-rabbitmq-setup");
  });

  test("stops taking messages before it has all its memory", () => {
    expect(alone({ resources: { memoryMb: 1000 } })?.services?.rabbitmq?.configItems).toMatchObject({
      "vm_memory_high_watermark.absolute": "600MiB",
    });
  });

  test("on several hosts is a cluster, whose servers share a cookie and reach each other; nobody else does", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2", { address: "b.example.org" }), host("leaf-3"), rabbitmq()],
      runsOn("bus", "leaf-1", "leaf-2", "leaf-3"),
    );
    const leaf = configurations(document)["leaf-1"];
    expect(leaf?.services?.rabbitmq?.configItems).toMatchObject({
      "cluster_formation.peer_discovery_backend": "classic_config",
      "cluster_formation.classic_config.nodes.1": "rabbit@leaf-1.cim.internal",
      "cluster_formation.classic_config.nodes.2": "rabbit@b.example.org",
      "cluster_formation.classic_config.nodes.3": "rabbit@leaf-3.cim.internal",
      cluster_partition_handling: "pause_minority",
    });
    expect(leaf?.networking?.extraHosts).toBe("10.0.0.1 leaf-1.cim.internal\n10.0.0.3 leaf-3.cim.internal\n");
    expect(leaf?.systemd?.services?.rabbitmq).toEqual({
      environment: { RABBITMQ_USE_LONGNAME: "true", RABBITMQ_NODENAME: "rabbit@leaf-1.cim.internal" },
      serviceConfig: {
        ExecStartPre: ["<pkgs.coreutils>/bin/install -m 0400 %d/erlang.cookie /var/lib/rabbitmq/.erlang.cookie"],
        LoadCredential: ["erlang.cookie:/run/secrets/cim/bus/erlang.cookie"],
      },
    });
    const rules = String(leaf?.networking?.firewall?.extraInputRules);
    for (const port of [4369, 25_672])
      expect(rules).toContain(`ip saddr 10.0.0.3 tcp dport ${port} accept # bus to bus\n`);
    expect([...specify(document)].map(({ secrets }) => secrets.map(({ path }) => path))).toEqual(
      Array(3).fill(["/run/secrets/cim/bus/erlang.cookie"]),
    );
  });

  test("has an exchange for each topic, and streams behind it where it keeps messages", () => {
    const topics = [
      { name: "orders", retentionHours: 1.5 },
      { name: "logs", partitions: 2, replicationFactor: 3 },
      { name: "amq.topic" },
    ];
    const leaf = alone({ topics, persistence: true, resources: { diskGb: 3 } });
    expect(leaf?.services?.rabbitmq?.plugins).toContain("rabbitmq_consistent_hash_exchange");
    expect(definitionsOf(leaf)).toMatchObject({
      exchanges: [
        { name: "orders", type: "topic", durable: true },
        { name: "logs", type: "x-consistent-hash" },
      ],
      queues: [
        { name: "orders", arguments: { "x-queue-type": "stream", "x-initial-cluster-size": 1 } },
        { name: "logs-0" },
        { name: "logs-1" },
      ],
      bindings: [
        { source: "orders", destination: "orders", routing_key: "#" },
        { source: "logs", destination: "logs-0", routing_key: "1" },
        { source: "logs", destination: "logs-1", routing_key: "1" },
      ],
      policies: [
        { pattern: "^(?:orders)\\z", definition: { "max-age": "5400s", "max-length-bytes": 1024 ** 3 } },
        { pattern: "^(?:logs\\-0|logs\\-1)\\z", definition: { "max-length-bytes": 1024 ** 3 } },
      ],
    });
    expect(definitionsOf(alone({ topics }))).toMatchObject({
      exchanges: [{ type: "topic" }, { type: "topic" }],
      queues: [],
      bindings: [],
      policies: [],
    });
  });

  test("has a user with a password in a file for each node with rights, and no guest", () => {
    const leaf = alone({ topics: [{ name: "orders" }], persistence: true }, publishes, subscribes);
    expect(leaf?.services?.rabbitmq?.configItems).not.toHaveProperty(["loopback_users.guest"]);
    expect(setupUnit(leaf)).toMatchObject({
      LoadCredential: [
        "api.password:/run/secrets/cim/bus/api.password",
        "web.password:/run/secrets/cim/bus/web.password",
      ],
      ExecStart: [
        expect.stringContaining("import_definitions"),
        "<programs.rabbitmqUsers>/bin/rabbitmq-users " +
          'api "^(?:workers@orders)\\\\z" "^(?:workers@orders)\\\\z" "^(?:orders|workers@orders)\\\\z" ' +
          'web "^$$" "^(?:orders)\\\\z" "^$$"',
      ],
    });
  });

  test("matches exactly the names of topics, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", minLength: 1 }), { minLength: 1 }),
        fc.string({ unit: "binary" }),
        (names, other) => {
          // `\z` of PCRE is `$` without `m` in JavaScript.
          const pattern = new RegExp(
            exactly(names)
              .replace(/\\z$/, "$")
              .replaceAll(/\\([^\w$^\\.*+?()[\]{}|/-])/g, "$1"),
            "u",
          );
          for (const name of names) expect(pattern.test(name)).toBe(true);
          expect(pattern.test(other)).toBe(names.includes(other));
        },
      ),
    );
    expect(exactly([])).toBe("^$");
  });

  test("speaks only TLS where a client asks for it, with a certificate of its own", () => {
    const encrypted: Edge = { from: "web", to: "bus", type: "connects-to", protocol: "amqps", encrypted: true };
    const leaf = alone({}, encrypted);
    expect(leaf?.services?.rabbitmq?.configItems).toMatchObject({
      "listeners.tcp": "none",
      "listeners.ssl.1": "127.0.0.1:5672",
      "ssl_options.certfile": "/var/lib/cim-rabbitmq-tls/server.crt",
    });
    expect(leaf?.systemd?.services?.["cim-rabbitmq-tls"]).toMatchObject({ requiredBy: ["rabbitmq.service"] });
  });
});
