import type { Entry } from "./entry.ts";
import type { Fact, FactObject } from "./record.ts";

/** A fact with what others said about it. */
export interface KnownFact {
  readonly id: string;
  readonly fact: Fact;
  /** The retraction, where there is one: by the first stamp, should there be two. */
  readonly retraction?: Entry;
  /** Each counts once: of two under one key, the first stamp, then the lower id. */
  readonly evidence: ReadonlyMap<string, Entry>;
}

/** One end of an edge of the knowledge graph: a subject, or an object as text. */
export const entityOf = (object: FactObject): string => (typeof object === "string" ? object : String(object));
