import { Result, Schema } from "effect";
import * as Y from "yjs";
import type { Rejection } from "../../../domain/kernel/mod.ts";
import { ContentSum } from "../../../domain/knowledge/content-hash.ts";
import { type Change, changeIn, entryOfChange } from "../../../domain/knowledge/contract.ts";
import { Knowledge } from "../../../domain/knowledge/described.ts";
import { canonicalExport, KnowledgeBase } from "../../../domain/knowledge/knowledge-base.ts";
import { defaultPolicy, type Policy } from "../../../domain/knowledge/policy.ts";
import {
  Entry,
  isIntact,
  type KnowledgeRecord,
  type RecordSignature,
  recordText,
  type Sha256,
} from "../../../domain/knowledge/record.ts";
import { judge } from "../../../domain/knowledge/rules.ts";
import { instantOf, laterStamp, nextStamp } from "../../../domain/knowledge/stamp.ts";
import { bytesOf, checkUpdate, entryText, recordsOf } from "../../../domain/knowledge/update.ts";
import type { LoggedEvent, SpaceEvent } from "./log-reader.ts";
import { Outbox, type OwnChange } from "./outbox.ts";

/** The content of a space at a version. A replica that joins with it goes on with `base` as its own. */
export interface JoinedSpace {
  readonly version: number;
  readonly position: number;
  readonly policy: Policy;
  readonly base: KnowledgeBase;
}

export interface ReplicaStateOptions {
  /** The agent that writes here. */
  readonly author: string;
  readonly sha256: Sha256;
  /** ISO 8601. */
  readonly now: () => string;
  readonly sign?: (id: string) => RecordSignature;
}

/** `gap`: earlier events are missing. `damaged`: the event is not the one of the log. Both are read again. */
export type Taken = "taken" | "known" | "gap" | "damaged";

const isEntry = Schema.is(Entry);

/**
 * A space on an agent, without files and network: the known part of the log, and changes that the log does not have
 * yet. A record of the log stays for ever. Own changes and announced changes of others count until the log has them or
 * refuses them.
 */
export class ReplicaState {
  readonly #options: ReplicaStateOptions;
  /** All records, also those that the log does not have yet. */
  #base = new KnowledgeBase();
  #knowledge = new Knowledge(this.#base, defaultPolicy);
  #policy: Policy = defaultPolicy;
  #content = new ContentSum();
  #records = 0;
  #stamp = "";
  /** The document that this epoch's updates in the log made; undefined until an epoch was seen from its start. */
  #document: Y.Doc | undefined = new Y.Doc();
  readonly #outbox = new Outbox();
  /** The times at which others' announced changes came, by id of the record. The log does not have them yet. */
  readonly #announced = new Map<string, string>();
  version = 0;
  position = 0;
  epoch = 1;

  constructor(options: ReplicaStateOptions) {
    this.#options = options;
  }

  /** The space with all records. */
  get knowledge(): Knowledge {
    return this.#knowledge;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Digest of the known records of the log. */
  get content(): string {
    return this.#content.hex;
  }

  get records(): number {
    return this.#records;
  }

  /** Own changes that are not in the log, oldest first. */
  get outbox(): ReadonlyArray<OwnChange> {
    return [...this.#outbox.changes()];
  }

  /** The number of own changes that are not in the log. */
  get waiting(): number {
    return this.#outbox.size;
  }

  /** Returns the canonical export of the known records of the log. */
  export(): string {
    return canonicalExport(this.#base.without(new Set([...this.#outbox.ids(), ...this.#announced.keys()])));
  }

  /** The known records of the log, in no order. */
  *confirmed(): Generator<Entry> {
    for (const entry of this.#base.entries())
      if (!this.#outbox.has(entry.id) && !this.#announced.has(entry.id)) yield entry;
  }

  /** Returns the stamp and author of a record that is made now. */
  authorship(): { readonly author: string; readonly stamp: string } {
    return { author: this.#options.author, stamp: nextStamp(this.#stamp, this.#options.now()) };
  }

  /** Adds an own record to the outbox, or returns why the rules refuse it. */
  add(record: KnowledgeRecord): Result.Result<OwnChange, Rejection> {
    const id = this.#options.sha256(recordText(record));
    const judged = judge(record, this.#base, instantOf(record.stamp));
    if (Result.isFailure(judged)) return Result.fail(judged.failure);
    const signature = this.#options.sign?.(id);
    return Result.succeed(this.restore(signature === undefined ? { id, record } : { id, record, signature }));
  }

  /** Adds an own change of an earlier run. It is written again, because no client id is used twice. */
  restore(entry: Entry): OwnChange {
    this.#stamp = laterStamp(this.#stamp, entry.record.stamp);
    this.#base.add(entry);
    return this.#outbox.add(entry);
  }

  /** Returns whether the log has a record. */
  has(id: string): boolean {
    return this.#base.has(id) && !this.#outbox.has(id) && !this.#announced.has(id);
  }

  /** Returns whether a change still waits, and was not written again after it was sent. */
  isCurrent(change: OwnChange): boolean {
    return this.#outbox.isCurrent(change);
  }

  /** Drops a change that the log refused or already had. All changes that wait are written again. */
  drop(id: string): void {
    if (!this.#outbox.delete(id)) return;
    this.#rebase(new Set([id]));
    this.beginSession();
  }

  /** Goes on under a fresh client id. Changes that wait are written again. */
  beginSession(): void {
    this.#outbox.beginSession();
  }

  /** Takes a record that `author` announced. Returns false if it is refused or already known. */
  announce(author: string, value: unknown): boolean {
    if (this.#policy.requireSignatures || !isEntry(value) || value.record.author !== author) return false;
    if (value.record.kind === "settlement" || value.record.kind === "revocation") return false;
    if (this.#base.has(value.id)) return false;
    const now = this.#options.now();
    if (!isIntact(value, this.#options.sha256) || Result.isFailure(judge(value.record, this.#base, now))) return false;
    this.#base.add(value);
    this.#announced.set(value.id, now);
    this.#stamp = laterStamp(this.#stamp, value.record.stamp);
    return true;
  }

  /** Takes out the changes that were announced before `since` and have not come to the log. */
  expire(since: string): void {
    const old = new Set([...this.#announced].filter(([, at]) => at < since).map(([id]) => id));
    if (old.size === 0) return;
    for (const id of old) this.#announced.delete(id);
    this.#rebase(old);
  }

  /** Takes the next event of the log. An event out of order or a damaged one changes nothing. */
  take({ version, position, event }: LoggedEvent): Taken {
    if (version <= this.version) return "known";
    if (version > this.version + 1) return "gap";
    const change = changeIn(event);
    if (change !== undefined) {
      if (!this.#takeChange(change)) return "damaged";
    } else this.#takeRules(event);
    this.version = version;
    this.position = Math.max(this.position, position);
    return "taken";
  }

  #takeRules(event: SpaceEvent): void {
    if (event.type === "space-configured") this.#setPolicy(event.data.policy);
    if (event.type !== "epoch-started") return;
    this.epoch = event.data.epoch;
    this.#document = new Y.Doc();
    this.beginSession();
  }

  #takeChange(change: Change): boolean {
    const { sha256 } = this.#options;
    const entry = entryOfChange(change);
    if (!isIntact(entry, sha256)) return false;
    const place = checkUpdate(change.update, entry, sha256);
    const bytes = bytesOf(change.update, sha256);
    if (Result.isFailure(place) || bytes === undefined) return false;
    if (this.#document !== undefined && !this.#apply(this.#document, bytes)) return false;
    this.#outbox.delete(entry.id);
    this.#announced.delete(entry.id);
    this.#base.add(entry);
    this.#confirm(entry);
    return true;
  }

  /** Returns false if yjs waits for an earlier update. The log never has such a gap, so the update is damaged. */
  #apply(document: Y.Doc, bytes: Uint8Array): boolean {
    Y.applyUpdate(document, bytes);
    return document.store.pendingStructs === null;
  }

  #confirm({ id, record }: Entry): void {
    this.#content.add(id);
    this.#records += 1;
    this.#stamp = laterStamp(this.#stamp, record.stamp);
  }

  /** Begins with the content of the log at a version. Own changes stay. */
  join({ version, position, policy, base }: JoinedSpace): void {
    this.#base = base;
    this.#content = new ContentSum(base.content);
    this.#records = base.size;
    for (const { record } of base.entries()) this.#stamp = laterStamp(this.#stamp, record.stamp);
    this.#announced.clear();
    this.epoch = 1;
    this.#document = version === 0 ? new Y.Doc() : undefined;
    for (const { entry } of this.#outbox.changes()) if (!base.add(entry)) this.#outbox.delete(entry.id);
    this.version = version;
    this.position = position;
    this.#setPolicy(policy);
    this.beginSession();
  }

  /** Begins again with an empty space, for a reading of the log from its start. */
  leave(): void {
    this.join({ version: 0, position: 0, policy: defaultPolicy, base: new KnowledgeBase() });
  }

  /** Returns whether each record has its id, and the document has the records of its epoch. */
  isIntact(): boolean {
    const { sha256 } = this.#options;
    const sum = new ContentSum();
    for (const entry of this.confirmed()) {
      if (!isIntact(entry, sha256)) return false;
      sum.add(entry.id);
    }
    if (sum.hex !== this.content) return false;
    if (this.#document === undefined) return true;
    return [...recordsOf(this.#document)].every(([id, text]) => {
      const entry = this.#base.entry(id);
      return entry !== undefined && entryText(entry) === text;
    });
  }

  #rebase(without: ReadonlySet<string>): void {
    this.#base = this.#base.without(without);
    this.#setPolicy(this.#policy);
  }

  #setPolicy(policy: Policy): void {
    this.#policy = policy;
    this.#knowledge = new Knowledge(this.#base, policy);
  }
}
