import type { NatsConnection as CoreConnection } from "@nats-io/nats-core";
import { Effect } from "effect";

/** Shares one reader of the connection's status. The client keeps each reader until the connection ends. */
export class ConnectionStatus {
  readonly #listeners = { disconnect: new Set<() => void>(), reconnect: new Set<() => void>() };
  connected = true;

  constructor(nc: CoreConnection) {
    const listen = async () => {
      for await (const { type } of nc.status()) {
        if (type !== "disconnect" && type !== "reconnect") continue;
        this.connected = type === "reconnect";
        // A copy: a listener may cause another one to be added.
        for (const listener of [...this.#listeners[type]]) listener();
      }
    };
    listen().catch(() => {
      this.connected = false;
    });
  }

  on(type: "disconnect" | "reconnect", listener: () => void): () => void {
    this.#listeners[type].add(listener);
    return () => void this.#listeners[type].delete(listener);
  }
}

/** How long a request waits for a connection that is down. */
const reconnectWithin = "5 seconds";

/** Returns the error of a request whose connection is gone. */
export const connectionLost = () => new Error("the connection to the nats-server was lost");

/** Waits for the connection, for at most 5 s. */
export const whenConnected = (status: ConnectionStatus): Effect.Effect<void, Error> => {
  const reconnected = Effect.callback<void>((resume) => {
    if (status.connected) return resume(Effect.void);
    return Effect.sync(status.on("reconnect", () => resume(Effect.void)));
  }).pipe(Effect.timeoutOrElse({ duration: reconnectWithin, orElse: () => Effect.fail(connectionLost()) }));
  return Effect.suspend(() => (status.connected ? Effect.void : reconnected));
};

/** Makes `NatsConnection.ask`, see there. */
export const askThrough = (status: ConnectionStatus) => {
  const send = <A>(request: (signal: AbortSignal) => Promise<A>) =>
    Effect.callback<A, Error>((resume) => {
      const waiting = new AbortController();
      const fail = (error: unknown) => resume(Effect.fail(error instanceof Error ? error : new Error(String(error))));
      const forget = status.on("disconnect", () => {
        fail(connectionLost());
        waiting.abort();
      });
      request(waiting.signal)
        .then((answer) => resume(Effect.succeed(answer)), fail)
        .finally(forget);
      return Effect.sync(() => {
        forget();
        waiting.abort();
      });
    });
  const connected = whenConnected(status);
  return <A>(request: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, Error> =>
    Effect.andThen(connected, send(request));
};
