import { type Channel, type Locks, type Message, Sharing } from "../../src/console/client/mod.ts";
import type { Source } from "../../src/console/client/stream.ts";

/** The locks of one browser: a tab that is killed loses what it holds and waits for. */
class BrowserLocks {
  readonly #queues = new Map<string, Array<{ readonly owner: string; readonly begin: () => void }>>();

  of(owner: string): Locks {
    return {
      request: (name, { signal }, held) =>
        new Promise((resolve, reject) => {
          const queue = this.#queues.get(name) ?? [];
          this.#queues.set(name, queue);
          const begin = () =>
            void held().then((value) => {
              this.#release(name, entry);
              resolve(value);
            }, reject);
          const entry = { owner, begin };
          signal.addEventListener("abort", () => {
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

  #release(name: string, entry: { readonly owner: string; readonly begin: () => void }): void {
    const queue = this.#queues.get(name) ?? [];
    const wasFirst = queue[0] === entry;
    const at = queue.indexOf(entry);
    if (at >= 0) queue.splice(at, 1);
    if (wasFirst) queue[0]?.begin();
  }
}

/** One browser with tabs of the console. */
export class TestBrowser {
  readonly #locks = new BrowserLocks();
  readonly #listeners = new Map<string, (event: { readonly data: Message }) => void>();
  readonly #open: (address: string) => Source;
  readonly #loggedIn: () => Promise<boolean>;
  #tabs = 0;

  constructor(open: (address: string) => Source, loggedIn: () => Promise<boolean> = async () => true) {
    this.#open = open;
    this.#loggedIn = loggedIn;
  }

  tab(): { readonly sharing: Sharing; readonly kill: () => void } {
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
    return { sharing, kill };
  }

  #channel(tab: string): Channel {
    return {
      postMessage: (message) => {
        if (!this.#listeners.has(tab)) return;
        const data = structuredClone(message);
        for (const [other, listener] of this.#listeners)
          if (other !== tab) queueMicrotask(() => this.#listeners.has(other) && listener({ data }));
      },
      addEventListener: (_, listener) => void this.#listeners.set(tab, listener),
      close: () => void this.#listeners.delete(tab),
    };
  }
}
