import type { Client } from "../../../agents/kit/mod.ts";
import { hear } from "./hearing.ts";
import { LiveStream, type Source } from "./live-stream.ts";
import type { Heard } from "./selection.ts";

/** Milliseconds that a stream is still followed after the last tab has gone: tabs come back when they are reloaded. */
const linger = 10_000;

/** The streams that the tabs of one session follow, by name. They are read by the person's own connection. */
export class LiveStreams {
  readonly #client: Client;
  readonly #streams = new Map<string, { readonly stream: LiveStream; users: number }>();
  #connected = true;

  constructor(client: Client) {
    this.#client = client;
    void this.#watchConnection();
  }

  /** Whether the connection to the nats-server is up. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Sends what programs print, until the returned function is called. */
  hear(heard: ReadonlyArray<Heard>, send: (text: string) => void): () => void {
    return hear(this.#client.nats, heard, send);
  }

  /** Returns the stream of a source. The caller releases it when it is done. */
  take(source: Source): LiveStream {
    const known = this.#streams.get(source.stream) ?? { stream: new LiveStream(this.#client, source), users: 0 };
    this.#streams.set(source.stream, known);
    known.users += 1;
    return known.stream;
  }

  /** Ends the stream a while after its last user has gone. */
  release({ stream: name }: Source): void {
    const known = this.#streams.get(name);
    if (known === undefined) return;
    known.users -= 1;
    setTimeout(() => {
      if (known.users > 0 || this.#streams.get(name) !== known) return;
      this.#streams.delete(name);
      known.stream.close();
    }, linger).unref();
  }

  close(): void {
    for (const { stream } of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#client.nats.status()) {
      if (type === "reconnect") this.#connected = true;
      if (type !== "disconnect") continue;
      this.#connected = false;
      for (const { stream } of this.#streams.values()) stream.connectionLost();
    }
  }
}
