import { type Channel, type Locks, type Message, Sharing } from "../../src/console/client/mod.ts";
import type { Source } from "../../src/console/client/stream.ts";

interface Waiting {
  readonly owner: string;
  readonly begin: () => void;
  readonly lose: () => void;
}

/** The locks of one browser: a tab that is killed loses what it holds and waits for. */
class BrowserLocks {
  readonly #queues = new Map<string, Array<Waiting>>();

  of(owner: string): Locks {
    return {
      request: (name, options, held) =>
        new Promise((resolve, reject) => {
          const queue = this.#queues.get(name) ?? [];
          this.#queues.set(name, queue);
          const begin = () =>
            void held().then((value) => {
              this.#release(name, entry);
              resolve(value);
            }, reject);
          const entry: Waiting = { owner, begin, lose: () => reject(new Error("another tab has stolen the lock")) };
          if ("steal" in options) {
            queue.shift()?.lose();
            queue.unshift(entry);
            return queueMicrotask(begin);
          }
          options.signal.addEventListener("abort", () => {
            if (queue[0] !== entry) this.#release(name, entry);
          });
          queue.push(entry);
          if (queue.length === 1) queueMicrotask(begin);
        }),
    };
  }

  kill(owner: string): void {
    for (const [name, queue] of this.#queues)
      for (const entry of queue.filter((one) => one.owner === owner)) this.#release(name, entry);
  }

  #release(name: string, entry: Waiting): void {
    const queue = this.#queues.get(name) ?? [];
    const wasFirst = queue[0] === entry;
    const at = queue.indexOf(entry);
    if (at >= 0) queue.splice(at, 1);
    if (wasFirst) queue[0]?.begin();
  }
}

export interface TestTab {
  readonly sharing: Sharing;
  readonly kill: () => void;
  readonly sleep: () => void;
  readonly wake: () => void;
}

/** One browser with tabs of the console. */
export class TestBrowser {
  readonly #locks = new BrowserLocks();
  readonly #listeners = new Map<string, (event: { readonly data: Message }) => void>();
  readonly #asleep = new Map<string, Array<Message>>();
  readonly #open: (address: string) => Source;
  readonly #loggedIn: () => Promise<boolean>;
  #tabs = 0;

  constructor(open: (address: string) => Source, loggedIn: () => Promise<boolean> = async () => true) {
    this.#open = open;
    this.#loggedIn = loggedIn;
  }

  tab(): TestTab {
    this.#tabs += 1;
    const tab = `tab-${this.#tabs}`;
    const sources = new Set<Source>();
    const sharing = new Sharing({
      tab,
      channel: this.#channel(tab),
      locks: this.#locks.of(tab),
      loggedIn: this.#loggedIn,
      open: (address) => {
        const source = this.#open(address);
        sources.add(source);
        return source;
      },
    });
    // As when the process of a tab crashes: it says nothing any more, and the browser takes its locks.
    const kill = () => {
      this.#listeners.delete(tab);
      for (const source of sources) source.close();
      this.#locks.kill(tab);
      sharing.close();
    };
    // As when the browser puts a tab to sleep: what is said to it waits until it wakes up.
    const sleep = () => void this.#asleep.set(tab, []);
    const wake = () => {
      const said = this.#asleep.get(tab) ?? [];
      this.#asleep.delete(tab);
      for (const data of said) this.#listeners.get(tab)?.({ data });
    };
    return { sharing, kill, sleep, wake };
  }

  #deliver(tab: string, data: Message): void {
    const waiting = this.#asleep.get(tab);
    if (waiting === undefined) this.#listeners.get(tab)?.({ data });
    else waiting.push(data);
  }

  #channel(tab: string): Channel {
    return {
      postMessage: (message) => {
        // One that is asleep says nothing.
        if (!this.#listeners.has(tab) || this.#asleep.has(tab)) return;
        const data = structuredClone(message);
        for (const other of this.#listeners.keys()) if (other !== tab) queueMicrotask(() => this.#deliver(other, data));
      },
      addEventListener: (_, listener) => void this.#listeners.set(tab, listener),
      close: () => void this.#listeners.delete(tab),
    };
  }
}
