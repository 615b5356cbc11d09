import * as Y from "yjs";
import { type DraftMessage, longestDraftMessage } from "../../../../contract/signals.ts";
import type { DraftTalk } from "../../../client/mod.ts";

/** Somebody who has the same draft open, in another page. */
export interface Person {
  readonly page: string;
  readonly principal: string;
  /** What is selected there; empty if nothing is. */
  readonly selected: string;
  readonly seenAt: number;
}

export interface PeersOptions {
  readonly doc: Y.Doc;
  readonly draft: string;
  /** The id of this page, which no other has. */
  readonly page: string;
  readonly tell: (message: DraftMessage) => Promise<void>;
  readonly onPeople: (people: ReadonlyArray<Person>) => void;
  /** A change does not fit one message: the others do not get it. */
  readonly onTooLarge: () => void;
}

/** The origin of what comes from others. */
export const others = "others";

/** Milliseconds in which changes are collected before they are sent. */
const pace = 60;
/** Milliseconds between two signs of life. */
const alive = 8_000;
/** Milliseconds after which somebody without a sign of life has gone. */
export const gone = 20_000;
/** Bytes of an update that fit one message in base64. */
const mostBytes = Math.floor((longestDraftMessage * 3) / 4) - 3;

const toBase64 = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/**
 * Keeps a draft in step with the pages of others that have it open. Messages may be lost: every sign of life asks for what
 * is missing, so that all say the same in the end.
 */
export class Peers {
  readonly #options: PeersOptions;
  readonly #people = new Map<string, Person>();
  readonly #timers: Array<ReturnType<typeof setInterval>> = [];
  #waiting: Array<Uint8Array> = [];
  #sending: ReturnType<typeof setTimeout> | undefined;
  #selected = "";

  constructor(options: PeersOptions) {
    this.#options = options;
    options.doc.on("update", this.#changed);
    this.#timers.push(setInterval(() => this.#liveOn(), alive));
  }

  /** Asks the others for what they have. */
  ask(): void {
    this.#tell("ask", toBase64(Y.encodeStateVector(this.#options.doc)));
    this.#tell("presence", this.#selected);
  }

  /** Says what is selected here. */
  select(key: string): void {
    if (key === this.#selected) return;
    this.#selected = key;
    this.#tell("presence", key);
  }

  /** Takes in what another page says. What does not fit is left out. */
  hear({ draft, page, principal, kind, data }: DraftTalk): void {
    if (draft !== this.#options.draft || page === this.#options.page) return;
    try {
      if (kind === "ask") this.#answer(fromBase64(data));
      if (kind === "update") Y.applyUpdate(this.#options.doc, fromBase64(data), others);
    } catch {
      return;
    }
    if (kind === "leave") this.#people.delete(page);
    else {
      const selected = kind === "presence" ? data : (this.#people.get(page)?.selected ?? "");
      this.#people.set(page, { page, principal, selected, seenAt: Date.now() });
    }
    this.#options.onPeople([...this.#people.values()]);
  }

  close(): void {
    this.#options.doc.off("update", this.#changed);
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#sending);
    this.#send();
    this.#tell("leave", "");
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin === others) return;
    this.#waiting.push(update);
    this.#sending ??= setTimeout(() => this.#send(), pace);
  };

  #send(): void {
    this.#sending = undefined;
    const updates = this.#waiting.splice(0);
    if (updates.length > 0) this.#tellUpdate(Y.mergeUpdates(updates));
  }

  #answer(vector: Uint8Array): void {
    const update = Y.encodeStateAsUpdate(this.#options.doc, vector);
    // Two bytes say that nothing is missing.
    if (update.length > 2) this.#tellUpdate(update);
  }

  #tellUpdate(update: Uint8Array): void {
    if (update.length <= mostBytes) this.#tell("update", toBase64(update));
    else this.#options.onTooLarge();
  }

  #liveOn(): void {
    this.ask();
    const now = Date.now();
    for (const [page, { seenAt }] of this.#people) if (now - seenAt > gone) this.#people.delete(page);
    this.#options.onPeople([...this.#people.values()]);
  }

  #tell(kind: DraftMessage["kind"], data: string): void {
    // What is lost here is asked for with the next sign of life.
    this.#options.tell({ page: this.#options.page, kind, data }).catch(() => undefined);
  }
}
