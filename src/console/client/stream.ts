import { type Frame, frameKinds, frameOf } from "./frames.ts";

/** The part of an `EventSource` that is needed. */
export interface Source {
  readonly readyState: number;
  addEventListener(
    type: string,
    listener: (event: { readonly data?: string; readonly lastEventId?: string }) => void,
  ): void;
  close(): void;
}

export interface StreamOptions {
  /** Opens an `EventSource` at an address. */
  readonly open: (address: string) => Source;
  /** Returns whether the session still holds. Throws if the server cannot be reached. */
  readonly loggedIn: () => Promise<boolean>;
  readonly onFrame: (frame: Frame) => void;
  /** The stream was lost and is opened again; or the session is over, and it is opened after the next log-in. */
  readonly onLost: (how: "connecting" | "logged-out") => void;
}

/** `EventSource.CLOSED`: the browser has given up. */
const closed = 2;
/** Milliseconds without any frame after which the connection is taken for dead. The server sends one every 10 s. */
const silence = 25_000;
/** Milliseconds before the n-th attempt to open a stream that the browser gave up. */
const waits = [500, 1_000, 2_000, 5_000, 10_000];
/** Milliseconds between two looks whether somebody has logged in again. */
const logInLook = 5_000;

/**
 * One event stream that stays open: it comes back with its place after every interruption.
 *
 * A browser reconnects by itself if the connection breaks. It gives up if the answer is not a stream, which is so while
 * the console server starts. It notices nothing at all if the laptop slept, or the network is gone without a word.
 */
export class EventStream {
  readonly #options: StreamOptions;
  #source: Source | undefined;
  #follow: ReadonlyArray<string> = [];
  #place: string | undefined;
  #failures = 0;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Follows these things from now on. Goes on at `place` with those that were followed before. */
  follow(follow: ReadonlyArray<string>, place: string | undefined): void {
    this.#follow = follow;
    this.#place = place;
    this.#failures = 0;
    this.#open();
  }

  close(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    this.close();
    if (this.#follow.length === 0) return;
    const query = new URLSearchParams({ follow: this.#follow.join(",") });
    if (this.#place !== undefined) query.set("after", this.#place);
    const source = this.#options.open(`/api/stream?${query}`);
    this.#source = source;
    this.#watch();
    for (const kind of frameKinds)
      source.addEventListener(kind, ({ data = "", lastEventId = "" }) => {
        if (this.#source !== source) return;
        this.#failures = 0;
        this.#watch();
        const frame = frameOf(kind, lastEventId, data);
        if (frame === undefined) return;
        if ("place" in frame) this.#place = frame.place;
        this.#options.onFrame(frame);
      });
    source.addEventListener("error", () => {
      if (this.#source !== source) return;
      this.#options.onLost("connecting");
      if (source.readyState === closed) void this.#again();
    });
  }

  /** Opens the stream again if nothing comes for too long. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#options.onLost("connecting");
      this.#open();
    }, silence);
  }

  async #again(): Promise<void> {
    this.close();
    const turn = this.#turn;
    const wait = waits[Math.min(this.#failures, waits.length - 1)] ?? 0;
    this.#failures += 1;
    const isLoggedIn = await this.#options.loggedIn().catch(() => true);
    // It was closed, or follows something else, meanwhile.
    if (turn !== this.#turn) return;
    if (!isLoggedIn) this.#options.onLost("logged-out");
    this.#timer = isLoggedIn ? setTimeout(() => this.#open(), wait) : setTimeout(() => void this.#again(), logInLook);
  }
}
