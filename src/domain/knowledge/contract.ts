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
 * A replica makes records itself, perhaps while it is cut off, and adds their time, their update and a signature. If
 * these are absent, the backend makes time and update.
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
 * The records of a space in one piece: chunks in the object store, complete up to a version of the space.
 *
 * A yjs document remembers every write for ever, so that a replica that joins late would read more history than
 * records. Therefore a space goes through epochs: a snapshot of all records, and then an empty document in which
 * clients count from 0 again. A replica reads the newest snapshot and the updates after it. Records do not depend on
 * the document they came in, so nothing is lost between two epochs.
 */
export const EpochSnapshot = Schema.Struct({
  /** Digests of the chunks, as the object store has them. */
  chunks: Schema.Array(Schema.String),
  records: Schema.Int,
  content: RecordId,
  /** Version of the space, and position in the log, up to which it is complete. */
  version: Schema.Int,
  position: Schema.Int,
});
export type EpochSnapshot = typeof EpochSnapshot.Type;

/** Facts about the installation come from the installation: its space is the backend's own. */
const contributing = [["participant", "not-the-systems"]] as const;

export const knowledgeCommands = {
  "assert-fact": command(Schema.Struct({ ...assertion, ...made }), "Adds a fact, with the principal as its author.", {
    by: contributing,
    creates: true,
  }),
  "retract-fact": command(Schema.Struct({ fact: RecordId, reason, ...made }), "The author takes a fact back.", {
    by: ["author"],
  }),
  "support-fact": command(Schema.Struct(evidence), "Adds evidence for someone else's fact.", { by: contributing }),
  "dispute-fact": command(Schema.Struct(evidence), "Adds evidence against someone else's fact.", { by: contributing }),
  "state-belief": command(
    Schema.Struct({ ...triple, degree: sure, reason, ...made }),
    "Says how far the principal itself believes something.",
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
    "Sets rules of the space; the principal that sets them first owns it. Rules that are absent stay.",
    { by: { make: contributing, change: ["owner", ["participant", "not-the-systems", "unowned"]] }, creates: true },
  ),
  "assert-facts": internalCommand(
    Schema.Struct({ facts: Schema.NonEmptyArray(Schema.Struct(assertion)) }),
    "Adds facts in one commit, with the principal as their author.",
    { creates: true },
  ),
  settle: internalCommand(
    Schema.Struct({ ...about, fact: Schema.optionalKey(RecordId), proposal: AggregateId }),
    "A vote is over; `fact` is what it approved, if it did.",
  ),
  "revoke-records": internalCommand(
    Schema.Struct(Struct.pick(Revocation.fields, ["records", "publicKey", "reason"])),
    "The key that signed these records was revoked: they do not count any more.",
  ),
  "start-epoch": internalCommand(
    Schema.Struct({ epoch: Schema.Int, snapshot: EpochSnapshot }),
    "Goes on with an empty document after a snapshot.",
  ),
};

const change = {
  ...Entry.fields,
  update: Schema.Struct({ ...Update.fields, ...Place.fields }),
  /** The writer of the update: the backend itself, or a replica. */
  origin: Schema.Literals(["log", "replica"]),
};
const changeOf = (kind: KnowledgeRecord["kind"]) =>
  Schema.Struct({ ...change, record: KnowledgeRecord.check(isKind(kind)) });

const isKind = (kind: KnowledgeRecord["kind"]) =>
  Schema.makeFilter((record: KnowledgeRecord) => record.kind === kind || `not a ${kind}`, { title: kind });

export const knowledgeEvents = {
  "fact-asserted": event(changeOf("fact"), "A fact was added."),
  "fact-retracted": event(changeOf("retraction"), "The author took a fact back."),
  "fact-supported": event(changeOf("evidence"), "Someone gave evidence for a fact."),
  "fact-disputed": event(changeOf("evidence"), "Someone gave evidence against a fact."),
  "belief-stated": event(changeOf("belief"), "Someone said how far it believes something."),
  "conflict-settled": event(changeOf("settlement"), "A vote decided which fact holds."),
  "records-revoked": event(
    changeOf("revocation"),
    "The key that signed these records was revoked: they stay visible and do not count.",
  ),
  "conflict-resolved": event(
    Schema.Struct({
      ...about,
      strategy: Strategy,
      winner: RecordId,
      candidates: Schema.Array(Schema.Struct({ id: RecordId, confidence: Share })),
      why: Schema.String,
    }),
    "The choice of a predicate's strategy, from the records up to here, and why. It is a note: each query resolves again.",
  ),
  "resolution-requested": event(
    Schema.Struct({ ...about, fact: RecordId, title: Schema.NonEmptyString, proposal: AggregateId }),
    "A conflict is put to the vote.",
  ),
  "resolution-rejected": event(
    Schema.Struct({ ...about, proposal: AggregateId }),
    "The vote did not approve the fact; the conflict is open.",
  ),
  "space-configured": event(Schema.Struct({ policy: Policy, owner: Principal }), "These rules hold from now on."),
  "epoch-started": event(
    Schema.Struct({ epoch: Schema.Int, snapshot: EpochSnapshot }),
    "Updates begin again in an empty document; older records are in the snapshot and in the log.",
  ),
};

export type KnowledgeEvent = EventOf<typeof knowledgeEvents>;

/** The entry that an event adds to a space, with its update. */
export type Change = DataOf<typeof knowledgeEvents, "fact-asserted">;

/** Returns the change in an event; undefined if the event adds no record. */
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

/** The entry of a change. */
export const entryOfChange = ({ id, record, signature }: Change): Entry => defined({ id, record, signature });

/** What a space's decisions need besides its state: digests and signatures, and what was looked up for the command. */
export interface KnownToSpaces {
  readonly sha256: (text: string) => string;
  readonly verify: (publicKey: string, message: string, signature: string) => boolean;
  /** The key that an agent registered; looked up for signed records alone. */
  readonly publicKeyOf?: (agent: string) => string | undefined;
  /** Whether a key of a principal was revoked; looked up for signed records alone. */
  readonly isRevoked?: (principal: string, publicKey: string) => boolean;
  /** For `resolve`: how the conflict stands. */
  readonly resolution?: Resolution;
}

export type KnowledgeContext = DecisionContext<KnownToSpaces>;
export type KnowledgeDecision = DecisionOf<typeof knowledgeEvents>;
