import { Result } from "effect";
import { type ConceptHit, conceptSearch } from "../../../domain/knowledge/concept-search.ts";
import type { Knowledge } from "../../../domain/knowledge/described.ts";
import type { RecordSignature } from "../../../domain/knowledge/entry.ts";
import type { FactObject, KnowledgeRecord } from "../../../domain/knowledge/record.ts";
import type { TextIndex } from "../../../domain/knowledge/text-index.ts";
import { textIndex } from "../../../infrastructure/minisearch/text-index.ts";
import type { Client } from "../client.ts";
import { CommandRefused, messageOf } from "../errors.ts";
import { backoff, pause } from "../pause.ts";
import { joinedSpace, sha256, summaryOf } from "./join.ts";
import { readLog } from "./log-reader.ts";
import type { LoggedEvent } from "./logged-event.ts";
import type { OwnChange } from "./outbox.ts";
import { ReplicaFile, restoreState } from "./replica-file.ts";
import { ReplicaState } from "./replica-state.ts";
import { type Outcome, settle, submission } from "./submission.ts";

export interface ReplicaOptions {
  /** A client whose principal is the author. */
  readonly client: Client;
  readonly space: string;
  /** Where the replica is kept over a restart; without it, in memory alone. */
  readonly file?: string;
  /** Signs the id of a record, with the key that the agent registered: for spaces that require it. */
  readonly sign?: (id: string) => RecordSignature;
  /** Takes what goes wrong besides; standard error by default. */
  readonly log?: (message: string) => void;
  /** How often the replica is compared with what is published, in seconds; 30 by default. */
  readonly compareSeconds?: number;
}

/** A record that was written here. */
export interface Written {
  readonly id: string;
  /** When it is on the disk; at once without a file. */
  readonly kept: Promise<void>;
}

/** A triple, as facts and beliefs are given. */
interface Said {
  readonly subject: string;
  readonly predicate: string;
  readonly object: FactObject;
}

/**
 * A space of knowledge on an agent. It answers and takes records whether or not anybody else can be reached: own records
 * count here at once, are announced to other replicas, and are sent to the log when it is there. Throws `CommandRefused`
 * where the rules do not allow a record.
 */
export interface KnowledgeReplica {
  readonly assertFact: (said: Said & { readonly confidence?: number; readonly source?: string }) => Written;
  readonly retractFact: (fact: string, reason?: string) => Written;
  readonly supportFact: (fact: string, evidence: string, note?: string) => Written;
  readonly disputeFact: (fact: string, evidence: string, note?: string) => Written;
  readonly stateBelief: (said: Said & { readonly degree?: number; readonly reason?: string }) => Written;
  /** The space as it is seen here: for `matching`, `neighboursOf`, `shortestPath`, `whyOf` of the domain. */
  readonly knowledge: () => Knowledge;
  readonly search: (
    question: string,
    options?: { readonly hops?: number; readonly limit?: number },
  ) => ReadonlyArray<ConceptHit>;
  /** The canonical export of what the log has; equal on replicas that have read equally far. */
  readonly export: () => string;
  /** How far the log has been read, the digest of what it has, and how much waits to be sent. */
  readonly status: () => { readonly version: number; readonly content: string; readonly waiting: number };
  /** Calls `changed` after each change, from here or from others; what it returns ends that. */
  readonly onChange: (changed: () => void) => () => void;
  /** Waits until the replica has read the log up to a version at least, and nothing waits to be sent. */
  readonly synced: (version?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How long an announcement counts without being in the log. */
const announcementMilliseconds = 60_000;
/** Changes that are under way to the log at once: handled in their order, as they are sent on one connection. */
const width = 64;
const sendTimeoutMs = 5_000;
const gatheringMilliseconds = 5;

const outcomeOf = (sent: Promise<{ readonly events: ReadonlyArray<string> }>): Promise<Outcome> =>
  sent.then(
    ({ events }): Outcome => ({ is: "accepted", isNew: events.length > 0 }),
    (error: unknown): Outcome => {
      if (!(error instanceof CommandRefused) || error.code === "unavailable" || error.code === "timeout") throw error;
      return { is: "refused", reason: error.reason ?? error.code, message: error.message };
    },
  );

/** Opens a replica: from its file, then from the newest snapshot or the log, as soon as it can be reached. */
export const openReplica = async (options: ReplicaOptions): Promise<KnowledgeReplica> => {
  const { client, space, compareSeconds = 30 } = options;
  const log = options.log ?? ((message: string) => console.error(`knowledge ${space}: ${message}`));
  const closed = new AbortController();
  const { signal } = closed;
  const state = new ReplicaState({
    author: client.principal,
    sha256,
    now: () => new Date().toISOString(),
    ...(options.sign === undefined ? {} : { sign: options.sign }),
  });
  const file = options.file === undefined ? undefined : new ReplicaFile(options.file);
  if (file !== undefined) {
    const found = restoreState(state, await file.read());
    if (found === "damaged") log("its file is damaged: it is read from the log again");
    if (found !== "intact") await file.rewrite(state);
  }
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const kept = (writing: Promise<void> | undefined): Promise<void> =>
    (writing ?? Promise.resolve()).catch((error: unknown) => log(`its file cannot be written: ${messageOf(error)}`));

  let index: { readonly texts: TextIndex; readonly ids: Set<string> } | undefined;
  let wake = Promise.withResolvers<void>();
  /** Ends the present reading of the log, so that it goes on from where the state then is. */
  let reading = new AbortController();
  let damages = 0;

  const take = (logged: LoggedEvent): "go-on" | "again" => {
    const taken = state.take(logged);
    if (taken === "known") return "go-on";
    if (taken === "gap") return "again";
    if (taken === "damaged") {
      damages += 1;
      log(`event ${logged.version} is not whole: it is read again`);
      if (damages > 3) rebuild();
      return "again";
    }
    damages = 0;
    if (logged.event.type === "epoch-started") void kept(file?.rewrite(state));
    else void kept(file?.event(logged));
    changed();
    return "go-on";
  };

  const rebuild = () => {
    damages = 0;
    index = undefined;
    state.leave();
    void kept(file?.rewrite(state));
    reading.abort();
  };

  /** Begins with the newest snapshot, where that is further than what is here. */
  const join = async () => {
    const summary = await summaryOf(client, space, signal);
    const snapshot = summary?.snapshot;
    if (snapshot === undefined || snapshot.version <= state.version) return;
    try {
      state.join(await joinedSpace(client, snapshot));
      await kept(file?.rewrite(state));
      changed();
    } catch (error) {
      log(`the snapshot of version ${snapshot.version} cannot be taken (${messageOf(error)}): the log is read instead`);
    }
  };

  const follow = async () => {
    while (!signal.aborted) {
      reading = new AbortController();
      if (state.version === 0) await join().catch((error: unknown) => log(`not joined yet: ${messageOf(error)}`));
      const ends = AbortSignal.any([signal, reading.signal]);
      await readLog(client, space, () => state.position, take, { signal: ends, log });
    }
  };

  const sendOne = async (change: OwnChange): Promise<void> => {
    const { commandId, command, payload } = submission(change, sha256);
    const settings = { commandId, timeoutMs: sendTimeoutMs, signal };
    const outcome = await outcomeOf(client.command("knowledge", space, command, payload, settings));
    if (settle(state, change, outcome) !== "dropped") return;
    await kept(file?.dropped(change.entry.id));
    if (outcome.is === "refused") log(`record ${change.entry.id} was refused: ${outcome.message}`);
    changed();
  };

  const send = async () => {
    const sent = new Set<string>();
    for (let failures = 0; !signal.aborted; ) {
      const waiting = state.outbox.filter(({ entry }) => !sent.has(entry.id)).slice(0, width);
      if (waiting.length === 0) {
        await Promise.race([wake.promise, pause(sent.size === 0 ? 60_000 : 1_000, signal)]);
        wake = Promise.withResolvers<void>();
        // What was accepted and has not come back from the log is sent again: by its command id it counts once.
        sent.clear();
        // The announcement goes first, and what follows at once goes along.
        await pause(gatheringMilliseconds, signal);
        continue;
      }
      const results = await Promise.allSettled(waiting.map(sendOne));
      const failed = results.find((result) => result.status === "rejected");
      for (const [at, result] of results.entries()) {
        const id = waiting[at]?.entry.id;
        if (id !== undefined && result.status === "fulfilled" && !state.has(id)) sent.add(id);
      }
      if (failed === undefined) failures = 0;
      else if (!signal.aborted) {
        failures += 1;
        if (failures === 1) log(`changes wait: ${messageOf(failed.reason)}`);
        await pause(backoff(failures), signal);
      }
    }
  };

  const announcements = client.nats.subscribe(client.names.announcement("*", space), {
    callback: (error, message) => {
      if (error !== null) return;
      const author = message.subject.split(".").at(-2);
      if (author === undefined || author === client.principal) return;
      try {
        if (state.announce(author, message.json())) changed();
      } catch {
        // Not JSON: the log will show what it was.
      }
    },
  });

  const compare = async () => {
    while (!signal.aborted) {
      await pause(compareSeconds * 1000, signal);
      if (signal.aborted) return;
      state.expire(new Date(Date.now() - announcementMilliseconds).toISOString());
      try {
        const summary = await summaryOf(client, space, signal);
        const differs = summary?.version === state.version && summary.content !== state.content;
        if (!differs && state.isIntact()) continue;
        log("it is not what the log says: it is read from the log again");
        rebuild();
      } catch (error) {
        if (!signal.aborted) log(`it cannot be compared now: ${messageOf(error)}`);
      }
    }
  };

  const write = (record: KnowledgeRecord): Written => {
    const added = state.add(record);
    if (Result.isFailure(added)) {
      const { reason, message, details } = added.failure;
      throw new CommandRefused({ code: "rejected", message, details: { ...details, reason } });
    }
    const { entry } = added.success;
    if (!client.nats.isClosed())
      client.nats.publish(client.names.announcement(client.principal, space), JSON.stringify(entry));
    wake.resolve();
    changed();
    return { id: entry.id, kept: kept(file?.own(entry)) };
  };

  const optional = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });
  const weigh = (verdict: "support" | "dispute") => (fact: string, evidence: string, note?: string) =>
    write({ kind: "evidence", fact, verdict, evidence, ...optional("note", note), ...state.provenance() });

  const work = [follow(), send(), compare()];
  return {
    assertFact: ({ subject, predicate, object, confidence = 1, source }) =>
      write({
        ...{ kind: "fact", subject, predicate, object, confidence },
        ...optional("source", source),
        ...state.provenance(),
      }),
    retractFact: (fact, reason) =>
      write({ kind: "retraction", fact, ...optional("reason", reason), ...state.provenance() }),
    supportFact: weigh("support"),
    disputeFact: weigh("dispute"),
    stateBelief: ({ subject, predicate, object, degree = 1, reason }) =>
      write({
        ...{ kind: "belief", subject, predicate, object, degree },
        ...optional("reason", reason),
        ...state.provenance(),
      }),
    knowledge: () => state.knowledge,
    search: (question, { hops = 1, limit = 20 } = {}) => {
      index ??= { texts: textIndex(), ids: new Set() };
      const { texts, ids } = index;
      const { knowledge } = state;
      texts.add(
        [...knowledge.base.facts()]
          .filter(({ id }) => !ids.has(id))
          .map(({ id, fact: { subject, predicate, object, source = "" } }) => {
            ids.add(id);
            return { id, subject, predicate, object: String(object), source };
          }),
      );
      return conceptSearch(knowledge, texts, { question, hops, limit });
    },
    export: () => state.export(),
    status: () => ({ version: state.version, content: state.content, waiting: state.waiting }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    synced: (version = 0) =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          if (state.version < version || state.waiting > 0) return;
          listeners.delete(check);
          resolve();
        };
        signal.addEventListener("abort", () => reject(new Error(`replica of ${space} is closed`)), { once: true });
        listeners.add(check);
        check();
      }),
    close: async () => {
      closed.abort(new Error(`replica of ${space} is closed`));
      announcements.unsubscribe();
      wake.resolve();
      await Promise.all(work);
      await kept(file?.written());
    },
  };
};
