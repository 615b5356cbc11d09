import * as Y from "yjs";
import type { Entry } from "../../../domain/knowledge/record.ts";
import { updateBytes } from "../../../domain/knowledge/update.ts";

/** An own change that the log does not have yet. `bytes` is its update in the present session. */
export interface OwnChange {
  readonly entry: Entry;
  readonly bytes: Uint8Array;
}

/**
 * Own changes that the log does not have yet, oldest first. A session's updates are written under one client id, which
 * yjs draws and which is kept nowhere: an id that wrote two things would part replicas for ever.
 */
export class Outbox {
  readonly #changes = new Map<string, OwnChange>();
  #client = new Y.Doc().clientID;
  #clock = 0;

  get size(): number {
    return this.#changes.size;
  }

  has(id: string): boolean {
    return this.#changes.has(id);
  }

  ids(): Iterable<string> {
    return this.#changes.keys();
  }

  changes(): Iterable<OwnChange> {
    return this.#changes.values();
  }

  /** Writes an entry as what comes next in this session. */
  add(entry: Entry): OwnChange {
    const change = { entry, bytes: updateBytes(entry, { client: this.#client, clock: this.#clock }) };
    this.#clock += 1;
    this.#changes.set(entry.id, change);
    return change;
  }

  delete(id: string): boolean {
    return this.#changes.delete(id);
  }

  /** Returns whether a change still waits, and was not written again after it was sent. */
  isCurrent({ entry, bytes }: OwnChange): boolean {
    return this.#changes.get(entry.id)?.bytes === bytes;
  }

  /** Goes on under a fresh client id. Changes that wait are written again. */
  beginSession(): void {
    this.#client = new Y.Doc().clientID;
    this.#clock = 0;
    for (const { entry } of this.#changes.values()) this.add(entry);
  }
}
