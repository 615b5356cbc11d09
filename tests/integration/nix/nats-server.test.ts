import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { GraphDocument } from "../../../src/domain/graph/document.ts";
import type { Edge } from "../../../src/domain/graph/edge.ts";
import { defined } from "../../../src/domain/kernel/mod.ts";
import { graph, host, nats, runsOn, service } from "../../unit/domain/nix/graphs.ts";
import { addressOf, NatsServers, until } from "./nats-servers.ts";

const hosts = (...numbers: ReadonlyArray<number>) =>
  numbers.map((number) => host(`leaf-${number}`, { address: addressOf(number) }));

const publishes = (from: string, topic: string): Edge => ({ from, to: "bus", type: "publishes-to", topic });
const subscribes = (from: string, topic: string, consumerGroup?: string): Edge => ({
  from,
  to: "bus",
  type: "subscribes-to",
  topic,
  ...defined({ consumerGroup }),
});

let servers: NatsServers;
const started = async (document: GraphDocument, ...numbers: ReadonlyArray<number>): Promise<NatsServers> => {
  servers = new NatsServers(document);
  await Promise.all(numbers.map((number) => servers.start(number)));
  return servers;
};
afterEach(() => servers.stop());

/** What a subscription gets: its first message, or its error. */
const first = async (client: NatsConnection, subject: string, queue?: string): Promise<string> => {
  const subscription = client.subscribe(subject, { max: 1, ...defined({ queue }) });
  try {
    for await (const message of subscription) return message.string();
    return "nothing";
  } catch (error) {
    return String(error);
  }
};

/** The error that the server answers a message with, if any. */
const errorOf = async (client: NatsConnection, subject: string): Promise<string | undefined> => {
  const failed = (async () => {
    for await (const status of client.status()) if (status.type === "error") return String(status.error);
    return undefined;
  })();
  client.publish(subject, "hello");
  await client.flush();
  return Promise.race([failed, setTimeout(150, undefined)]);
};

describe("a rendered NATS server", () => {
  test("lets its clients do exactly what their edges say", async () => {
    const document = graph(
      [...hosts(1), nats("bus"), service("web"), service("api"), service("other")],
      publishes("web", "orders"),
      subscribes("api", "orders", "workers"),
      subscribes("other", "replies"),
    );
    const { client } = bound(await started(document, 1));
    const [web, api, other] = await Promise.all([client(1, "web"), client(1, "api"), client(1, "other")]);

    const received = first(api, "orders.>", "workers");
    await api.flush();
    web.publish("orders.eu", "hello");
    await expect(received).resolves.toBe("hello");
    await expect(first(api, "orders")).resolves.toMatch(/permissions violation/i);
    await expect(first(web, "orders")).resolves.toMatch(/permissions violation/i);
    await expect(first(other, "orders")).resolves.toMatch(/permissions violation/i);
    await expect(errorOf(web, "orders")).resolves.toBeUndefined();
    await expect(errorOf(web, "replies")).resolves.toMatch(/permissions violation/i);
    await expect(errorOf(other, "replies")).resolves.toMatch(/permissions violation/i);
    await expect(client(1, "nobody")).rejects.toThrow(/authorization/i);
    await expect(client(1, "web", { pass: "wrong" })).rejects.toThrow(/authorization/i);
  });

  test("lets subscribers answer requests, and nothing more", async () => {
    const document = graph(
      [...hosts(1), nats("bus"), service("web"), service("api")],
      publishes("web", "questions"),
      subscribes("api", "questions"),
    );
    const { client } = bound(await started(document, 1));
    const [web, api] = await Promise.all([client(1, "web"), client(1, "api")]);
    api.subscribe("questions", { callback: (_, message) => void message.respond("42") });
    await api.flush();
    await expect(web.request("questions", "?", { timeout: 60_000 }).then((answer) => answer.string())).resolves.toBe(
      "42",
    );
    await expect(errorOf(api, "_INBOX.web.1")).resolves.toMatch(/permissions violation/i);
  });

  test("lets the maker of streams make those of the graph, and readers read theirs", async () => {
    const document = graph(
      [
        ...hosts(1),
        nats("bus", { persistence: true, topics: [{ name: "orders.new" }, { name: "secrets" }] }),
        service("web"),
        service("api"),
        service("audit"),
      ],
      publishes("web", "orders.new"),
      subscribes("api", "orders.new", "workers"),
      subscribes("audit", "orders.new"),
    );
    const { client } = bound(await started(document, 1));
    const maker = await jetstreamManager(await client(1, "cim_streams"));
    for (const [name, subjects] of [
      ["orders_new", ["orders.new", "orders.new.>"]],
      ["secrets", ["secrets", "secrets.>"]],
    ] as const) {
      await expect(maker.streams.info(name)).rejects.toThrow(/not found/);
      await maker.streams.add({ name, subjects: [...subjects] });
      await maker.streams.update(name, { max_age: 3_600_000_000_000 });
    }
    await expect(maker.streams.add({ name: "third", subjects: ["third"] })).rejects.toThrow();

    const web = await client(1, "web");
    await jetstream(web).publish("orders.new.eu", "one");
    await expect(jetstream(web).publish("secrets", "none", { timeout: 500, retries: 0 })).rejects.toThrow();

    const api = await client(1, "api");
    await (await jetstreamManager(api)).consumers.add("orders_new", {
      durable_name: "workers",
      ack_policy: "explicit",
    });
    const message = await (await jetstream(api).consumers.get("orders_new", "workers")).next({ expires: 2000 });
    expect(message?.string()).toBe("one");
    await expect(message?.ackAck()).resolves.toBe(true);
    const refused = { durable_name: "mine", ack_policy: "explicit" } as const;
    await expect((await jetstreamManager(api)).consumers.add("orders_new", refused)).rejects.toThrow();
    await expect((await jetstreamManager(api)).streams.info("secrets")).rejects.toThrow();

    const audit = await client(1, "audit");
    const ordered = await jetstream(audit).consumers.get("orders_new");
    await expect(ordered.next({ expires: 2000 }).then((one) => one?.string())).resolves.toBe("one");
  });

  test("on three hosts is a cluster that keeps copies", async () => {
    const topics = [{ name: "orders", replicationFactor: 5 }];
    const document = graph(
      [...hosts(1, 2, 3), nats("bus", { persistence: true, topics }), service("web")],
      [...runsOn("bus", "leaf-1", "leaf-2", "leaf-3"), ...runsOn("web", "leaf-1")],
      publishes("web", "orders"),
    );
    const { client } = bound(await started(document, 1, 2, 3));
    await until(async () => {
      const maker = await jetstreamManager(await client(1, "cim_streams"), { timeout: 1000 });
      const made = await maker.streams.add({ name: "orders", subjects: ["orders", "orders.>"], num_replicas: 3 });
      return made.cluster?.replicas?.length === 2;
    });
    const web = await client(3, "web");
    await expect(jetstream(web).publish("orders", "one")).resolves.toMatchObject({ stream: "orders", seq: 1 });
  });

  test("takes its leaf node, and what its clients may say passes between both", async () => {
    const document = graph(
      [
        ...hosts(1, 2),
        nats("bus", { persistence: true }),
        nats("edge", { leafRemotes: [{ url: "nats-leaf://leaf-1:7422" }] }),
        service("api"),
      ],
      [...runsOn("bus", "leaf-1"), ...runsOn("edge", "leaf-2"), ...runsOn("api", "leaf-1")],
      subscribes("api", "orders"),
    );
    const { client } = bound(await started(document, 1, 2));
    const api = await client(1, "api");
    const received = first(api, "orders");
    await api.flush();
    const sensor = await client(2, "anybody");
    await until(async () => {
      sensor.publish("orders", "from the edge");
      await sensor.flush();
      return (await Promise.race([received, Promise.resolve("nothing")])) === "from the edge";
    });
  });

  test("speaks TLS with those who ask for it, and only with those where nobody is without", async () => {
    const encrypted: Edge = { from: "web", to: "bus", type: "connects-to", protocol: "nats", encrypted: true };
    const document = graph([...hosts(1), nats("bus"), service("web")], encrypted, publishes("web", "orders"));
    servers = new NatsServers(document);
    servers.certify(1);
    await servers.start(1);
    const { client } = bound(servers);
    const web = await client(1, "web", { tls: { caFile: servers.certificate } });
    await expect(errorOf(web, "orders")).resolves.toBeUndefined();
    await expect(client(1, "web", { tls: null })).rejects.toThrow();
  });
});

const bound = (all: NatsServers) => ({ client: all.client.bind(all) });
