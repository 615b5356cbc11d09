import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Layer } from "effect";
import type { Cluster } from "../../benchmarks/support/cluster.ts";
import { faultsUnderLoad } from "../../benchmarks/support/faults-under-load.ts";
import { eventStoreLayer } from "../../src/infrastructure/nats/event-store/mod.ts";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";
import { type ContainerServer, startContainerCluster } from "../support/containers/cluster.ts";
import { describeWithContainers } from "../support/containers/describe.ts";
import { eventStoreContract } from "../support/contracts/event-store.contract.ts";
import { containerNats, type TestNats } from "../support/nats.ts";

describeWithContainers("a nats-server in a container", () => {
  let nats: TestNats;
  beforeAll(async () => {
    nats = await containerNats();
  });
  afterAll(() => nats?.dispose());

  eventStoreContract(() => Layer.provide(eventStoreLayer(), nats.connection()));
});

describeWithContainers("three nats-servers in containers, on a network of their own", () => {
  let cluster: Cluster<ContainerServer>;
  const backends: Array<BackendProcess> = [];

  beforeAll(async () => {
    cluster = await startContainerCluster();
    const own = ["--nats", cluster.urls, "--no-agents", "--no-console"];
    backends.push(await startBackend(...own, "--replicas", "3"));
    backends.push(await startBackend(...own));
  });

  afterAll(async () => {
    await Promise.all(backends.map((backend) => backend.kill()));
    await cluster?.dispose();
  });

  const leader = () => cluster.leaderOf("CIM_EVENTS");

  test("whatever happens to a server or its network: nothing acknowledged is lost or doubled, and each reads what it wrote", async () => {
    const { seed, findings, unanswered } = await faultsUnderLoad(cluster, "cim", {
      "the log's leader is killed": async () => {
        const server = await leader();
        await server.kill();
        await sleep(1_000);
        await server.start();
      },
      "the log's leader freezes": async () => {
        const server = await leader();
        await server.freeze();
        await sleep(6_000);
        await server.thaw();
      },
      "the log's leader is cut off from the others, and still has its clients": async () => {
        const server = await leader();
        await server.cut();
        await sleep(6_000);
        await server.mend();
      },
    });
    expect({ seed, findings, unanswered }).toEqual({ seed, findings: [], unanswered: [] });
  });
});
