import { createHash, randomBytes } from "node:crypto";
import type { Client } from "../../agents/kit/mod.ts";
import { type KeptSession, noSessionFile, type SessionFile } from "./session-file.ts";
import { SharedAnswers } from "./shared-answers.ts";
import { LiveStreams } from "./stream/live-streams.ts";

/** Connects to the installation as a principal, with the rights of that principal. */
export type ConnectAs = (principal: string) => Promise<Client>;

/** Milliseconds in which a log-in link can be used. */
export const linkLifetime = 15 * 60_000;
/** Milliseconds without a request or an open stream after which a session ends. */
export const idleLifetime = 12 * 3_600_000;
/** Milliseconds after which a session ends in any case. */
export const longestLifetime = 7 * 24 * 3_600_000;
/** Sessions and unused links that are kept. One more ends one of the person who has the most. */
const most = 64;
/** Those of one person: nobody ends the sessions of others by logging in again and again. */
const mostOfPerson = 16;
/** Messages about drafts that one session may send a second, from all its tabs. */
const mostSaid = 60;
/** Bytes that count as one message. */
const shortMessage = 16 * 1024;

/**
 * One person in one browser. Everything it reads and does goes through a NATS connection of its own, which speaks for
 * the person: this server has no rights to lend.
 */
export class Session {
  readonly principal: string;
  readonly startedAt: number;
  /** Requests under way. */
  busy = 0;
  /** Open event streams. */
  tabs = 0;
  /** What its tabs have just been answered. */
  readonly answers = new SharedAnswers();
  lastUsed: number;
  #second = 0;
  #said = 0;
  readonly #connect: ConnectAs;
  readonly #ended = new AbortController();
  #connection: Promise<{ readonly client: Client; readonly streams: LiveStreams }> | undefined;

  constructor({ principal, startedAt, lastUsed }: Omit<KeptSession, "digest">, connect: ConnectAs) {
    this.principal = principal;
    this.startedAt = startedAt;
    this.lastUsed = lastUsed;
    this.#connect = connect;
  }

  /** Aborts when the session ends. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Counts a message about a draft, a long one as several; false if there were too many within this second. */
  mayTalk(bytes: number, now = Date.now()): boolean {
    const second = Math.floor(now / 1000);
    this.#said = (second === this.#second ? this.#said : 0) + Math.ceil((bytes + 1) / shortMessage);
    this.#second = second;
    return this.#said <= mostSaid;
  }

  /** The person's connection, made at the first request, and the streams that the person's tabs share. */
  connection(): Promise<{ readonly client: Client; readonly streams: LiveStreams }> {
    this.#ended.signal.throwIfAborted();
    this.#connection ??= this.#connect(this.principal).then(
      async (client) => {
        if (this.ended.aborted) await client.close();
        // The server ends it for good if the person is suspended. A later request tries again.
        void client.nats.closed().then(() => {
          this.#connection = undefined;
        });
        return { client, streams: new LiveStreams(client) };
      },
      (error) => {
        this.#connection = undefined;
        throw error;
      },
    );
    return this.#connection;
  }

  /** The moment at which the session ends if it is not used any more. */
  get endsAt(): number {
    return Math.min(this.startedAt + longestLifetime, this.lastUsed + idleLifetime);
  }

  async end(): Promise<void> {
    if (this.ended.aborted) return;
    this.#ended.abort(new Error("the session has ended"));
    const connection = await this.#connection?.catch(() => undefined);
    connection?.streams.close();
    await connection?.client.close();
  }
}

/**
 * Returns the entries that have to go, of a list whose first are the oldest: those beyond what one person may have, and
 * then the oldest of whoever has the most.
 */
const tooMany = <T extends { readonly principal: string }>(
  entries: ReadonlyArray<readonly [string, T]>,
): ReadonlyArray<readonly [string, T]> => {
  const byPerson = Map.groupBy(entries, ([, { principal }]) => principal);
  const gone = [...byPerson.values()].flatMap((own) => own.splice(0, Math.max(0, own.length - mostOfPerson)));
  for (let left = entries.length - gone.length; left > most; left -= 1) {
    const [largest = []] = [...byPerson.values()].sort((one, other) => other.length - one.length);
    gone.push(...largest.splice(0, 1));
  }
  return gone;
};

/** Only the digest is kept: what a memory dump shows logs nobody in, and a look-up takes no time that depends on it. */
const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const newSecret = (): string => randomBytes(32).toString("base64url");

/** The log-in links that wait to be used, and the sessions. Links end with the process; sessions are kept in a file. */
export class Sessions {
  readonly #links = new Map<string, { readonly principal: string; readonly endsAt: number }>();
  readonly #sessions = new Map<string, Session>();
  readonly #connect: ConnectAs;
  readonly #file: SessionFile;
  readonly #now: () => number;

  constructor(connect: ConnectAs, file: SessionFile = noSessionFile, now: () => number = Date.now) {
    this.#connect = connect;
    this.#file = file;
    this.#now = now;
  }

  /** Takes the sessions over that the process before had, so that nobody is logged out by a restart. */
  async restore(): Promise<void> {
    for (const kept of await this.#file.read()) this.#sessions.set(kept.digest, new Session(kept, this.#connect));
    this.sweep();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Open event streams of all sessions. */
  get tabs(): number {
    return [...this.#sessions.values()].reduce((sum, { tabs }) => sum + tabs, 0);
  }

  /** Returns the secret of a new log-in link, which logs one browser in as `principal`, once. */
  newLink(principal: string): string {
    const secret = newSecret();
    this.#links.set(digestOf(secret), { principal, endsAt: this.#now() + linkLifetime });
    for (const [digest] of tooMany([...this.#links])) this.#links.delete(digest);
    return secret;
  }

  /** Returns whom a link logs in, without using it up; undefined if it logs nobody in. */
  personOf(link: string): string | undefined {
    const found = this.#links.get(digestOf(link));
    return found !== undefined && found.endsAt > this.#now() ? found.principal : undefined;
  }

  /** Open event streams, and requests under way, of all sessions of a person. */
  workOf(person: string): { readonly tabs: number; readonly busy: number } {
    const own = [...this.#sessions.values()].filter(({ principal }) => principal === person);
    return {
      tabs: own.reduce((sum, { tabs }) => sum + tabs, 0),
      busy: own.reduce((sum, { busy }) => sum + busy, 0),
    };
  }

  /** Uses a link up. Returns the secret of the new session; undefined if the link is unknown, used or too old. */
  logIn(link: string): string | undefined {
    const digest = digestOf(link);
    const found = this.#links.get(digest);
    this.#links.delete(digest);
    const now = this.#now();
    return found === undefined || found.endsAt <= now ? undefined : this.begin(found.principal);
  }

  /** Begins a session of somebody whom a link or a provider has named. Returns its secret. */
  begin(principal: string): string {
    const secret = newSecret();
    const now = this.#now();
    this.#sessions.set(digestOf(secret), new Session({ principal, startedAt: now, lastUsed: now }, this.#connect));
    this.sweep();
    return secret;
  }

  /** Returns the session of a secret, which counts as used now; undefined if there is none, or it has ended. */
  find(secret: string | undefined): Session | undefined {
    if (secret === undefined) return undefined;
    const digest = digestOf(secret);
    const session = this.#sessions.get(digest);
    const now = this.#now();
    if (session === undefined) return undefined;
    if (session.endsAt <= now) {
      this.#drop(digest, session);
      return undefined;
    }
    session.lastUsed = now;
    return session;
  }

  /** Ends the session of a secret, also for the process that comes after this one. */
  async logOut(secret: string): Promise<void> {
    const digest = digestOf(secret);
    const session = this.#sessions.get(digest);
    if (!this.#sessions.delete(digest)) return;
    await Promise.all([session?.end(), this.#keep()]);
  }

  /** Ends the sessions whose time is over, and the least used ones if there are too many. */
  sweep(): void {
    const now = this.#now();
    for (const [digest, link] of this.#links) if (link.endsAt <= now) this.#links.delete(digest);
    for (const [digest, session] of this.#sessions) {
      if (session.tabs > 0) session.lastUsed = now;
      if (session.endsAt <= now) this.#drop(digest, session);
    }
    const byUse = [...this.#sessions].sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [digest, session] of tooMany(byUse)) this.#drop(digest, session);
    void this.#keep();
  }

  async close(): Promise<void> {
    await this.#keep();
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map((session) => session.end()));
  }

  #keep(): Promise<void> {
    const kept = [...this.#sessions].map(([digest, { principal, startedAt, lastUsed }]) => ({
      digest,
      principal,
      startedAt,
      lastUsed,
    }));
    return this.#file.write(kept);
  }

  #drop(digest: string, session: Session): void {
    this.#sessions.delete(digest);
    void session.end();
  }
}
