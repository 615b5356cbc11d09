import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import type { MessageBusNode } from "../../../../src/domain/graph/node.ts";
import { specify } from "../../../../src/domain/nix/mod.ts";
import { graph, host, nats, runsOn, service } from "./graphs.ts";
import { configurations, problemsOf } from "./rendering.ts";

const alone = (more: Partial<MessageBusNode>) => configurations(graph([host("leaf-1"), nats("bus", more)]))["leaf-1"];
const reasons = (more: Partial<MessageBusNode>) =>
  problemsOf(graph([host("leaf-1"), nats("bus", more)])).map(({ reason }) => reason);

describe("nats", () => {
  test("keeps nothing without persistence: JetStream is forced off, which NixOS alone would leave on", () => {
    expect(alone({})?.services?.nats).toEqual({
      ...{ enable: true, serverName: "bus-leaf-1", port: 4222, jetstream: false },
      settings: { host: "127.0.0.1", jetstream: false },
    });
  });

  test("keeps messages with persistence, within the disk it may use", () => {
    expect(alone({ persistence: true, resources: { diskGb: 2 } })?.services?.nats).toMatchObject({
      jetstream: true,
      settings: { jetstream: { max_file_store: 2 * 1024 ** 3 } },
    });
  });

  test("listens beyond the loopback once a client is on another host", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), nats("bus"), service("web")],
      [...runsOn("bus", "leaf-1"), ...runsOn("web", "leaf-2")],
      { from: "web", to: "bus", type: "connects-to", protocol: "nats" },
    );
    expect(configurations(document)["leaf-1"]).toMatchObject({
      services: { nats: { settings: { host: "0.0.0.0" } } },
      networking: { firewall: { extraInputRules: "ip saddr 10.0.0.2 tcp dport 4222 accept # web to bus\n" } },
    });
  });

  test("on several hosts is a cluster, whose servers reach each other and nobody else does", () => {
    const hosts = configurations(
      graph([host("leaf-1"), host("leaf-2"), host("leaf-3"), nats("bus")], runsOn("bus", "leaf-1", "leaf-2", "leaf-3")),
    );
    expect(hosts["leaf-2"]).toMatchObject({
      services: {
        nats: {
          serverName: "bus-leaf-2",
          settings: { cluster: { name: "bus", port: 6222, routes: ["nats://10.0.0.1:6222", "nats://10.0.0.3:6222"] } },
        },
      },
      networking: {
        firewall: {
          extraInputRules:
            "ip saddr 10.0.0.1 tcp dport 6222 accept # bus to bus\nip saddr 10.0.0.3 tcp dport 6222 accept # bus to bus\n",
        },
      },
    });
  });

  test("dials out as a leaf node, and the bus it dials lets exactly it in", () => {
    const remote = { url: "nats-leaf://10.0.0.1:7422", credentialsFile: "/run/secrets/leaf.creds" };
    const hosts = configurations(
      graph(
        [
          host("leaf-1"),
          host("leaf-2"),
          host("leaf-3"),
          nats("hub", { persistence: true }),
          nats("edge", { persistence: true, leafRemotes: [remote] }),
        ],
        [...runsOn("hub", "leaf-1", "leaf-2"), ...runsOn("edge", "leaf-3")],
      ),
    );
    expect(hosts["leaf-3"]?.services?.nats?.settings).toMatchObject({
      jetstream: { domain: "edge" },
      leafnodes: { remotes: [{ url: remote.url, credentials: remote.credentialsFile }] },
    });
    expect(hosts["leaf-1"]?.services?.nats?.settings).toMatchObject({
      jetstream: { domain: "hub" },
      leafnodes: { port: 7422 },
    });
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toContain("ip saddr 10.0.0.3 tcp dport 7422 accept");
    expect(hosts["leaf-2"]?.services?.nats?.settings).toMatchObject({ jetstream: { domain: "hub" } });
    expect(hosts["leaf-2"]?.services?.nats?.settings).not.toHaveProperty("leafnodes");
  });

  test("keeps its topics in streams that one of its hosts makes", () => {
    const topics = [
      { name: "orders", retentionHours: 72, replicationFactor: 2 },
      { name: "orders.eu" },
      { name: "a.*" },
    ];
    const result = specify(
      graph(
        [host("leaf-1"), host("leaf-2"), nats("bus", { persistence: true, topics })],
        runsOn("bus", "leaf-1", "leaf-2"),
      ),
    );
    const [first, second] = Result.getOrThrow(result).hosts.map(({ nodes: [node] }) => node);
    expect(first).toMatchObject({
      streams: [
        { name: "orders", subjects: ["orders"], maxAgeSeconds: 259_200, replicas: 2 },
        { name: "orders_eu", subjects: ["orders.eu", "orders.eu.>"], replicas: 1 },
        { name: "a__", subjects: ["a.*"], replicas: 1 },
      ],
    });
    expect(second).toMatchObject({ streams: [] });
  });

  test("hands the configuration of each stream to the NATS command line", () => {
    const unit = alone({ persistence: true, topics: [{ name: "orders", retentionHours: 1 }] })?.systemd?.services?.[
      "nats-streams"
    ];
    expect(unit?.after).toEqual(["nats.service"]);
    expect(unit?.serviceConfig?.ExecStart).toMatch(/^<nats-streams>\/bin\/nats-streams orders <orders.json \{.+\}>$/);
    expect(unit?.serviceConfig?.ExecStart).toContain('"subjects":["orders","orders.>"]');
    expect(unit?.serviceConfig?.ExecStart).toContain('"max_age":3600000000000');
  });

  test("knows what each node may publish and subscribe", () => {
    const document = graph(
      [host("leaf-1"), nats("bus"), service("web"), service("api")],
      { from: "web", to: "bus", type: "publishes-to", topic: "orders" },
      { from: "web", to: "bus", type: "subscribes-to", topic: "replies" },
      { from: "api", to: "bus", type: "subscribes-to", topic: "orders", consumerGroup: "workers" },
    );
    expect(Result.getOrThrow(specify(document)).hosts[0]?.nodes.find(({ id }) => id === "bus")).toMatchObject({
      permissions: [
        { node: "api", publish: [], subscribe: [{ topic: "orders", consumerGroup: "workers" }] },
        { node: "web", publish: ["orders"], subscribe: [{ topic: "replies" }] },
      ],
    });
  });

  test.each<[string, Partial<MessageBusNode>]>([
    ["is no NATS subject", { topics: [{ name: "a b" }] }],
    ["has the same stream name", { topics: [{ name: "a.b" }, { name: "a_b" }] }],
    ["set `persistence`", { topics: [{ name: "a", retentionHours: 1 }] }],
    [
      "a replication factor of 3, but the bus runs on 1 host",
      { persistence: true, topics: [{ name: "a", replicationFactor: 3 }] },
    ],
    ["is to be kept longer than NATS can count", { persistence: true, topics: [{ name: "a", retentionHours: 1e12 }] }],
    ["is not of the form", { leafRemotes: [{ url: "nats-leaf://hub:70000" }] }],
    ["secrets belong into `credentialsFile`", { leafRemotes: [{ url: "nats://user:secret@hub:7422" }] }],
    ["is not an absolute path", { leafRemotes: [{ url: "nats://hub:7422", credentialsFile: "leaf.creds" }] }],
  ])("is refused: %s", (reason, more) => {
    expect(reasons(more)).toEqual([expect.stringContaining(reason)]);
  });
});
