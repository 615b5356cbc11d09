import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { MessageBusNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, runsOn, service } from "../graphs.ts";
import { type Configuration, configurations } from "../rendering.ts";

const redis = (more: Partial<MessageBusNode> = {}): MessageBusNode => ({
  id: "bus",
  type: "message-bus",
  engine: "redis",
  ...more,
});
const alone = (bus: Partial<MessageBusNode>, ...edges: ReadonlyArray<Edge>) =>
  configurations(graph([host("leaf-1"), redis(bus), service("web"), service("api")], edges))["leaf-1"];
const serverOf = (leaf: Configuration | undefined, name = "bus") => leaf?.services?.redis?.servers?.[name];

const publishes = (topic: string): Edge => ({ from: "web", to: "bus", type: "publishes-to", topic });
const subscribes: Edge = { from: "api", to: "bus", type: "subscribes-to", topic: "orders", consumerGroup: "workers" };
const encrypted: Edge = { from: "web", to: "bus", type: "connects-to", protocol: "redis", encrypted: true };

describe("redis as a bus", () => {
  test("keeps nothing without persistence, and listens on the loopback", () => {
    expect(serverOf(alone({}))).toEqual({ enable: true, port: 6379, bind: "127.0.0.1", appendOnly: false, save: [] });
  });

  test("writes every change to disk with persistence, and takes no more than its memory holds", () => {
    expect(serverOf(alone({ persistence: true, resources: { memoryMb: 100 } }))).toEqual({
      enable: true,
      port: 6379,
      bind: "127.0.0.1",
      appendOnly: true,
      settings: { maxmemory: String(75 * 1024 ** 2), "maxmemory-policy": "noeviction" },
    });
  });

  test("has a name of a length that users can have", () => {
    const document = graph([host("leaf-1"), redis({ id: "a-bus-with-a-name-that-is-long" })]);
    const [name = ""] = Object.keys(configurations(document)["leaf-1"]?.services?.redis?.servers ?? {});
    expect(name).toMatch(/^a-bus-with-a-nam-[0-9a-z]{8}$/);
  });

  test("on several hosts follows its first one, which takes messages only with as many copies as asked for", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), host("leaf-3"), redis({ topics: [{ name: "a", replicationFactor: 2 }] })],
      runsOn("bus", "leaf-1", "leaf-2", "leaf-3"),
    );
    const hosts = configurations(document);
    expect(serverOf(hosts["leaf-1"])).toMatchObject({
      bind: null,
      settings: { "protected-mode": "no", "min-replicas-to-write": "1" },
    });
    expect(serverOf(hosts["leaf-2"])).toEqual({
      enable: true,
      port: 6379,
      bind: "127.0.0.1",
      appendOnly: false,
      save: [],
      slaveOf: { ip: "10.0.0.1", port: 6379 },
    });
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toBe(
      "ip saddr 10.0.0.2 tcp dport 6379 accept # bus to bus\nip saddr 10.0.0.3 tcp dport 6379 accept # bus to bus\n",
    );
    expect(hosts["leaf-2"]?.networking?.firewall ?? {}).not.toHaveProperty("extraInputRules");
  });

  test("has a user for each node with rights, on the channels and streams of its topics, and no other", () => {
    const leaf = alone({}, publishes("or*ders"), subscribes);
    expect(serverOf(leaf)?.settings).toEqual({ aclfile: "/run/redis-bus/users.acl" });
    const common =
      "resetchannels -@all +auth +hello +ping +echo +reset +quit +client|id +client|getname +client|setname +command " +
      "+unsubscribe +punsubscribe +sunsubscribe";
    const escaped = String.raw`or\\*ders`;
    expect(leaf?.systemd?.services?.["redis-bus"]?.serviceConfig).toEqual({
      ExecStartPre: [
        "<programs.redisUsers>/bin/redis-users /run/redis-bus " +
          `api "${common} (+subscribe +psubscribe +ssubscribe +xread +xrange +xrevrange +xlen &orders &orders.* %%R~orders) ` +
          '(+xgroup|create +xgroup|createconsumer +xreadgroup +xack +xpending +xclaim +xautoclaim ~orders)" ' +
          `web "${common} (+publish +spublish +xadd &${escaped} &${escaped}.* %%W~${escaped})"`,
      ],
      LoadCredential: [
        "api.password:/run/secrets/cim/bus/api.password",
        "web.password:/run/secrets/cim/bus/web.password",
      ],
    });
  });

  test("matches white space, which its rules cannot hold, by any character", () => {
    const [command] = Object(
      alone({}, publishes("a b\n+@all"))?.systemd?.services?.["redis-bus"]?.serviceConfig?.ExecStartPre,
    );
    expect(command).toContain("&a?b?+@all &a?b?+@all.* %%W~a?b?+@all)");
  });

  test("proves itself to the one that it follows where clients have to", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), redis(), service("web")],
      [...runsOn("bus", "leaf-1", "leaf-2"), ...runsOn("web", "leaf-1")],
      publishes("orders"),
    );
    const leaf = configurations(document)["leaf-2"];
    expect(serverOf(leaf)?.settings).toEqual({
      aclfile: "/run/redis-bus/users.acl",
      include: "/run/redis-bus/leader.conf",
    });
    expect(leaf?.systemd?.services?.["redis-bus"]?.serviceConfig?.ExecStartPre).toEqual([
      expect.stringContaining('cim_replica "resetchannels -@all +psync +replconf +ping"'),
      "<programs.redisLeader>/bin/redis-leader /run/redis-bus cim_replica",
    ]);
    expect([...specify(document)][1]?.secrets.map(({ path }) => path)).toEqual([
      "/run/secrets/cim/bus/cim_replica.password",
      "/run/secrets/cim/bus/web.password",
    ]);
  });

  test("drops what is older than its topic keeps", () => {
    const topics = [{ name: "my orders", retentionHours: 1.5 }, { name: "rest" }];
    const leaf = alone({ topics }, publishes("rest"));
    expect(leaf?.systemd?.timers).toHaveProperty("cim-redis-bus-trim");
    expect(leaf?.systemd?.services?.["cim-redis-bus-trim"]).toMatchObject({
      environment: { REDIS_USER: "cim_trim" },
      serviceConfig: {
        User: "redis-bus",
        LoadCredential: ["password:/run/redis-bus/cim_trim.password"],
        ExecStart: '<programs.redisTrim>/bin/redis-trim /run/redis-bus/redis.sock "my orders" 5400',
      },
    });
    expect(alone({ topics: [{ name: "rest" }] })?.systemd ?? {}).not.toHaveProperty("timers");
  });

  test("speaks only TLS where a client asks for it; its servers have a port of their own without", () => {
    expect(serverOf(alone({}, encrypted))).toMatchObject({
      port: 0,
      settings: {
        "tls-port": 6379,
        "tls-cert-file": "/var/lib/cim-redis-bus-tls/server.crt",
        "tls-key-file": "/var/lib/cim-redis-bus-tls/server.key",
        "tls-auth-clients": "no",
      },
    });
    const hosts = configurations(
      graph(
        [host("leaf-1"), host("leaf-2"), redis(), service("web")],
        [...runsOn("bus", "leaf-1", "leaf-2"), ...runsOn("web", "leaf-1")],
        encrypted,
      ),
    );
    expect(serverOf(hosts["leaf-1"])).toMatchObject({ port: 16_379 });
    expect(serverOf(hosts["leaf-2"])?.slaveOf).toEqual({ ip: "10.0.0.1", port: 16_379 });
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toContain(
      "ip saddr 10.0.0.2 tcp dport 16379 accept # bus to bus\n",
    );
  });
});
