import { type Frame, unionOf } from "./frames.ts";
import { type Snapshot, Store } from "./store.ts";
import { EventStream, type StreamOptions } from "./stream.ts";

/** The part of a `BroadcastChannel` that is needed. */
export interface Channel {
  postMessage(message: Message): void;
  addEventListener(type: "message", listener: (event: { readonly data: Message }) => void): void;
  close(): void;
}

/** The part of the Web Locks of a browser that is needed: whoever holds a name loses it only by letting go or dying. */
export interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

/** What tabs of one browser say to each other. */
export type Message =
  /** I read the stream from now on: say what you follow. */
  | { readonly type: "leader"; readonly leader: string }
  | { readonly type: "follow"; readonly tab: string; readonly follow: ReadonlyArray<string>; readonly knows: boolean }
  /** What there is, for one tab. Frames follow. */
  | { readonly type: "snapshot"; readonly leader: string; readonly to: string; readonly snapshot: Snapshot }
  | { readonly type: "frame"; readonly leader: string; readonly frame: Frame }
  | { readonly type: "lost"; readonly leader: string; readonly how: "connecting" | "logged-out" };

export interface SharingOptions extends Pick<StreamOptions, "open" | "loggedIn"> {
  readonly channel: Channel;
  readonly locks: Locks;
  /** The id of this tab, which no other has. */
  readonly tab: string;
  readonly store?: Store;
}

const leaderLock = "cim-leader";
const tabLock = (tab: string): string => `cim-tab-${tab}`;

/**
 * One event stream for all tabs of a browser. HTTP/1.1 allows six connections to an origin: with a stream in every tab,
 * the seventh would wait for ever.
 *
 * The tab that holds a lock is the leader. It reads the stream for everyone and passes frames on. If it is closed or dies,
 * the browser gives the lock to another tab, which goes on at the place that it has reached. Every tab keeps everything
 * that the stream brings, so any of them can go on. Tabs take over what the new leader knows, because the last frames of
 * the old one may have reached one tab and not another.
 */
export class Sharing {
  readonly store: Store;
  readonly #options: SharingOptions;
  readonly #stream: EventStream;
  readonly #end = new AbortController();
  /** How often each thing is followed in this tab. */
  readonly #own = new Map<string, number>();
  /** What the tabs follow, as far as the leader knows. */
  readonly #tabs = new Map<string, ReadonlyArray<string>>();
  /** What the leader's stream follows. */
  #followed: ReadonlyArray<string> = [];
  #leader: string | undefined;
  #synchronized = false;

  constructor(options: SharingOptions) {
    this.#options = options;
    this.store = options.store ?? new Store();
    this.#stream = new EventStream({
      open: options.open,
      loggedIn: options.loggedIn,
      onFrame: (frame) => {
        this.store.apply(frame);
        this.#say({ type: "frame", leader: options.tab, frame });
      },
      onLost: (how) => {
        this.store.set({ stream: how, current: false });
        this.#say({ type: "lost", leader: options.tab, how });
      },
    });
    options.channel.addEventListener("message", ({ data }) => this.#hear(data));
    const forLife = { signal: this.#end.signal };
    void this.#hold(tabLock(options.tab), forLife, async () => this.#announce());
    void this.#hold(leaderLock, forLife, async () => this.#lead());
  }

  get isLeader(): boolean {
    return this.#leader === this.#options.tab;
  }

  /** Follows a view, a document (`graphs/web-shop`) or the feed, until the returned function is called. */
  follow(name: string): () => void {
    this.#own.set(name, (this.#own.get(name) ?? 0) + 1);
    if (this.#own.get(name) === 1) this.#announce();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.#own.get(name) ?? 1) - 1;
      if (left > 0) return void this.#own.set(name, left);
      this.#own.delete(name);
      this.#announce();
    };
  }

  close(): void {
    this.#end.abort();
    this.#stream.close();
    this.#options.channel.close();
  }

  /** Holds a lock until this tab is closed. */
  #hold(name: string, options: { readonly signal: AbortSignal }, got: () => Promise<void>): Promise<unknown> {
    const closed = new Promise<void>((resolve) => options.signal.addEventListener("abort", () => resolve()));
    return this.#options.locks
      .request(name, options, async () => {
        await got();
        await closed;
      })
      .catch(() => undefined);
  }

  /** Says what this tab follows, and whether it knows what the leader knows. */
  #announce(): void {
    const { tab } = this.#options;
    const follow = [...this.#own.keys()];
    if (this.isLeader) this.#told(tab, follow, true);
    else this.#say({ type: "follow", tab, follow, knows: this.#synchronized });
  }

  #lead(): void {
    this.#leader = this.#options.tab;
    this.#tabs.set(this.#options.tab, [...this.#own.keys()]);
    this.#say({ type: "leader", leader: this.#options.tab });
    this.#reopen();
  }

  /**
   * The leader learns what a tab follows. The stream is opened again only if it lacks something: what no tab follows any
   * more goes with the next opening.
   */
  #told(tab: string, follow: ReadonlyArray<string>, knows: boolean): void {
    const known = this.#tabs.has(tab);
    this.#tabs.set(tab, follow);
    const isFollowed = new Set(this.#followed);
    if (unionOf(this.#all()).some((name) => !isFollowed.has(name))) this.#reopen();
    if (!knows) this.#say({ type: "snapshot", leader: this.#options.tab, to: tab, snapshot: this.store.snapshot() });
    if (known || tab === this.#options.tab) return;
    // The lock of a tab is free when the tab is gone.
    void this.#options.locks
      .request(tabLock(tab), { signal: this.#end.signal }, async () => void this.#tabs.delete(tab))
      .catch(() => undefined);
  }

  /** Follows what all tabs want, and goes on with what was followed before. */
  #reopen(): void {
    this.#followed = unionOf(this.#all());
    this.#stream.follow(this.#followed, this.store.place);
  }

  #all(): Iterable<string> {
    return [...this.#tabs.values()].flat();
  }

  #hear(message: Message): void {
    if (message.type === "follow") {
      if (this.isLeader) this.#told(message.tab, message.follow, message.knows);
      return;
    }
    if (this.isLeader) return;
    switch (message.type) {
      case "leader":
        this.#leader = message.leader;
        this.#synchronized = false;
        this.store.set({ stream: "connecting", current: false });
        this.#announce();
        break;
      case "snapshot":
        if (message.to !== this.#options.tab) break;
        this.#leader = message.leader;
        this.#synchronized = true;
        this.store.restore(message.snapshot);
        break;
      case "frame":
        if (this.#follows(message.leader)) this.store.apply(message.frame);
        break;
      case "lost":
        if (this.#follows(message.leader)) this.store.set({ stream: message.how, current: false });
    }
  }

  #follows(leader: string): boolean {
    return this.#synchronized && this.#leader === leader;
  }

  #say(message: Message): void {
    if (!this.#end.signal.aborted) this.#options.channel.postMessage(message);
  }
}
