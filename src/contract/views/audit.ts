import { Schema } from "effect";
import { Ballot } from "../../domain/consensus/ballot.ts";
import { Rules } from "../../domain/consensus/rules.ts";
import { CastBallot, DecisionAccount, Veto } from "../../domain/deployment/account/decision.ts";
import { DiscussionAccount } from "../../domain/deployment/account/deployment.ts";
import { AggregateId, Instant, Principal } from "../../domain/kernel/mod.ts";
import { Asked, ById, Damage, documentFields, documentOperations, Limit, type PublishedView } from "./view.ts";

export const AuditDocument = Schema.Struct({
  ...documentFields,
  aggregate: Schema.String,
  aggregateId: Schema.String,
  /** The number of events. */
  events: Schema.Int,
  lastEvent: Schema.String,
  lastActor: Schema.String,
  createdAt: Instant,
  updatedAt: Instant,
  /** Content id of the newest event. It commits to the whole chain before it. */
  cid: Schema.String,
}).annotate({ identifier: "AuditDocument" });
export type AuditDocument = typeof AuditDocument.Type;

/** An event of the log. */
export const AuditEvent = Schema.Struct({
  /** `<aggregate>.<id>.<version>`. */
  eventId: Schema.String,
  aggregate: Schema.String,
  id: Schema.String,
  type: Schema.String,
  schemaVersion: Schema.Int,
  /** The number of the event in its aggregate, from 1. */
  version: Schema.Int,
  /** The position of its commit in the log. */
  position: Schema.Int,
  time: Instant,
  actor: Schema.String,
  commandId: Schema.String,
  correlationId: Schema.String,
  causationId: Schema.optionalKey(Schema.String),
  traceparent: Schema.optionalKey(Schema.String),
  cid: Schema.String,
  previousCid: Schema.optionalKey(Schema.String),
  data: Schema.Json,
}).annotate({ identifier: "AuditEvent" });
export type AuditEvent = typeof AuditEvent.Type;

/** A message in the log that the backend cannot have written. `event` is the first event that does not fit. */
export const AuditFinding = Schema.Struct({
  position: Schema.Int,
  aggregate: Schema.String,
  id: Schema.String,
  event: Schema.String,
  problem: Schema.String,
}).annotate({ identifier: "AuditFinding" });
export type AuditFinding = typeof AuditFinding.Type;

/**
 * A message of the log that readers skip. `foreign`: it is not a commit of an aggregate. `damaged`: it does not fit the
 * history of its aggregate. `newer`: only a newer backend understands it. If it has `aggregate` and `id`, the history
 * of that aggregate ends there.
 */
export const LogProblem = Schema.Struct({
  kind: Schema.Literals(["foreign", "damaged", "newer", "replaced"]),
  position: Schema.Int,
  aggregate: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  problem: Schema.String,
}).annotate({ identifier: "LogProblem" });
export type LogProblem = typeof LogProblem.Type;

/** The health of the log as one backend sees it. */
export const LogHealth = Schema.Struct({
  /**
   * False if commands are refused. Causes: the log has events of a newer version, was replaced, or cannot be read; or
   * the clock is too far off.
   */
  ready: Schema.Boolean,
  /** Why it is not ready. */
  reason: Schema.optionalKey(Schema.String),
  /** The position up to which the log has been checked. */
  checked: Schema.Int,
  /** The number of messages that readers skip. */
  passedOver: Schema.Int,
  /** The first skipped messages, in the order of the log. */
  problems: Schema.Array(LogProblem),
  /** Aggregates that can only be read. */
  damaged: Schema.Array(Schema.Struct({ aggregate: Schema.String, id: Schema.String, ...Damage.fields })),
  /** The number of parked steps of process managers; absent while views are stopped. */
  parked: Schema.optionalKey(Schema.Int),
  /** The broken glasses whose review is open; absent while views are stopped. */
  openReviews: Schema.optionalKey(
    Schema.Array(Schema.Struct({ deployment: AggregateId, by: Principal, reason: Schema.String, at: Instant })),
  ),
}).annotate({ identifier: "LogHealth" });
export type LogHealth = typeof LogHealth.Type;

const matter = {
  kind: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  subject: Schema.Record(Schema.String, Schema.Json),
  proposer: Principal,
};
const account = DecisionAccount.fields;
/** The public nkey of the command's signature; absent if the command was not signed. */
const signedWith = Schema.optionalKey(Schema.String);

/**
 * The decision without times, positions and content ids. So another log with the same events has the same result and
 * the same hash.
 */
export const DecisionResult = Schema.Struct({
  proposal: account.proposal,
  ...matter,
  rules: Rules,
  policy: account.policy,
  electorate: account.electorate,
  ballots: Schema.Array(Ballot),
  outcome: account.outcome,
  rejectedFor: account.rejectedFor,
  /** The round that decided it; absent if the vote had no rounds. */
  round: account.round,
  /** Present if the glass was broken, so that blocking findings were not a veto. */
  glass: account.glass,
  tally: account.tally,
  enacted: Schema.Boolean,
}).annotate({ identifier: "DecisionResult" });
export type DecisionResult = typeof DecisionResult.Type;

export const audit = {
  description: "A summary of each aggregate's history, by `<aggregate>.<id>`.",
  document: AuditDocument,
  operations: {
    ...documentOperations("audit", AuditDocument, AuditDocument),
    trail: {
      description: "The events of the log: all, or those that match the given fields",
      input: Schema.Struct({
        aggregate: Schema.optionalKey(Asked),
        id: Schema.optionalKey(AggregateId),
        actor: Schema.optionalKey(Asked),
        type: Schema.optionalKey(Asked),
        correlationId: Schema.optionalKey(Asked),
        /** Later than this moment. */
        after: Schema.optionalKey(Instant),
        /** Earlier than this moment. */
        before: Schema.optionalKey(Instant),
        /** `newest` lists the latest event first. The default lists the earliest first. */
        order: Schema.optionalKey(Schema.Literals(["oldest", "newest"])),
        limit: Limit(1000, 100),
        cursor: Schema.optionalKey(
          Asked.check(Schema.isPattern(/^\d+\.\d+$/, { expected: "the cursor of an earlier answer" })),
        ),
      }),
      answer: Schema.Struct({
        items: Schema.Array(AuditEvent),
        /** Absent on the last page. */
        cursor: Schema.optionalKey(Schema.String),
      }),
      fromLog: true,
    },
    event: {
      description: "One event by its id, `<aggregate>.<id>.<version>`",
      input: ById,
      answer: AuditEvent,
      fromLog: true,
    },
    replay: {
      description: "An aggregate's state at a position or a moment, folded from the log",
      input: Schema.Struct({
        aggregate: Asked,
        id: AggregateId,
        /** Includes everything up to this position of the log. */
        position: Schema.optionalKey(Schema.Int),
        /** Includes everything up to this moment. */
        time: Schema.optionalKey(Instant),
      }),
      answer: Schema.Struct({ version: Schema.Int, position: Schema.Int, state: Schema.Json }),
    },
    decision: {
      description:
        "A decision in full: the electorate, the discussion, the findings, every ballot and veto with its signature, the tally, the outcome, and the result with its hash",
      input: Schema.Struct({ proposal: AggregateId }),
      answer: Schema.Struct({
        ...matter,
        ...account,
        ballots: Schema.Array(Schema.Struct({ ...CastBallot.fields, signedWith })),
        veto: Schema.optionalKey(Schema.Struct({ ...Veto.fields, signedWith })),
        discussion: Schema.optionalKey(DiscussionAccount),
        result: DecisionResult,
        /** SHA-256 of the result's canonical JSON. */
        resultHash: Schema.String,
      }),
    },
    verify: {
      description:
        "Proof from the log alone that nothing was altered: numbering, chains of content ids, seals, signatures, ballots, tallies, and the policies that were in force",
      input: Schema.Struct({
        aggregate: Schema.optionalKey(Asked),
        id: Schema.optionalKey(AggregateId),
      }),
      answer: Schema.Struct({
        ok: Schema.Boolean,
        /** The number of commits that were checked. */
        commits: Schema.Int,
        events: Schema.Int,
        findings: Schema.Array(AuditFinding),
        /** The first finding; absent if there is none. */
        first: Schema.optionalKey(AuditFinding),
      }),
      fromLog: true,
      nowOnly: true,
    },
    health: {
      description: "Whether the answering backend is ready, and which messages of the log do not fit",
      input: Schema.Struct({}),
      answer: LogHealth,
      fromLog: true,
      nowOnly: true,
    },
  },
} satisfies PublishedView;
