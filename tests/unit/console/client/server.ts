import type { Source } from "../../../../src/console/client/stream.ts";

type Listener = (event: { readonly data?: string; readonly lastEventId?: string }) => void;

/** A stream that a tab has opened, from the side of the server. */
export class OpenStream implements Source {
  readonly address: string;
  readyState = 1;
  readonly #listeners = new Map<string, Listener>();

  constructor(address: string) {
    this.address = address;
  }

  get follow(): ReadonlyArray<string> {
    return (new URL(this.address, "http://x").searchParams.get("follow") ?? "").split(",");
  }

  get after(): string | null {
    return new URL(this.address, "http://x").searchParams.get("after");
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.readyState = 2;
  }

  send(kind: string, lastEventId: string, data: unknown): void {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    if (this.readyState !== 2) this.#listeners.get(kind)?.({ data: text, lastEventId });
  }

  document(id: string, lastEventId: string, document: unknown = { id }): void {
    this.send("document", lastEventId, { view: "graphs", id, revision: 1, document });
  }

  /** The browser notices that the connection is lost, and comes back by itself or gives up. */
  lose(givesUp: boolean): void {
    this.readyState = givesUp ? 2 : 0;
    this.#listeners.get("error")?.({});
  }
}

/** The console server of a test: all streams that were opened. */
export const streamServer = () => {
  const opened: Array<OpenStream> = [];
  return {
    opened,
    open: (address: string) => {
      const stream = new OpenStream(address);
      opened.push(stream);
      return stream;
    },
    /** The stream that was opened last. */
    get last(): OpenStream {
      const last = opened.at(-1);
      if (last === undefined) throw new Error("no stream was opened");
      return last;
    },
  };
};

/** Lets everything happen that is waiting. */
export const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 50; turns++) await Promise.resolve();
};
