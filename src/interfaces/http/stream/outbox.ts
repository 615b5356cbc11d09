/** What a tab writes to: the part of Node's `ServerResponse` that is needed. */
export interface Sink {
  readonly writableLength: number;
  readonly destroyed: boolean;
  write(text: string): boolean;
  destroy(): unknown;
  on(event: "drain" | "close", listener: () => void): unknown;
}

/** Characters that may wait for a reader before it is cut off. One frame may be larger: it is sent in any case. */
export const mostWaiting = 4 * 1024 * 1024;
/** Milliseconds without progress after which a reader is cut off although little waits for it. */
export const mostStalled = 30_000;

/**
 * What waits to be sent to one tab. A reader that does not keep up is cut off: it comes back with the place that it
 * reached, and gets of each document only the newest. So a slow or hostile reader costs a bounded buffer, and nobody
 * waits for it.
 */
export class Outbox {
  readonly #sink: Sink;
  readonly #onCut: () => void;
  readonly #now: () => number;
  #progress: number;
  #drained: Array<() => void> = [];

  constructor(sink: Sink, onCut: () => void, now: () => number = Date.now) {
    this.#sink = sink;
    this.#onCut = onCut;
    this.#now = now;
    this.#progress = now();
    const wake = () => {
      this.#progress = this.#now();
      for (const resume of this.#drained.splice(0)) resume();
    };
    sink.on("drain", wake);
    sink.on("close", wake);
  }

  /** Sends a text. Cuts the reader off if too much waits for it already. */
  send(text: string): void {
    if (this.#sink.writableLength > mostWaiting) this.cut();
    if (this.#sink.destroyed) return;
    if (this.#sink.writableLength === 0) this.#progress = this.#now();
    this.#sink.write(text);
  }

  /** Waits until what was sent has gone out, so that catching up goes at the reader's pace. */
  async room(): Promise<void> {
    if (this.#sink.destroyed || this.#sink.writableLength < 64 * 1024) return;
    await new Promise<void>((resume) => this.#drained.push(resume));
  }

  /** Cuts the reader off if it has taken nothing for too long. Called with every sign of life. */
  check(): void {
    if (this.#sink.writableLength > 0 && this.#now() - this.#progress > mostStalled) this.cut();
  }

  /** Breaks the connection, which the reader notices at once. */
  cut(): void {
    if (this.#sink.destroyed) return;
    this.#onCut();
    this.#sink.destroy();
  }
}
