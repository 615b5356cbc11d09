import { Result } from "effect";
import { defined } from "../../../domain/kernel/mod.ts";
import { type ConceptHit, conceptSearch } from "../../../domain/knowledge/concept-search.ts";
import type { Knowledge } from "../../../domain/knowledge/described.ts";
import type { KnowledgeRecord } from "../../../domain/knowledge/record.ts";
import { textIndex } from "../../../infrastructure/minisearch/text-index.ts";
import { CommandRefused, messageOf } from "../errors.ts";
import { pause } from "../waiting.ts";
import { joinedSpace, sha256, summaryOf } from "./join.ts";
import type { KnowledgeReplica, ReplicaOptions, Written } from "./knowledge-replica.ts";
import { type LoggedEvent, readLog } from "./log-reader.ts";
import { ReplicaFile, restoreState } from "./replica-file.ts";
import { ReplicaState } from "./replica-state.ts";
import { sendChanges } from "./sending.ts";

/** Milliseconds for which an announcement counts before it is in the log. */
const announcementMilliseconds = 60_000;

/** Opens a replica: from its file, then from the newest snapshot or the log as soon as a backend can be reached. */
export const openReplica = async (options: ReplicaOptions): Promise<KnowledgeReplica> => {
  const { client, space, compareSeconds = 30 } = options;
  const log = options.log ?? ((message: string) => console.error(`knowledge ${space}: ${message}`));
  const closed = new AbortController();
  const { signal } = closed;
  const { principal: author } = client;
  const { sign } = options;
  const state = new ReplicaState(defined({ author, sha256, now: () => new Date().toISOString(), sign }));
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

  let find = factSearch();
  /** Ends the present reading of the log. The next one begins where the state then is. */
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
    find = factSearch();
    state.leave();
    void kept(file?.rewrite(state));
    reading.abort();
  };

  /** Begins with the newest snapshot if it is ahead of the state. */
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

  const announcements = client.nats.subscribe(client.names.subjects.announcement("*", space), {
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
        const published = summary?.version === state.version ? summary.content : undefined;
        const differs = published !== undefined && published !== state.content;
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
      client.nats.publish(client.names.subjects.announcement(client.principal, space), JSON.stringify(entry));
    sending.wake();
    changed();
    return { id: entry.id, kept: kept(file?.own(entry)) };
  };

  const weigh = (verdict: "support" | "dispute") => (fact: string, evidence: string, note?: string) =>
    write(defined({ kind: "evidence", fact, verdict, evidence, note, ...state.authorship() }));

  const dropped = (id: string): Promise<void> => {
    changed();
    return kept(file?.dropped(id));
  };
  const sending = sendChanges({ client, space, state, log, dropped, signal });

  const work = [follow(), sending.ended, compare()];
  return {
    assertFact: ({ subject, predicate, object, confidence = 1, source, provenance }) =>
      write(
        defined({ kind: "fact", subject, predicate, object, confidence, source, provenance, ...state.authorship() }),
      ),
    retractFact: (fact, reason) => write(defined({ kind: "retraction", fact, reason, ...state.authorship() })),
    supportFact: weigh("support"),
    disputeFact: weigh("dispute"),
    stateBelief: ({ subject, predicate, object, degree = 1, reason }) =>
      write(defined({ kind: "belief", subject, predicate, object, degree, reason, ...state.authorship() })),
    knowledge: () => state.knowledge,
    search: (question, { hops = 1, limit = 20 } = {}) => find(state.knowledge, { question, hops, limit }),
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
      sending.wake();
      await Promise.all(work);
      await kept(file?.written());
    },
  };
};

/** Returns a concept search over a space that grows. Facts that are new are indexed when the next question comes. */
const factSearch = () => {
  const texts = textIndex();
  const ids = new Set<string>();
  return (
    knowledge: Knowledge,
    asked: { readonly question: string; readonly hops: number; readonly limit: number },
  ): ReadonlyArray<ConceptHit> => {
    const fresh = [...knowledge.base.facts()].filter(({ id }) => !ids.has(id));
    for (const { id } of fresh) ids.add(id);
    texts.add(
      fresh.map(({ id, fact: { subject, predicate, object, source = "" } }) => ({
        id,
        subject,
        predicate,
        object: String(object),
        source,
      })),
    );
    return conceptSearch(knowledge, texts, asked);
  };
};
