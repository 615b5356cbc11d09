import type { Provenance } from "../../../domain/kernel/mod.ts";
import type { ConceptHit } from "../../../domain/knowledge/concept-search.ts";
import type { Knowledge } from "../../../domain/knowledge/described.ts";
import type { FactObject } from "../../../domain/knowledge/fact.ts";
import type { RecordSignature } from "../../../domain/knowledge/record.ts";
import type { Client } from "../client.ts";

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
 * A space of knowledge on an agent. It answers and takes records whether or not anybody else can be reached: own
 * records count here at once, are announced to other replicas, and are sent to the log when it is there. Throws
 * `CommandRefused` if the rules do not allow a record.
 */
export interface KnowledgeReplica {
  readonly assertFact: (
    said: Said & { readonly confidence?: number; readonly source?: string; readonly provenance?: Provenance },
  ) => Written;
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
