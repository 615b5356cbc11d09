import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { AgentNode, MessageBusNode } from "../../../../../src/domain/graph/node.ts";
import { defined } from "../../../../../src/domain/kernel/mod.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, nats, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

const publishes = (from: string, topic: string): Edge => ({ from, to: "bus", type: "publishes-to", topic });
const subscribes = (from: string, topic: string, consumerGroup?: string): Edge => ({
  from,
  to: "bus",
  type: "subscribes-to",
  topic,
  ...defined({ consumerGroup }),
});
const agent: AgentNode = { id: "helper", type: "agent", capabilities: ["help"], subscriptions: ["questions.>"] };

const leaf = (bus: Partial<MessageBusNode>, ...edges: ReadonlyArray<Edge>) =>
  configurations(graph([host("leaf-1"), nats("bus", bus), service("web"), service("api"), agent], edges))["leaf-1"];
const usersOf = (bus: Partial<MessageBusNode>, ...edges: ReadonlyArray<Edge>) =>
  leaf(bus, ...edges)?.services?.nats?.settings?.authorization?.users;

describe("the users of a NATS server", () => {
  test("are nobody where the graph gives nobody a right", () => {
    expect(leaf({})?.services?.nats?.settings).not.toHaveProperty("authorization");
    expect(leaf({})?.systemd?.services).not.toHaveProperty("nats");
  });

  test("may publish and subscribe what their edges say, and what is below it; those who listen may answer", () => {
    expect(usersOf({}, publishes("web", "orders"), subscribes("web", "replies"), subscribes("api", "orders"))).toEqual([
      {
        user: "api",
        password: "api.password",
        permissions: {
          publish: { deny: [">"] },
          subscribe: { allow: ["orders", "orders.>", "_INBOX.>"] },
          allow_responses: true,
        },
      },
      {
        user: "web",
        password: "web.password",
        permissions: {
          publish: { allow: ["orders", "orders.>"] },
          subscribe: { allow: ["replies", "replies.>", "_INBOX.>"] },
          allow_responses: true,
        },
      },
    ]);
  });

  test("may not do what is another topic's, though its name be below theirs", () => {
    const topics = [{ name: "orders" }, { name: "orders.eu" }];
    expect(usersOf({ topics }, publishes("web", "orders"))).toMatchObject([
      { permissions: { publish: { allow: ["orders"] } } },
    ]);
  });

  test("that belong to a consumer group subscribe as its members only", () => {
    expect(usersOf({}, subscribes("api", "orders", "workers"))).toMatchObject([
      { permissions: { subscribe: { allow: ["orders workers", "orders.> workers", "_INBOX.>"] } } },
    ]);
  });

  test("have no rights on what NATS cannot name", () => {
    expect(usersOf({}, publishes("web", "a b"), subscribes("web", "orders", "my group"))).toMatchObject([
      { permissions: { publish: { deny: [">"] }, subscribe: { allow: ["_INBOX.>"] } } },
    ]);
  });

  test("are agents with their subscriptions too, if they use the bus", () => {
    expect(usersOf({}, { from: "helper", to: "bus", type: "depends-on" })).toMatchObject([
      { user: "helper", permissions: { subscribe: { allow: ["questions.>", "_INBOX.>"] } } },
    ]);
  });

  test("may use what reading the streams of their topics takes, with a consumer named like their group", () => {
    const bus = { persistence: true, topics: [{ name: "orders.new" }, { name: "other" }] };
    const users = usersOf(
      bus,
      publishes("web", "orders.new"),
      subscribes("api", "orders.new", "the.workers"),
      subscribes("helper", "other"),
    );
    expect(users).toMatchObject([
      {
        user: "api",
        permissions: {
          publish: {
            allow: [
              "$JS.API.INFO",
              "$JS.API.STREAM.NAMES",
              "$JS.API.STREAM.INFO.orders_new",
              "$JS.API.CONSUMER.CREATE.orders_new.the_workers",
              "$JS.API.CONSUMER.CREATE.orders_new.the_workers.>",
              "$JS.API.CONSUMER.DURABLE.CREATE.orders_new.the_workers",
              "$JS.API.CONSUMER.INFO.orders_new.the_workers",
              "$JS.API.CONSUMER.MSG.NEXT.orders_new.the_workers",
              "$JS.ACK.orders_new.the_workers.>",
              "$JS.FC.orders_new.the_workers.>",
            ],
          },
        },
      },
      { user: "helper", permissions: { publish: { allow: expect.arrayContaining(["$JS.ACK.other.*.>"]) } } },
      { user: "web", permissions: { publish: { allow: ["orders.new", "orders.new.>"] } } },
      {
        user: "cim_streams",
        permissions: {
          publish: {
            allow: [
              "$JS.API.INFO",
              "$JS.API.STREAM.NAMES",
              "$JS.API.STREAM.LIST",
              "$JS.API.STREAM.INFO.orders_new",
              "$JS.API.STREAM.CREATE.orders_new",
              "$JS.API.STREAM.UPDATE.orders_new",
              "$JS.API.STREAM.INFO.other",
              "$JS.API.STREAM.CREATE.other",
              "$JS.API.STREAM.UPDATE.other",
            ],
          },
        },
      },
    ]);
  });

  test("have their passwords in files, which the server's settings are put together with when it starts", () => {
    const bus = { persistence: true, topics: [{ name: "orders" }] };
    const services = leaf(bus, publishes("web", "orders"))?.systemd?.services;
    expect(services?.nats?.serviceConfig).toEqual({
      ExecStartPre: [
        '<programs.natsSettings>/bin/nats-settings <nats.json "<config.services.nats.settings>"> /run/cim-nats cim_streams.password',
      ],
      RuntimeDirectory: ["cim-nats"],
      LoadCredential: ["web.password:/run/secrets/cim/bus/web.password"],
      ExecStart: "<pkgs.nats-server>/bin/nats-server -c /run/cim-nats/nats.json",
    });
    expect(services?.["cim-nats-streams"]).toMatchObject({
      environment: { NATS_USER: "cim_streams" },
      serviceConfig: { LoadCredential: ["password:/run/cim-nats/cim_streams.password"] },
    });
  });

  test("are the leaf nodes that dial in too, since such a server takes nobody else", () => {
    const document = graph(
      [
        host("leaf-1"),
        host("leaf-2"),
        nats("bus"),
        nats("edge", { leafRemotes: [{ url: "nats-leaf://10.0.0.1" }] }),
        service("web"),
      ],
      [...runsOn("bus", "leaf-1"), ...runsOn("web", "leaf-1"), ...runsOn("edge", "leaf-2")],
      publishes("web", "orders"),
    );
    const hosts = configurations(document);
    expect(hosts["leaf-1"]?.services?.nats?.settings?.leafnodes).toEqual({
      host: "0.0.0.0",
      port: 7422,
      authorization: { users: [{ user: "edge", password: "edge.password" }] },
    });
    expect(hosts["leaf-2"]?.services?.nats?.settings?.leafnodes).toEqual({
      remotes: [{ url: "nats-leaf://edge:bus_leaf.password@10.0.0.1:7422" }],
    });
    expect(hosts["leaf-2"]?.systemd?.services?.nats?.serviceConfig?.LoadCredential).toEqual([
      "bus_leaf.password:/run/secrets/cim/bus/edge.password",
    ]);
    const secret = { path: "/run/secrets/cim/bus/edge.password", content: "the password of edge on bus, one line" };
    expect([...specify(document)].map(({ secrets }) => secrets)).toMatchObject([
      [
        { ...secret, node: "bus" },
        { path: "/run/secrets/cim/bus/web.password", node: "bus" },
        { path: "/run/secrets/cim/bus/web.password", node: "web" },
      ],
      [{ ...secret, node: "edge" }],
    ]);
  });

  test("keep their rates in the specification: NATS limits none", () => {
    const rateLimit = { requestsPerSecond: 10, burstSize: 20 };
    const edge: Edge = { from: "web", to: "bus", type: "publishes-to", topic: "orders", rateLimit };
    const document = graph([host("leaf-1"), nats("bus"), service("web")], edge);
    expect([...specify(document)][0]?.nodes[0]).toMatchObject({
      permissions: [{ node: "web", publish: [{ topic: "orders", rateLimit }], subscribe: [] }],
    });
  });
});
