import { type Frame, unionOf } from "./frames.ts";
import { type Snapshot, Store } from "./store.ts";
import { EventStream, type StreamOptions } from "./stream.ts";

/** The part of a `BroadcastChannel` that is needed. */
export interface Channel {
  postMessage(message: Message): void;
  addEventListener(type: "message", listener: (event: { readonly data: Message }) => void): void;
  close(): void;
}

/**
 * The part of the Web Locks of a browser that is needed. Whoever holds a name loses it by letting go, by dying, or to one
 * that steals it: the promise is rejected then.
 */
export interface Locks {
  request(
    name: string,
    options: { readonly signal: AbortSignal } | { readonly steal: true },
    held: () => Promise<void>,
  ): Promise<unknown>;
}

/** Who reads the stream for all tabs. A tab that takes over has a higher term than the one before. */
interface Lead {
  readonly leader: string;
  readonly term: number;
}

/** What tabs of one browser say to each other. */
export type Message =
  /** I read the stream from now on: say what you follow. */
  | ({ readonly type: "leader" } & Lead)
  /** I am still there, although I may have nothing to pass on. */
  | ({ readonly type: "leading" } & Lead)
  | { readonly type: "follow"; readonly tab: string; readonly follow: ReadonlyArray<string>; readonly knows: boolean }
  /** What there is, for one tab. Frames follow. */
  | ({ readonly type: "snapshot"; readonly to: string; readonly snapshot: Snapshot } & Lead)
  | ({ readonly type: "frame"; readonly frame: Frame } & Lead)
  | ({ readonly type: "lost"; readonly how: "connecting" | "logged-out" } & Lead);

export interface SharingOptions extends Pick<StreamOptions, "open" | "loggedIn"> {
  readonly channel: Channel;
  readonly locks: Locks;
  /** The id of this tab, which no other has. */
  readonly tab: string;
  readonly store?: Store;
}

const leaderLock = "cim-leader";
const tabLock = (tab: string): string => `cim-tab-${tab}`;

/** Milliseconds between two signs of life of the leader. */
const signOfLife = 5_000;
/** Milliseconds without a word of the leader after which another tab takes over; some more, so that not all do at once. */
const silence = 20_000;
const spread = 5_000;

const nobody: Lead = { leader: "", term: 0 };

/**
 * One event stream for all tabs of a browser. HTTP/1.1 allows six connections to an origin: with a stream in every tab,
 * the seventh would wait for ever.
 *
 * The tab that holds a lock is the leader. It reads the stream for everyone and passes frames on. If it is closed or dies,
 * the browser gives the lock to another tab, which goes on at the place that it has reached. Every tab keeps everything
 * that the stream brings, so any of them can go on. Tabs take over what the new leader knows, because the last frames of
 * the old one may have reached one tab and not another.
 *
 * A browser may also put a tab to sleep that nobody looks at. A leader that sleeps keeps its lock and says nothing, and
 * all others would show for ever what they had. So the leader gives signs of life, and a tab that misses them steals the
 * lock. When the old leader wakes up, it works on what was said meanwhile as if it still led: the terms tell others not
 * to believe it.
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
  #lead = nobody;
  /** Whether this tab knows what the leader knows. */
  #synchronized = false;
  #beat: ReturnType<typeof setInterval> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SharingOptions) {
    this.#options = options;
    this.store = options.store ?? new Store();
    this.#stream = new EventStream({
      open: options.open,
      loggedIn: options.loggedIn,
      onFrame: (frame) => {
        this.store.apply(frame);
        this.#say({ type: "frame", ...this.#lead, frame });
      },
      onLost: (how) => {
        this.store.set({ stream: how, current: false });
        this.#say({ type: "lost", ...this.#lead, how });
      },
    });
    options.channel.addEventListener("message", ({ data }) => this.#hear(data));
    void this.#hold(tabLock(options.tab), { signal: this.#end.signal }, () => this.#announce()).catch(() => undefined);
    this.#queue();
    this.#expect();
  }

  get isLeader(): boolean {
    return this.#lead.leader === this.#options.tab;
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
    clearInterval(this.#beat);
    clearTimeout(this.#watch);
    this.#options.channel.close();
  }

  /** Holds a lock until this tab is closed. Rejects if another tab has stolen it. */
  #hold(name: string, options: Parameters<Locks["request"]>[1], got: () => void): Promise<unknown> {
    const { signal } = this.#end;
    const closed = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return this.#options.locks.request(name, options, async () => {
      got();
      await closed;
    });
  }

  /** Waits for its turn to lead. */
  #queue(): void {
    this.#hold(leaderLock, { signal: this.#end.signal }, () => this.#takeOver()).catch(() => {
      this.#stepDown();
      if (!this.#end.signal.aborted) this.#queue();
    });
  }

  /** Takes the lead from a tab that says nothing. Its place in the queue stays. */
  #steal(): void {
    this.#hold(leaderLock, { steal: true }, () => this.#takeOver()).catch(() => this.#stepDown());
  }

  /** Expects a word of the leader from now on. */
  #expect(): void {
    clearTimeout(this.#watch);
    if (this.isLeader || this.#end.signal.aborted) return;
    this.#watch = setTimeout(() => this.#steal(), silence + Math.random() * spread);
  }

  #takeOver(): void {
    if (this.#end.signal.aborted) return;
    // Tabs that have just begun know no term: the clock of the machine is the same for all.
    this.#lead = { leader: this.#options.tab, term: Math.max(this.#lead.term + 1, Date.now()) };
    clearTimeout(this.#watch);
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#say({ type: "leading", ...this.#lead }), signOfLife);
    this.#tabs.set(this.#options.tab, [...this.#own.keys()]);
    this.#say({ type: "leader", ...this.#lead });
    this.#reopen();
  }

  /** Follows another tab from now on, which has taken over while this one slept. */
  #stepDown(lead: Lead = { leader: "", term: this.#lead.term }): void {
    if (!this.isLeader || this.#end.signal.aborted) return;
    clearInterval(this.#beat);
    this.#stream.close();
    this.#tabs.clear();
    this.#accept(lead);
  }

  /** Says what this tab follows, and whether it knows what the leader knows. */
  #announce(): void {
    const { tab } = this.#options;
    const follow = [...this.#own.keys()];
    if (this.isLeader) this.#told(tab, follow, true);
    else this.#say({ type: "follow", tab, follow, knows: this.#synchronized });
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
    if (!knows) this.#say({ type: "snapshot", ...this.#lead, to: tab, snapshot: this.store.snapshot() });
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
    const { leader, term } = message;
    if (term < this.#lead.term) return;
    if (this.isLeader) return void (term > this.#lead.term && this.#stepDown({ leader, term }));
    this.#expect();
    switch (message.type) {
      case "leader":
        this.#accept({ leader, term });
        break;
      case "snapshot":
        if (message.to !== this.#options.tab) break;
        this.#lead = { leader, term };
        this.#synchronized = true;
        this.store.restore(message.snapshot);
        break;
      case "frame":
        if (this.#follows(message)) this.store.apply(message.frame);
        break;
      case "lost":
        if (this.#follows(message)) this.store.set({ stream: message.how, current: false });
        break;
      case "leading":
        // What was said when it took over has not come here: this tab slept.
        if (!this.#follows(message)) this.#accept({ leader, term });
    }
  }

  /** Follows a tab, and asks it what there is. */
  #accept(lead: Lead): void {
    this.#lead = lead;
    this.#synchronized = false;
    this.store.set({ stream: "connecting", current: false });
    this.#announce();
    this.#expect();
  }

  #follows({ leader, term }: Lead): boolean {
    return this.#synchronized && this.#lead.leader === leader && this.#lead.term === term;
  }

  #say(message: Message): void {
    if (!this.#end.signal.aborted) this.#options.channel.postMessage(message);
  }
}
