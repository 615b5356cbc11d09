import type { MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { MsgHdrsImpl, NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";

/*
 * Everything that we use of the NATS client beyond what it publishes. A test fails if a new version lacks a part.
 *
 * - `NodeTransport` (its `send`, `socket` and `isClosed`), `setTransportFactory`, `nodeResolveHost` and
 *   `NatsConnectionImpl.connect`, for a transport that writes once in a turn of the event loop if much is under way. The
 *   client writes once in a turn of the queue of microtasks, of which one turn of the loop has many when a thousand things
 *   are under way (measured: twice the system calls, a sixth of the processor time). A lone append or reply is written at
 *   once. An option of `connect` that gathers writes until `setImmediate`, or takes a transport, would end this.
 * - `MsgHdrsImpl.fromRecord`, for headers from names in their canonical form. The published `headers()` checks and
 *   canonizes each name when it is set, for every message that is published. A published constructor from a record
 *   would end this.
 */

/** Writes in one turn of the event loop up to which each is written at once. */
const few = 1;

class GatheringTransport extends NodeTransport {
  /** Writes in this turn, and in the last one that had any. */
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
    // As in the transport itself, an error shows where it reads.
    socket.write(frame, () => {});
  }
}

/**
 * Makes connections that are opened from now on gather their writes, and those that are opened again after they were
 * lost. The client has one transport for the whole process, and each `connect` of its own resets it. Connections work
 * with either. No write waits longer than it takes to handle what has been read already.
 */
export const gatherWrites = (): void =>
  setTransportFactory({ factory: () => new GatheringTransport(), dnsResolveFn: nodeResolveHost });

/** Connects as the client's `connect` does, with gathered writes. */
export const connectGathering = (options: NodeConnectionOptions): Promise<NatsConnection> => {
  gatherWrites();
  return NatsConnectionImpl.connect(options);
};

/** Headers by names in canonical form. The values are not checked: a line break in one would forge a header. */
export const headersFrom = (record: Record<string, Array<string>>): MsgHdrs => MsgHdrsImpl.fromRecord(record);
