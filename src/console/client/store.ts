import type { DocumentOf, ViewName } from "../../contract/views/mod.ts";
import { covers, type DraftTalk, type FeedEvent, type Frame, type Output } from "./frames.ts";

/** How live the store is. */
export interface Liveness {
  /**
   * `connecting`: no stream is open, or it was lost and is opened again. `live`: it is open. `logged-out`: the session has
   * ended, and the stream waits for a new log-in.
   */
  readonly stream: "connecting" | "live" | "logged-out";
  /** Whether everything that there was when the stream opened has come. */
  readonly current: boolean;
  /** Whether the console server reaches its nats-server. */
  readonly backend: boolean;
}

/** What one tab gives another, so that the other one need not ask the server. Browsers copy it. */
export interface Snapshot {
  readonly place: string | undefined;
  readonly principal: string | undefined;
  readonly followed: ReadonlyArray<string>;
  readonly known: ReadonlyArray<string>;
  readonly liveness: Liveness;
  readonly documents: ReadonlyArray<readonly [view: ViewName, documents: ReadonlyMap<string, unknown>]>;
  readonly events: ReadonlyArray<FeedEvent>;
}

/** Messages with output that are kept of each deployment. */
const mostOutputs = 500;

/** Events that are kept for pages that show what happened lately. The rest is asked of the server. */
const mostEvents = 500;

const none: ReadonlyArray<Output> = [];

/** Whether a name is one of these, or a part of one of them. */
const isUnder = (names: ReadonlySet<string>, name: string): boolean => {
  const [view = "", id = ""] = name.split("/");
  return names.has(name) || covers(names, view, id);
};

/** The names that both sets have, as such or as a part. */
const inBoth = (some: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...[...some].filter((name) => isUnder(others, name)), ...[...others].filter((name) => isUnder(some, name))]);

const notLive: Liveness = { stream: "connecting", current: false, backend: false };

/**
 * What one tab knows: the documents that are followed, as the stream left them, and the newest events. There is no second
 * cache with rules of its own: what the stream says holds.
 *
 * Readers get values that never change, and are told after a change that there are new ones, at most once a turn of
 * `schedule`. So a thousand frames make one picture.
 */
export class Store {
  readonly #documents = new Map<ViewName, Map<string, unknown>>();
  /** Views as they were read; one that changed since is missing. */
  readonly #read = new Map<ViewName, ReadonlyMap<string, unknown>>();
  readonly #listeners = new Set<() => void>();
  readonly #schedule: (work: () => void) => void;
  readonly #outputs = new Map<string, ReadonlyArray<Output>>();
  readonly #drafting = new Set<(talk: DraftTalk) => void>();
  #events: ReadonlyArray<FeedEvent> = [];
  /** The ids of {@link events}. */
  readonly #ids = new Set<string>();
  #heard = 0;
  #liveness = notLive;
  #place: string | undefined;
  #principal: string | undefined;
  #followed: ReadonlySet<string> = new Set();
  /** The names under which everything has come. */
  #known: ReadonlySet<string> = new Set();
  #scheduled = false;

  constructor(schedule: (work: () => void) => void = (work) => queueMicrotask(work)) {
    this.#schedule = schedule;
  }

  /** The place that the stream has reached; undefined before the first frame. */
  get place(): string | undefined {
    return this.#place;
  }

  /** Who is logged in, as the stream says; undefined before the first frame. */
  get principal(): string | undefined {
    return this.#principal;
  }

  get liveness(): Liveness {
    return this.#liveness;
  }

  /** How many events have come. The newest of them are in {@link events}. */
  get heard(): number {
    return this.#heard;
  }

  /** The newest events, in the order in which they came. */
  get events(): ReadonlyArray<FeedEvent> {
    return this.#events;
  }

  /** What programs of a deployment have printed since it is followed (`output/shop-1`), the oldest first. */
  outputs(deployment: string): ReadonlyArray<Output> {
    return this.#outputs.get(deployment) ?? none;
  }

  /** The documents of a view that are known. The same map again until one of them changes. */
  documents<V extends ViewName>(view: V): ReadonlyMap<string, DocumentOf<V>> {
    const known = this.#read.get(view) ?? new Map(this.#documents.get(view) ?? []);
    this.#read.set(view, known);
    // The backend builds documents with the types of the contract, and an older page shows what it knows of a newer one.
    return known as ReadonlyMap<string, DocumentOf<V>>;
  }

  /**
   * Whether everything that there is under a name has come: a view, or one document of it (`graphs/web-shop`). It stays so
   * while the stream is lost, or opened again because a page follows one thing more. Otherwise what does not exist would
   * be unknown again each time, and a form that depends on it would go, with what one has typed.
   */
  hasAllOf(name: string): boolean {
    return isUnder(this.#known, name);
  }

  /** Calls `listener` after changes, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whether the stream follows something by this very name. */
  isFollowed(name: string): boolean {
    return this.#followed.has(name);
  }

  /** Calls `hear` with what others say about drafts that are followed (`drafts/shop-v12-k3f9`), until the end is called. */
  readonly hearDrafts = (hear: (talk: DraftTalk) => void): (() => void) => {
    this.#drafting.add(hear);
    return () => this.#drafting.delete(hear);
  };

  /** Takes a frame in. */
  apply(frame: Frame): void {
    if ("place" in frame) this.#place = frame.place;
    switch (frame.kind) {
      case "open":
        this.#known = inBoth(this.#known, new Set(frame.follow));
        this.#followed = new Set(frame.follow);
        this.#principal = frame.principal;
        this.#keepOnly(this.#followed);
        this.set({ stream: "live", current: false, backend: true });
        break;
      case "current":
        this.#known = this.#followed;
        this.set({ current: true });
        break;
      case "alive":
        this.set({ backend: frame.connected });
        break;
      case "event":
        this.#hear([frame.event]);
        break;
      case "output": {
        const { deployment } = frame.output;
        this.#outputs.set(deployment, [...this.outputs(deployment).slice(1 - mostOutputs), frame.output]);
        break;
      }
      case "draft":
        for (const hear of this.#drafting) hear(frame.talk);
        return;
      case "reset":
        this.#forget(frame.follow);
        break;
      case "document":
        this.#put(frame.view, frame.id, frame.document);
    }
    this.#changed();
  }

  /** Says how live the store is. */
  set(liveness: Partial<Liveness>): void {
    const next = { ...this.#liveness, ...liveness };
    const { stream, current, backend } = this.#liveness;
    if (next.stream === stream && next.current === current && next.backend === backend) return;
    this.#liveness = next;
    this.#changed();
  }

  /** Returns what another tab needs to know the same. */
  snapshot(): Snapshot {
    const { place, principal, liveness, events } = this;
    const [followed, known, documents] = [[...this.#followed], [...this.#known], [...this.#documents]];
    return { place, principal, liveness, events, followed, known, documents };
  }

  /**
   * Becomes what another tab knows. Events that this tab had before the other one stay: they come again, and must not
   * count twice.
   */
  restore({ place, principal, liveness, followed, known, documents, events }: Snapshot): void {
    this.#place = place;
    this.#principal = principal;
    this.#liveness = liveness;
    this.#hear(events);
    this.#followed = new Set(followed);
    this.#known = new Set(known);
    this.#documents.clear();
    this.#read.clear();
    for (const [view, all] of documents) this.#documents.set(view, new Map(all));
    this.#changed();
  }

  /**
   * Takes events in, each once. A tab that takes over goes on at the place that it has reached, and this one may have come
   * further. Numbers of the feed would not do: kinds of events catch up side by side, so lower numbers come after higher.
   */
  #hear(events: ReadonlyArray<FeedEvent>): void {
    const fresh = events.filter(({ id }) => !this.#ids.has(id));
    for (const { id } of fresh) this.#ids.add(id);
    this.#heard += fresh.length;
    const all = [...this.#events, ...fresh];
    for (const { id } of all.slice(0, -mostEvents)) this.#ids.delete(id);
    this.#events = all.slice(-mostEvents);
  }

  #put(view: ViewName, id: string, document: unknown): void {
    const documents = this.#documents.get(view) ?? new Map<string, unknown>();
    this.#documents.set(view, documents);
    this.#read.delete(view);
    if (document === undefined) documents.delete(id);
    else documents.set(id, document);
  }

  /** Leaves out what is not followed any more. */
  #keepOnly(follow: ReadonlySet<string>): void {
    for (const deployment of [...this.#outputs.keys()])
      if (!follow.has(`output/${deployment}`)) this.#outputs.delete(deployment);
    for (const [view, documents] of this.#documents)
      for (const id of [...documents.keys()]) if (!covers(follow, view, id)) this.#put(view, id, undefined);
  }

  /** Forgets what came under a name: `graphs`, `graphs/web-shop`, `feed`. What there is follows. */
  #forget(name: string): void {
    // Of a stream that is current already, nothing says when it has come.
    if (!this.#liveness.current)
      this.#known = new Set([...this.#known].filter((known) => !isUnder(new Set([name]), known)));
    if (name === "feed" || name.startsWith("feed/")) {
      this.#events = [];
      this.#ids.clear();
      return;
    }
    for (const [view, documents] of this.#documents)
      for (const id of [...documents.keys()]) if (covers(new Set([name]), view, id)) this.#put(view, id, undefined);
  }

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
