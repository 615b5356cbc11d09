import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { MessageBusNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, runsOn, service } from "../graphs.ts";
import { type Configuration, configurations } from "../rendering.ts";

const kafka = (more: Partial<MessageBusNode> = {}): MessageBusNode => ({
  id: "bus",
  type: "message-bus",
  engine: "kafka",
  ...more,
});
const alone = (bus: Partial<MessageBusNode>, ...edges: ReadonlyArray<Edge>) =>
  configurations(graph([host("leaf-1"), kafka(bus), service("web"), service("api")], edges))["leaf-1"];
const settingsOf = (leaf: Configuration | undefined) => leaf?.services?.["apache-kafka"]?.settings;
const topicsUnit = (leaf: Configuration | undefined) => leaf?.systemd?.services?.["cim-kafka-topics"];

const publishes: Edge = { from: "web", to: "bus", type: "publishes-to", topic: "orders" };
const subscribes: Edge = { from: "api", to: "bus", type: "subscribes-to", topic: "orders", consumerGroup: "my group" };
const connects = (encrypted = false): Edge => ({
  from: "web",
  to: "bus",
  type: "connects-to",
  protocol: "tcp",
  encrypted,
});

describe("kafka", () => {
  test("alone is broker and controller at once, on the loopback", () => {
    expect(alone({})?.services?.["apache-kafka"]).toEqual({
      enable: true,
      formatLogDirs: true,
      clusterId: expect.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/),
      settings: {
        "node.id": 1,
        "process.roles": ["broker", "controller"],
        "controller.quorum.voters": ["1@127.0.0.1:9093"],
        "controller.listener.names": ["CONTROLLERS"],
        "inter.broker.listener.name": "SERVERS",
        listeners: ["CLIENTS://127.0.0.1:9092", "CONTROLLERS://127.0.0.1:9093", "SERVERS://127.0.0.1:9094"],
        "advertised.listeners": ["CLIENTS://127.0.0.1:9092", "SERVERS://127.0.0.1:9094"],
        "listener.security.protocol.map": ["CLIENTS:PLAINTEXT", "CONTROLLERS:PLAINTEXT", "SERVERS:PLAINTEXT"],
        "log.dirs": ["/var/lib/apache-kafka"],
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "log.retention.hours": 168,
      },
    });
    expect(alone({})?.systemd?.services).not.toHaveProperty("cim-kafka-topics");
  });

  test("on several hosts is a cluster, whose servers reach each other and nobody else does", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2", { address: "fd00::2" }), host("leaf-3", { address: "c.example.org" }), kafka()],
      runsOn("bus", "leaf-1", "leaf-2", "leaf-3"),
    );
    const hosts = configurations(document);
    expect(settingsOf(hosts["leaf-2"])).toMatchObject({
      "node.id": 2,
      "controller.quorum.voters": ["1@10.0.0.1:9093", "2@[fd00::2]:9093", "3@c.example.org:9093"],
      listeners: ["CLIENTS://127.0.0.1:9092", "CONTROLLERS://[::]:9093", "SERVERS://[::]:9094"],
      "advertised.listeners": ["CLIENTS://[fd00::2]:9092", "SERVERS://[fd00::2]:9094"],
      "offsets.topic.replication.factor": 3,
      "transaction.state.log.min.isr": 2,
    });
    const ids = Object.values(hosts).map((leaf) => leaf.services?.["apache-kafka"]?.clusterId);
    expect(new Set(ids).size).toBe(1);
    const rules = String(hosts["leaf-1"]?.networking?.firewall?.extraInputRules);
    for (const port of [9093, 9094])
      expect(rules).toContain(`ip6 saddr fd00::2 tcp dport ${port} accept # bus to bus\n`);
    expect(rules).not.toContain("9092");
  });

  test("makes its topics, with no more copies than it has servers", () => {
    const topics = [
      { name: "orders", partitions: 6, replicationFactor: 3, retentionHours: 1.5 },
      { name: "not a topic" },
      { name: "..", partitions: 2 },
      { name: "rest" },
    ];
    const leaf = alone({ topics });
    expect(settingsOf(leaf)).toMatchObject({ "auto.create.topics.enable": false });
    expect(topicsUnit(leaf)?.serviceConfig?.ExecStart).toEqual([
      "<programs.kafkaTopics>/bin/kafka-topics 127.0.0.1:9094 /dev/null orders 6 1 5400000 rest 1 1 604800000",
    ]);
  });

  test("keeps messages for ever with persistence, as far as the disk goes", () => {
    const topics = [{ name: "orders", partitions: 4 }];
    const leaf = alone({ topics, persistence: true, resources: { diskGb: 8, memoryMb: 1024 } });
    expect(settingsOf(leaf)).toMatchObject({
      "log.retention.ms": -1,
      "log.retention.bytes": 2 * 1024 ** 3,
      "log.segment.bytes": 512 * 1024 ** 2,
    });
    expect(settingsOf(leaf)).not.toHaveProperty("log.retention.hours");
    expect(leaf?.services?.["apache-kafka"]?.jvmOptions).toEqual(["-XX:MaxRAMPercentage=50"]);
    expect(String(topicsUnit(leaf)?.serviceConfig?.ExecStart)).toMatch(/orders 4 1 -1$/);
  });

  test("knows its clients by password where the graph gives rights, and gives nobody any other", () => {
    const leaf = alone({ topics: [{ name: "orders" }] }, publishes, subscribes);
    expect(settingsOf(leaf)).toMatchObject({
      "listener.security.protocol.map": [
        "CLIENTS:SASL_PLAINTEXT",
        "CONTROLLERS:SASL_PLAINTEXT",
        "SERVERS:SASL_PLAINTEXT",
      ],
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:cim_broker",
    });
    expect(leaf?.services?.["apache-kafka"]?.jvmOptions).toEqual([
      "-Djava.security.auth.login.config=/run/cim-kafka/jaas.conf",
    ]);
    expect(leaf?.systemd?.services?.["apache-kafka"]?.serviceConfig).toMatchObject({
      ExecStartPre: ["<programs.kafkaPasswords>/bin/kafka-passwords /run/cim-kafka cim_broker api web"],
      LoadCredential: [
        "api.password:/run/secrets/cim/bus/api.password",
        "web.password:/run/secrets/cim/bus/web.password",
      ],
    });
    expect(topicsUnit(leaf)?.serviceConfig?.ExecStart).toEqual([
      expect.stringMatching(/127\.0\.0\.1:9094 \/run\/cim-kafka\/client\.properties orders 1 1 604800000$/),
      "<programs.kafkaRights>/bin/kafka-rights 127.0.0.1:9094 /run/cim-kafka/client.properties " +
        'api READ TOPIC orders api DESCRIBE TOPIC orders api READ GROUP "my group" ' +
        "web WRITE TOPIC orders web DESCRIBE TOPIC orders",
    ]);
  });

  test("gives no right on every topic or group by accident", () => {
    const everything: Edge = { from: "web", to: "bus", type: "publishes-to", topic: "*" };
    const everybody: Edge = { from: "api", to: "bus", type: "subscribes-to", topic: "orders", consumerGroup: "*" };
    const leaf = alone({}, everything, everybody);
    expect(String(topicsUnit(leaf)?.serviceConfig?.ExecStart)).toMatch(/client\.properties$/);
  });

  test("of several hosts has a password that its servers share", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), host("leaf-3"), kafka(), service("web")],
      [...runsOn("bus", "leaf-1", "leaf-2"), ...runsOn("web", "leaf-3")],
      publishes,
    );
    const paths = [...specify(document)].map(({ secrets }) => secrets.map(({ path }) => path));
    const expected = ["/run/secrets/cim/bus/cim_broker.password", "/run/secrets/cim/bus/web.password"];
    expect(paths).toEqual([expected, expected, ["/run/secrets/cim/bus/web.password"]]);
    const hosts = configurations(document);
    expect(topicsUnit(hosts["leaf-1"])).toBeDefined();
    expect(topicsUnit(hosts["leaf-2"])).toBeUndefined();
  });

  test("speaks TLS to clients, with a certificate of its own, where one asks for it", () => {
    const leaf = alone({}, connects(true), publishes);
    expect(settingsOf(leaf)).toMatchObject({
      "listener.security.protocol.map": ["CLIENTS:SASL_SSL", "CONTROLLERS:SASL_PLAINTEXT", "SERVERS:SASL_PLAINTEXT"],
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": "/var/lib/cim-kafka-tls/server.pem",
    });
    expect(leaf?.systemd?.services?.["cim-kafka-tls"]).toMatchObject({
      requiredBy: ["apache-kafka.service"],
      serviceConfig: { User: "apache-kafka" },
    });
  });

  test("listens beyond the loopback once a client is on another host, under the address of its host", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), kafka(), service("web")],
      [...runsOn("bus", "leaf-1"), ...runsOn("web", "leaf-2")],
      connects(),
    );
    expect(settingsOf(configurations(document)["leaf-1"])).toMatchObject({
      listeners: ["CLIENTS://0.0.0.0:9092", "CONTROLLERS://127.0.0.1:9093", "SERVERS://127.0.0.1:9094"],
      "advertised.listeners": ["CLIENTS://10.0.0.1:9092", "SERVERS://127.0.0.1:9094"],
    });
  });
});
