import type { LogHealth } from "../../../contract/views/audit.ts";
import type { FoundBackend } from "../../../infrastructure/nats/backends.ts";

/** A stream, or the stream of a bucket, as the server reports it. */
export interface StreamFacts {
  readonly name: string;
  /** The settings that checks compare. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly messages: number;
  readonly bytes: number;
  /** Messages that the server has lost. */
  readonly lost: number;
  readonly replicas: number;
  /** Absent on a single server. `behind`: members that are away, or not up to date. */
  readonly cluster?: { readonly leader?: string; readonly behind: ReadonlyArray<string> };
}

/** A durable consumer. */
export interface ConsumerFacts {
  readonly stream: string;
  readonly name: string;
  readonly pending: number;
  /** Requests of readers that wait for messages. */
  readonly waiting: number;
  /** Whether somebody subscribes to what is pushed. */
  readonly bound: boolean;
  /** Milliseconds since something was delivered; undefined if nothing ever was. */
  readonly idle?: number;
}

/** What an installation shows of itself. What could not be seen is absent. Times are in milliseconds. */
export interface Facts {
  readonly prefix: string;
  readonly server: {
    readonly url: string;
    readonly version: string;
    readonly maxPayload: number;
    readonly servers: number;
    /** The server's clock, less that of this machine. */
    readonly offset?: number;
  };
  /** The other servers that are known. Without a version: somebody named it, and it does not answer. */
  readonly otherServers: ReadonlyArray<{ readonly url: string; readonly version?: string }>;
  /** How often the server writes to disk, if its monitoring port or its folder of data shows it; and its own health. */
  readonly durability?: { readonly always: boolean; readonly from: string };
  readonly serverHealth?: { readonly ok: boolean; readonly error?: string };
  /** Places where data are kept, with their limits. */
  readonly disks: ReadonlyArray<{ readonly what: string; readonly used: number; readonly total: number }>;
  readonly streams: ReadonlyArray<StreamFacts>;
  readonly consumers: ReadonlyArray<ConsumerFacts>;
  readonly backends: ReadonlyArray<FoundBackend>;
  readonly health?: LogHealth;
  readonly log?: { readonly end: number; readonly unfinished?: string };
  /** How far each reader of the log has come, and how far it may be behind. */
  readonly readers: ReadonlyArray<{ readonly name: string; readonly position: number; readonly mayLag: number }>;
  /** Whether a backend has the lease of the work that one backend at a time does. */
  readonly workHeld: boolean;
  /**
   * The time in the newest commits, less the server's when it stored them: the middle one if that is ahead, otherwise the
   * least late one.
   */
  readonly commitOffset?: number;
  readonly certificates: ReadonlyArray<{ readonly what: string; readonly until: string }>;
  /** What the HTTP port answers; `asked`: somebody named its address. */
  readonly console: {
    readonly url: string;
    readonly asked: boolean;
    readonly ready?: boolean;
    readonly problem?: string;
  };
  /** The moment of all this, by the clock of this machine. */
  readonly now: number;
}

/** How far behind the end of the log a reader is. */
export const lagOf = ({ log }: Facts, position: number): number => Math.max(0, (log?.end ?? 0) - position);

const units = ["bytes", "KB", "MB", "GB", "TB"];

/** A number of bytes for people: `1.4 GB`. */
export const bytesText = (bytes: number): string => {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
};

/** Milliseconds with their sign: `+1.2 s`, `-40 ms`. */
export const offsetText = (offset: number): string => {
  const sign = offset < 0 ? "-" : "+";
  const size = Math.abs(offset);
  return size < 1000 ? `${sign}${Math.round(size)} ms` : `${sign}${(size / 1000).toFixed(1)} s`;
};
