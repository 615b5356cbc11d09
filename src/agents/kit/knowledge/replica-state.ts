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

/** All that a space had at a version: what a replica joins with, and goes on with as its own. */
export interface JoinedSpace {
  readonly version: number;
  readonly position: number;
  readonly policy: Policy;
  readonly base: KnowledgeBase;
}

export interface ReplicaStateOptions {
  /** Who writes here. */
  readonly author: string;
  readonly sha256: Sha256;
  /** ISO 8601. */
  readonly now: () => string;
  readonly sign?: (id: string) => RecordSignature;
}

/** `gap`: events before it are missing; `damaged`: it is not what the log has. Both are read again. */
export type Taken = "taken" | "known" | "gap" | "damaged";

const isEntry = Schema.is(Entry);

/**
 * A space on an agent, without files and network: the log as far as it is known, and what the log does not have yet. The
 * log is the truth: what comes from it is never taken back; own changes, and those that others have announced, count
 * until the log has them or refuses them.
 */
export class ReplicaState {
  readonly #options: ReplicaStateOptions;
  /** Everything: what the log has, and what it does not have yet. */
  #base = new KnowledgeBase();
  #knowledge = new Knowledge(this.#base, defaultPolicy);
  #policy: Policy = defaultPolicy;
  #content = new ContentSum();
  #records = 0;
  #stamp = "";
  /** What this epoch's updates in the log made; undefined until an epoch was seen from its start. */
  #document: Y.Doc | undefined = new Y.Doc();
  readonly #outbox = new Outbox();
  /** Others' changes that were announced and are not in the log yet, by when they came. */
  readonly #announced = new Map<string, string>();
  version = 0;
  position = 0;
  epoch = 1;

  constructor(options: ReplicaStateOptions) {
    this.#options = options;
  }

  /** The space as it is seen here. */
  get knowledge(): Knowledge {
    return this.#knowledge;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Digest of what the log has, as far as it is known here. */
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

  /** How many there are of them. */
  get waiting(): number {
    return this.#outbox.size;
  }

  /** The canonical export of what the log has. */
  export(): string {
    return canonicalExport(this.#base.without(new Set([...this.#outbox.ids(), ...this.#announced.keys()])));
  }

  /** What the log has, in no order. */
  *confirmed(): Generator<Entry> {
    for (const entry of this.#base.entries())
      if (!this.#outbox.has(entry.id) && !this.#announced.has(entry.id)) yield entry;
  }

  /** The stamp and author of a record that is made now. */
  provenance(): { readonly author: string; readonly stamp: string } {
    return { author: this.#options.author, stamp: nextStamp(this.#stamp, this.#options.now()) };
  }

  /** Adds an own record, if the rules allow it, to be sent to the log. */
  add(record: KnowledgeRecord): Result.Result<OwnChange, Rejection> {
    const id = this.#options.sha256(recordText(record));
    const judged = judge(record, this.#base, instantOf(record.stamp));
    if (Result.isFailure(judged)) return Result.fail(judged.failure);
    const signature = this.#options.sign?.(id);
    return Result.succeed(this.restore(signature === undefined ? { id, record } : { id, record, signature }));
  }

  /** An own change that was kept over a restart: written anew, for a client id is never used again. */
  restore(entry: Entry): OwnChange {
    this.#stamp = laterStamp(this.#stamp, entry.record.stamp);
    this.#base.add(entry);
    return this.#outbox.add(entry);
  }

  /** Whether the log has a record. */
  has(id: string): boolean {
    return this.#base.has(id) && !this.#outbox.has(id) && !this.#announced.has(id);
  }

  /** Whether a change waits as it was sent, and has not been written anew since. */
  isCurrent(change: OwnChange): boolean {
    return this.#outbox.isCurrent(change);
  }

  /** What the log refused, or had from elsewhere: what was written after it is written anew. */
  drop(id: string): void {
    if (!this.#outbox.delete(id)) return;
    this.#rebase(new Set([id]));
    this.beginSession();
  }

  /** Goes on writing under a fresh client id; changes that wait are written anew. */
  beginSession(): void {
    this.#outbox.beginSession();
  }

  /** Takes what another agent announced; its author is who it came from. False where it is not taken. */
  announce(author: string, value: unknown): boolean {
    if (this.#policy.requireSignatures || !isEntry(value) || value.record.author !== author) return false;
    if (value.record.kind === "settlement" || this.#base.has(value.id)) return false;
    const now = this.#options.now();
    if (!isIntact(value, this.#options.sha256) || Result.isFailure(judge(value.record, this.#base, now))) return false;
    this.#base.add(value);
    this.#announced.set(value.id, now);
    this.#stamp = laterStamp(this.#stamp, value.record.stamp);
    return true;
  }

  /** Takes out what was announced before `since` and has not come to the log. */
  expire(since: string): void {
    const old = new Set([...this.#announced].filter(([, at]) => at < since).map(([id]) => id));
    if (old.size === 0) return;
    for (const id of old) this.#announced.delete(id);
    this.#rebase(old);
  }

  /** Takes the next event of the log. What is out of order or not whole changes nothing. */
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

  /** False where yjs waits for an update before this one: the log never has such a gap. */
  #apply(document: Y.Doc, bytes: Uint8Array): boolean {
    Y.applyUpdate(document, bytes);
    return document.store.pendingStructs === null;
  }

  #confirm({ id, record }: Entry): void {
    this.#content.add(id);
    this.#records += 1;
    this.#stamp = laterStamp(this.#stamp, record.stamp);
  }

  /** Begins with all that the log had at a version; own changes stay. */
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

  /** Begins anew: the log is read from its start. */
  leave(): void {
    this.join({ version: 0, position: 0, policy: defaultPolicy, base: new KnowledgeBase() });
  }

  /** Whether what is held is what it says: each record has its id, and the document holds the records of its epoch. */
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
