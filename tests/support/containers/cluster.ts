import { Network } from "testcontainers";
import { type Cluster, type ClusterServer, clusterOf, size } from "../../../benchmarks/support/cluster.ts";
import { freePort } from "../nats.ts";
import { startNatsContainer } from "./nats.ts";

/** A nats-server in a container of its own. */
export interface ContainerServer extends ClusterServer {
  /** Cuts it off from the other servers, and not from its clients: packets go nowhere, and nobody is told. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

/** Starts a cluster of containers, which reach each other on a network of their own and have their clients on another. */
export const startContainerCluster = async (): Promise<Cluster<ContainerServer>> => {
  const network = await new Network().start();
  // Not docker's own network, on which no names are known.
  const clients = await new Network().start();
  const names = Array.from({ length: size }, (_, index) => `n${index}`);
  const routes = names.map((name) => `"nats://${name}:6222"`).join(", ");
  const disposals: Array<() => Promise<unknown>> = [() => network.stop(), () => clients.stop()];
  const servers: Array<ContainerServer> = [];
  for (const name of names) {
    const container = await startNatsContainer(
      await freePort(),
      clients,
      `server_name: ${name}
cluster { name: test, listen: "0.0.0.0:6222", routes: [${routes}], ping_interval: "3s" }`,
    );
    disposals.unshift(container.dispose);
    await container.join(network, name);
    servers.push({
      name,
      url: container.url,
      kill: container.kill,
      start: container.start,
      freeze: container.pause,
      thaw: container.unpause,
      cut: () => container.leave(network),
      mend: () => container.join(network, name),
    });
  }
  return clusterOf(servers, async () => {
    for (const dispose of disposals) await dispose();
  });
};
