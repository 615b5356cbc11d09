import type { MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { MsgHdrsImpl, NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";

/*
 * The internals of the NATS client that we use. A test fails if a new version lacks one of them.
 *
 * - `NodeTransport` (its `send`, `socket` and `isClosed`), `setTransportFactory`, `nodeResolveHost` and
 *   `NatsConnectionImpl.connect`, for a transport that writes once a turn of the event loop under load. The client
 *   writes once a turn of the microtask queue. With a thousand requests under way, one turn of the loop has many of
 *   those (measured: twice the system calls, a sixth of the processor time). A lone append or reply is written at once.
 *   If `connect` could gather writes until `setImmediate`, or take a transport, we would not need this.
 * - `MsgHdrsImpl.fromRecord`, for headers from names in their canonical form. The published `headers()` checks and
 *   canonizes each name of every published message. If the client published a constructor from a record, we would not
 *   need this.
 */

/** If a turn of the event loop has at most this number of writes, each is written at once. */
const few = 1;

class GatheringTransport extends NodeTransport {
  /** The number of writes in this turn, and in the last turn that had any. */
  #now = 0;
  #before = 0;

  override send(frame: Uint8Array): void {
    const { socket } = this;
    if (this.isClosed || socket === undefined) return;
    if (this.#now === 0)
      setImmediate(() => {
        this.#before = this.#now;
        this.#now = 0;
        if (socket.writableCorked > 0) socket.uncork();
      });
    this.#now += 1;
    const isMany = this.#now > few || this.#before > few;
    if (isMany && socket.writableCorked === 0) socket.cork();
    // As in the client's own transport, the reading side reports errors.
    socket.write(frame, () => {});
  }
}

/**
 * Makes later connections gather their writes, and also those that reconnect. The client has one transport for the
 * whole process, and its own `connect` resets it. Connections work with either transport. A write waits at most until
 * the messages that have been read are handled.
 */
export const gatherWrites = (): void =>
  setTransportFactory({ factory: () => new GatheringTransport(), dnsResolveFn: nodeResolveHost });

/** Connects like the client's `connect`, with gathered writes. */
export const connectGathering = (options: NodeConnectionOptions): Promise<NatsConnection> => {
  gatherWrites();
  return NatsConnectionImpl.connect(options);
};

/** Returns headers for names in canonical form. It does not check values: a line break in one would forge a header. */
export const headersFrom = (record: Record<string, Array<string>>): MsgHdrs => MsgHdrsImpl.fromRecord(record);
