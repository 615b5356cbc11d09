import { Schema, Struct } from "effect";
import {
  AggregateId,
  bounds,
  command,
  type DataOf,
  type DecisionContext,
  type DecisionOf,
  defined,
  type EventOf,
  event,
  internalCommand,
  List,
  maxKeys,
  Principal,
  Provenance,
  Text,
} from "../kernel/mod.ts";
import { Note, RecordId, Share, sure, Term, triple } from "./fact.ts";
import { Policy, Strategy, TrustModel } from "./policy.ts";
import { Entry, KnowledgeRecord, RecordSignature, Revocation } from "./record.ts";
import type { Resolution } from "./resolution.ts";
import { Stamp } from "./stamp.ts";
import { Place, Update } from "./update.ts";

const reason = Schema.optionalKey(Note);

/**
 * Fields that a replica adds to records that it creates itself, possibly while offline: their time, their update and a
 * signature. If time and update are absent, the backend adds them.
 */
const made = {
  stamp: Schema.optionalKey(Stamp),
  update: Schema.optionalKey(Schema.Struct({ ...Update.fields, bytes: Text(bounds.update) })),
  signature: Schema.optionalKey(RecordSignature),
};

const assertion = {
  ...triple,
  confidence: sure,
  source: Schema.optionalKey(Note),
  provenance: Schema.optionalKey(Provenance),
};
const evidence = { fact: RecordId, evidence: Term, note: Schema.optionalKey(Note), ...made };
const about = { subject: Term, predicate: Term };

/**
 * All records of a space in one piece: chunks in the object store, complete up to a version of the space.
 *
 * A yjs document remembers every write forever, so a replica that joins late would read more history than records.
 * Therefore a space has epochs: a snapshot of all records, followed by an empty document in which clients count from 0
 * again. A replica reads the newest snapshot and the later updates. Records do not depend on the document that carried
 * them, so nothing is lost between two epochs.
 */
export const EpochSnapshot = Schema.Struct({
  /** The digests of the chunks in the object store. */
  chunks: Schema.Array(Schema.String),
  records: Schema.Int,
  content: RecordId,
  /** The version of the space, and the position in the log, up to which it is complete. */
  version: Schema.Int,
  position: Schema.Int,
});
export type EpochSnapshot = typeof EpochSnapshot.Type;

/** Only the backend contributes to its own space about the installation. */
const contributing = [["participant", "not-the-systems"]] as const;

export const knowledgeCommands = {
  "assert-fact": command(Schema.Struct({ ...assertion, ...made }), "Adds a fact, with the principal as its author.", {
    by: contributing,
    creates: true,
  }),
  "retract-fact": command(Schema.Struct({ fact: RecordId, reason, ...made }), "Retracts the author's own fact.", {
    by: ["author"],
  }),
  "support-fact": command(Schema.Struct(evidence), "Adds evidence for another author's fact.", { by: contributing }),
  "dispute-fact": command(Schema.Struct(evidence), "Adds evidence against another author's fact.", {
    by: contributing,
  }),
  "state-belief": command(
    Schema.Struct({ ...triple, degree: sure, reason, ...made }),
    "States how strongly the principal believes something.",
    { by: contributing, creates: true },
  ),
  resolve: command(
    Schema.Struct({ ...about, fact: Schema.optionalKey(RecordId) }),
    "Resolves a conflict by the strategy of its predicate. The strategy `vote` puts `fact`, or else the most trusted one, to the vote.",
    { by: contributing },
  ),
  configure: command(
    Schema.Struct({
      singleValued: Schema.optionalKey(Policy.fields.singleValued.check(maxKeys(bounds.list))),
      requireSignatures: Schema.optionalKey(Schema.Boolean),
      synonyms: Schema.optionalKey(List(List(Term))),
      trust: Schema.optionalKey(TrustModel),
    }),
    "Sets rules of the space. Absent rules stay unchanged. The first principal that sets rules owns the space.",
    { by: { make: contributing, change: ["owner", ["participant", "not-the-systems", "unowned"]] }, creates: true },
  ),
  "assert-facts": internalCommand(
    Schema.Struct({ facts: Schema.NonEmptyArray(Schema.Struct(assertion)) }),
    "Adds several facts in one commit, with the principal as their author.",
    { creates: true },
  ),
  settle: internalCommand(
    Schema.Struct({ ...about, fact: Schema.optionalKey(RecordId), proposal: AggregateId }),
    "Ends a vote. `fact` is the approved fact, if there is one.",
  ),
  "revoke-records": internalCommand(
    Schema.Struct(Struct.pick(Revocation.fields, ["records", "publicKey", "reason"])),
    "Strikes records, because the key that signed them was revoked.",
  ),
  "start-epoch": internalCommand(
    Schema.Struct({ epoch: Schema.Int, snapshot: EpochSnapshot }),
    "Continues with an empty document after a snapshot.",
  ),
};

const change = {
  ...Entry.fields,
  update: Schema.Struct({ ...Update.fields, ...Place.fields }),
  /** The writer of the update: the backend (`log`) or a replica. */
  origin: Schema.Literals(["log", "replica"]),
};
const changeOf = (kind: KnowledgeRecord["kind"]) =>
  Schema.Struct({ ...change, record: KnowledgeRecord.check(isKind(kind)) });

const isKind = (kind: KnowledgeRecord["kind"]) =>
  Schema.makeFilter((record: KnowledgeRecord) => record.kind === kind || `not a ${kind}`, { title: kind });

export const knowledgeEvents = {
  "fact-asserted": event(changeOf("fact"), "A fact was added."),
  "fact-retracted": event(changeOf("retraction"), "The author retracted a fact."),
  "fact-supported": event(changeOf("evidence"), "Another author gave evidence for a fact."),
  "fact-disputed": event(changeOf("evidence"), "Another author gave evidence against a fact."),
  "belief-stated": event(changeOf("belief"), "An author stated how strongly it believes something."),
  "conflict-settled": event(changeOf("settlement"), "A vote decided which fact holds."),
  "records-revoked": event(
    changeOf("revocation"),
    "The key that signed these records was revoked: they stay visible but no longer count.",
  ),
  "conflict-resolved": event(
    Schema.Struct({
      ...about,
      strategy: Strategy,
      winner: RecordId,
      candidates: Schema.Array(Schema.Struct({ id: RecordId, confidence: Share })),
      why: Schema.String,
    }),
    "The result of a predicate's strategy from the records so far, with the reason. It is informative: each query resolves the conflict again.",
  ),
  "resolution-requested": event(
    Schema.Struct({ ...about, fact: RecordId, title: Schema.NonEmptyString, proposal: AggregateId }),
    "A conflict was put to the vote.",
  ),
  "resolution-rejected": event(
    Schema.Struct({ ...about, proposal: AggregateId }),
    "The vote did not approve the fact, so the conflict stays open.",
  ),
  "space-configured": event(Schema.Struct({ policy: Policy, owner: Principal }), "The rules of the space changed."),
  "epoch-started": event(
    Schema.Struct({ epoch: Schema.Int, snapshot: EpochSnapshot }),
    "Updates continue in an empty document. Older records are in the snapshot and in the log.",
  ),
};

export type KnowledgeEvent = EventOf<typeof knowledgeEvents>;

/** An event's entry for a space, with its update. */
export type Change = DataOf<typeof knowledgeEvents, "fact-asserted">;

/** Returns the entry and the update in an event; undefined if the event adds no record. */
export const changeIn = (event: KnowledgeEvent): Change | undefined => {
  switch (event.type) {
    case "fact-asserted":
    case "fact-retracted":
    case "fact-supported":
    case "fact-disputed":
    case "belief-stated":
    case "conflict-settled":
    case "records-revoked":
      return event.data;
    default:
      return undefined;
  }
};

/** Returns the entry of a change. */
export const entryOfChange = ({ id, record, signature }: Change): Entry => defined({ id, record, signature });

/** What a space's decisions need besides its state: digests, signatures, and the look-ups of the command. */
export interface KnownToSpaces {
  readonly sha256: (text: string) => string;
  readonly verify: (publicKey: string, message: string, signature: string) => boolean;
  /** Returns the registered key of an agent. Looked up for signed records only. */
  readonly publicKeyOf?: (agent: string) => string | undefined;
  /** Returns whether a key of a principal was revoked. Looked up for signed records only. */
  readonly isRevoked?: (principal: string, publicKey: string) => boolean;
  /** For `resolve`: the state of the conflict. */
  readonly resolution?: Resolution;
}

export type KnowledgeContext = DecisionContext<KnownToSpaces>;
export type KnowledgeDecision = DecisionOf<typeof knowledgeEvents>;
