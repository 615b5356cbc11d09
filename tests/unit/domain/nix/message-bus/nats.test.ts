import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { GraphDocument } from "../../../../../src/domain/graph/document.ts";
import type { MessageBusNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, nats, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

const alone = (more: Partial<MessageBusNode>) => configurations(graph([host("leaf-1"), nats("bus", more)]))["leaf-1"];
const alike = (document: GraphDocument, id: string) =>
  [...specify(document)].map(({ nodes }) => nodes.find((node) => node.id === id));

describe("nats", () => {
  test("keeps nothing without persistence: JetStream is forced off, which NixOS alone would leave on", () => {
    expect(alone({})?.services?.nats).toEqual({
      enable: true,
      serverName: "bus-leaf-1",
      port: 4222,
      jetstream: false,
      settings: { host: "127.0.0.1", http: "127.0.0.1:8222", jetstream: false },
    });
  });

  test("keeps messages with persistence, within the disk and the memory it may use", () => {
    const leaf = alone({ persistence: true, resources: { diskGb: 2, memoryMb: 512 } });
    expect(leaf?.services?.nats).toMatchObject({
      jetstream: true,
      settings: { jetstream: { max_file_store: 2 * 1024 ** 3, max_memory_store: 256 * 1024 ** 2 } },
    });
    expect(leaf?.systemd?.services?.nats).toEqual({
      environment: { GOMEMLIMIT: "460MiB" },
      serviceConfig: { MemoryMax: "512M" },
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
      leafnodes: { host: "0.0.0.0", port: 7422 },
    });
    expect(hosts["leaf-1"]?.services?.nats?.settings?.leafnodes).not.toHaveProperty("authorization");
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toContain("ip saddr 10.0.0.3 tcp dport 7422 accept");
    expect(hosts["leaf-2"]?.services?.nats?.settings).toMatchObject({ jetstream: { domain: "hub" } });
    expect(hosts["leaf-2"]?.services?.nats?.settings).not.toHaveProperty("leafnodes");
  });

  test("dials hosts with DNS names, and those named by their id by their address", () => {
    const document = graph(
      [
        host("leaf-1", { address: "hub.example.org" }),
        host("leaf-2"),
        host("leaf-3", { address: "fd00::3" }),
        nats("hub"),
        nats("edge", { leafRemotes: [{ url: "nats-leaf://leaf-1" }, { url: "nats-leaf://leaf-3:7000" }] }),
      ],
      [...runsOn("hub", "leaf-1", "leaf-3"), ...runsOn("edge", "leaf-2")],
    );
    const hosts = configurations(document);
    expect(hosts["leaf-2"]?.services?.nats?.settings?.leafnodes?.remotes).toEqual([
      { url: "nats-leaf://hub.example.org:7422" },
      { url: "nats-leaf://[fd00::3]:7000" },
    ]);
    expect(hosts["leaf-3"]?.services?.nats?.settings).toMatchObject({
      cluster: { host: "::", routes: ["nats://hub.example.org:6222"] },
      leafnodes: { host: "::", port: 7000 },
    });
  });

  test("keeps its topics in streams that one of its hosts makes", () => {
    const topics = [
      { name: "orders", retentionHours: 72, replicationFactor: 2 },
      { name: "orders.eu", retentionHours: 1e12 },
      { name: "a.*" },
    ];
    const [first, second] = alike(
      graph(
        [host("leaf-1"), host("leaf-2"), nats("bus", { persistence: true, topics })],
        runsOn("bus", "leaf-1", "leaf-2"),
      ),
      "bus",
    );
    const streams = [
      { topic: "orders", name: "orders", subjects: ["orders"], maxAgeSeconds: 259_200, replicas: 2 },
      { topic: "orders.eu", name: "orders_eu", subjects: ["orders.eu", "orders.eu.>"], replicas: 1 },
      { topic: "a.*", name: "a__", subjects: ["a.*", "a.*.>"], replicas: 1 },
    ];
    expect(first).toMatchObject({ streams, makesStreams: true });
    expect(second).toMatchObject({ streams, makesStreams: false });
  });

  test("has no more copies of a stream than it has servers, or NATS keeps", () => {
    const topics = [{ name: "orders", replicationFactor: 9 }];
    const ids = ["leaf-1", "leaf-2", "leaf-3", "leaf-4", "leaf-5", "leaf-6"];
    const replicas = (count: number) =>
      alike(
        graph(
          [...ids.map((id) => host(id)), nats("bus", { persistence: true, topics })],
          runsOn("bus", ...ids.slice(0, count)),
        ),
        "bus",
      )[0];
    expect(replicas(3)).toMatchObject({ streams: [{ replicas: 3 }] });
    expect(replicas(6)).toMatchObject({ streams: [{ replicas: 5 }] });
  });

  test("hands the configuration of each stream to the NATS command line", () => {
    const unit = alone({ persistence: true, topics: [{ name: "orders", retentionHours: 1 }] })?.systemd?.services?.[
      "cim-nats-streams"
    ];
    expect(unit).toMatchObject({ after: ["nats.service"], environment: { NATS_URL: "nats://127.0.0.1:4222" } });
    expect(unit?.serviceConfig?.ExecStart).toMatch(
      /^<programs.natsStreams>\/bin\/nats-streams orders <stream.json \{.+\}>$/,
    );
    expect(unit?.serviceConfig?.ExecStart).toContain('"subjects":["orders","orders.>"]');
    expect(unit?.serviceConfig?.ExecStart).toContain('"max_age":3600000000000');
  });

  const streamsOf = (...names: ReadonlyArray<string>) => {
    const [bus] = alike(
      graph([host("leaf-1"), nats("bus", { persistence: true, topics: names.map((name) => ({ name })) })]),
      "bus",
    );
    return bus?.type === "message-bus" && bus.engine === "nats" ? bus.streams : [];
  };

  test("gives every stream a name of its own that NATS takes, whatever its topic is called", () => {
    expect(streamsOf("a.b", "a_b").map(({ name }) => name)).toEqual([
      expect.stringMatching(/^a_b-[0-9a-z]{8}$/),
      "a_b",
    ]);
    expect(streamsOf("-x").map(({ name }) => name)).toEqual(["_x"]);
    expect(streamsOf("x".repeat(300)).map(({ name }) => name)).toEqual([expect.stringMatching(/^x{191}-[0-9a-z]{8}$/)]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", ".", "_", "/", "*", ">", " ") })), (topics) => {
        const names = streamsOf(...topics).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/);
      }),
    );
  });

  test("keeps no subject twice, and none that NATS has not: it would refuse the stream", () => {
    expect(streamsOf("a.*.c", "a.b.*", "a b", "a..b", "d", "d")).toMatchObject([{ topic: "a.*.c" }, { topic: "d" }]);
  });

  test("makes itself a certificate where a client asks for TLS, and lets others in only where there are any", () => {
    const connection = { to: "bus", type: "connects-to", protocol: "nats" } as const;
    const document = (encrypted: boolean) =>
      configurations(
        graph(
          [host("leaf-1"), nats("bus", { persistence: true, topics: [{ name: "a" }] }), service("web"), service("api")],
          { from: "web", ...connection, encrypted: true },
          { from: "api", ...connection, encrypted },
        ),
      )["leaf-1"];
    const tls = {
      cert_file: "/var/lib/cim-nats-tls/server.crt",
      key_file: "/var/lib/cim-nats-tls/server.key",
    };
    expect(document(false)?.services?.nats?.settings).toMatchObject({ tls, allow_non_tls: true });
    expect(document(true)?.services?.nats?.settings).toMatchObject({ tls });
    expect(document(true)?.services?.nats?.settings).not.toHaveProperty("allow_non_tls");
    expect(document(true)?.systemd?.services).toMatchObject({
      nats: { serviceConfig: { ExecStart: "<pkgs.nats-server>/bin/nats-server -c /run/cim-nats/nats.json" } },
      "cim-nats-tls": {
        requiredBy: ["nats.service"],
        serviceConfig: { ExecStart: expect.stringContaining("subjectAltName=IP:10.0.0.1,DNS:leaf-1,DNS:localhost") },
      },
      "cim-nats-streams": {
        environment: { NATS_URL: "tls://127.0.0.1:4222", NATS_CA: "%d/ca.crt" },
        serviceConfig: { LoadCredential: ["ca.crt:/var/lib/cim-nats-tls/server.crt"] },
      },
    });
  });
});
