import { spawnSync } from "node:child_process";
import { getContainerRuntimeClient, type StartedNetwork, type StartedTestContainer } from "testcontainers";

// The container that would clean up after us is an image of a registry, which may be out of reach.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";

/** A container to which a test does what happens to machines. */
export interface Container {
  readonly id: string;
  /** Ends its program in order. */
  readonly stop: () => Promise<void>;
  readonly kill: () => Promise<void>;
  /** Starts it again on the same ports and files, and waits for nothing. */
  readonly start: () => Promise<void>;
  /** Freezes it: its connections stay, and it says nothing. */
  readonly pause: () => Promise<void>;
  readonly unpause: () => Promise<void>;
  /** Cuts it off from a network, as if its cable were drawn: nobody is told. */
  readonly leave: (network: StartedNetwork) => Promise<void>;
  /** Connects it to a network under a name. */
  readonly join: (network: StartedNetwork, name: string) => Promise<void>;
  /** Removes it with its files. */
  readonly dispose: () => Promise<void>;
}

/** What can be done to a container that has been started. It does not outlive our process. */
export const containerOf = async (started: StartedTestContainer): Promise<Container> => {
  const id = started.getId();
  const remove = () => void spawnSync("docker", ["rm", "-f", "-v", id]);
  process.once("exit", remove);
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(id);
  return {
    id,
    stop: async () => void (await container.stop()),
    kill: async () => void (await container.kill()),
    start: async () => void (await container.start()),
    pause: async () => void (await container.pause()),
    unpause: async () => void (await container.unpause()),
    leave: async (network) => {
      await client.network.getById(network.getId()).disconnect({ Container: id, Force: true });
    },
    join: (network, name) =>
      client.container.connectToNetwork(container, client.network.getById(network.getId()), [name]),
    dispose: async () => {
      await container.remove({ force: true, v: true });
      process.off("exit", remove);
    },
  };
};
