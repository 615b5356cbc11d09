import type { AggregateName } from "../../../../contract/commands.ts";
import type { AuditEvent } from "../../../../contract/views/audit.ts";
import { defined } from "../../../../domain/kernel/mod.ts";

/** Every kind of aggregate, as the log names it. */
export const aggregateNames = [
  "agent",
  "deployment",
  "dialog",
  "freeze",
  "graph",
  "host",
  "knowledge",
  "parked-step",
  "policy",
  "principal",
  "proposal",
  "task",
] as const satisfies ReadonlyArray<AggregateName>;

/** What the log is narrowed down to. All are texts, as the address has them. */
export interface TrailFilter {
  readonly aggregate?: string;
  readonly id?: string;
  readonly actor?: string;
  readonly type?: string;
  readonly correlationId?: string;
  readonly after?: string;
  readonly before?: string;
}

/** The names of the filters in the address. */
export const filterNames = ["aggregate", "id", "actor", "type", "correlationId", "after", "before"] as const;

const momentOf = (text: string | undefined): string | undefined => {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
};

/** Returns the question of a filter: without what is empty, moments in UTC. */
export const questionOf = ({ after, before, ...filter }: TrailFilter): TrailFilter => {
  const texts = Object.entries({ ...filter }).filter(([, text]) => text !== undefined && text.trim() !== "");
  return defined({ ...Object.fromEntries(texts), after: momentOf(after), before: momentOf(before) });
};

/** Returns the words of the command line that show the same. The command line has no correlation and no end. */
export const cimOf = ({ aggregate, id, actor, type, after }: TrailFilter): ReadonlyArray<string> => {
  const options = Object.entries(defined({ aggregate, id, actor, type, since: after }));
  return ["audit", "log", "--newest", ...options.flatMap(([name, value]) => [`--${name}`, value])];
};

/** The keys of an event's data that say most about it. */
const telling = [
  "choice",
  "subject",
  "predicate",
  "object",
  "reason",
  "text",
  "title",
  "detail",
  "message",
  "status",
  "host",
  "step",
  "name",
];
/** The keys that say least: what they hold is on the page of the event. */
const least = ["id", "digest", "cid"];

/** How much a key says: the lower, the more. */
const rank = (key: string): number =>
  telling.includes(key) ? telling.indexOf(key) : telling.length + (least.includes(key) ? 1 : 0);

const isPlain = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

/** The entries that a line shows: those of the record that an author has signed, or of the one thing that was added. */
const shownOf = (data: object): ReadonlyArray<readonly [string, unknown]> => {
  const record = "record" in data && typeof data.record === "object" ? data.record : {};
  const plain = Object.entries({ ...record, ...data }).filter(([, value]) => isPlain(value));
  if (plain.length > 0) return plain;
  const inner = Object.values(data).find((value) => typeof value === "object" && value !== null);
  return Object.entries(inner ?? {}).filter(([, value]) => isPlain(value));
};

/** Returns the data of an event in a line: its plain values, the telling ones first. */
export const gist = (data: unknown): string => {
  if (typeof data !== "object" || data === null) return data === undefined ? "" : String(data);
  return (
    shownOf(data)
      .toSorted(([one], [other]) => rank(one) - rank(other))
      .slice(0, 4)
      // Joined, it is a text of its own; a part of a text would keep the whole in memory.
      .map(([key, value]) => [key, String(value).slice(0, 120)].join(" "))
      .join(" · ")
  );
};

/** An event as a row of a table, without its data: a table keeps a thousand rows, and a graph may be megabytes. */
export interface EventRow {
  /** The event's own. */
  readonly id: string;
  readonly event: Omit<AuditEvent, "data">;
  /** Its data in a line. */
  readonly gist: string;
}

/** Returns an event as a row of a table. */
export const rowOf = ({ data, ...event }: AuditEvent): EventRow => ({ id: event.eventId, event, gist: gist(data) });
