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
  /** How many events there are. */
  events: Schema.Int,
  lastEvent: Schema.String,
  lastActor: Schema.String,
  createdAt: Instant,
  updatedAt: Instant,
  /** Content id of the newest event. It proves the whole chain before it. */
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
  /** The place of its commit in the log. */
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

/** Something in the log that the backend cannot have written. `event` is the first event that does not fit. */
export const AuditFinding = Schema.Struct({
  position: Schema.Int,
  aggregate: Schema.String,
  id: Schema.String,
  event: Schema.String,
  problem: Schema.String,
}).annotate({ identifier: "AuditFinding" });
export type AuditFinding = typeof AuditFinding.Type;

/**
 * A message of the log that no reader takes. `foreign`: it is not a commit of an aggregate. `damaged`: it does not fit in
 * the history of its aggregate. `newer`: only a newer backend understands it. With `aggregate` and `id` it ends the history
 * of that aggregate.
 */
export const LogProblem = Schema.Struct({
  kind: Schema.Literals(["foreign", "damaged", "newer", "replaced"]),
  position: Schema.Int,
  aggregate: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  problem: Schema.String,
}).annotate({ identifier: "LogProblem" });
export type LogProblem = typeof LogProblem.Type;

/** How a backend fares with the log. */
export const LogHealth = Schema.Struct({
  /**
   * False if commands are refused: the log has events of a newer version, is not the one that was read, or cannot be read;
   * or the clock is too far off.
   */
  ready: Schema.Boolean,
  /** Why it is not ready. */
  reason: Schema.optionalKey(Schema.String),
  /** The log has been checked up to here. */
  checked: Schema.Int,
  /** The number of messages that no reader takes. */
  passedOver: Schema.Int,
  /** The first of them, in the order of the log. */
  problems: Schema.Array(LogProblem),
  /** Aggregates that can only be read. */
  damaged: Schema.Array(Schema.Struct({ aggregate: Schema.String, id: Schema.String, ...Damage.fields })),
  /** The number of steps of process managers that are parked; absent while views cannot go on. */
  parked: Schema.optionalKey(Schema.Int),
  /** The broken glasses whose review is open; absent while views cannot go on. */
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
 * What was decided, without times, positions and content ids: another log of the same story has the same result, and so
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
  /** The round that decided it; absent if the vote has no rounds. */
  round: account.round,
  /** Present if somebody broke the glass, so that blocking findings were no veto. */
  glass: account.glass,
  tally: account.tally,
  enacted: Schema.Boolean,
}).annotate({ identifier: "DecisionResult" });
export type DecisionResult = typeof DecisionResult.Type;

export const audit = {
  description: "The history of each aggregate in a line, by `<aggregate>.<id>`.",
  document: AuditDocument,
  operations: {
    ...documentOperations("audit", AuditDocument, AuditDocument),
    trail: {
      description: "What happened: everything, or what fits the fields that are given",
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
        /** `newest`: what happened last comes first. By default, what happened first. */
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
      description: "An aggregate's state as it was at a position or a moment, folded from the log",
      input: Schema.Struct({
        aggregate: Asked,
        id: AggregateId,
        /** With everything up to this position of the log. */
        position: Schema.optionalKey(Schema.Int),
        /** With everything up to this moment. */
        time: Schema.optionalKey(Instant),
      }),
      answer: Schema.Struct({ version: Schema.Int, position: Schema.Int, state: Schema.Json }),
    },
    decision: {
      description:
        "A decision's whole story: who could vote, what was said and found, every ballot and veto with its signature, the tally, what came of it; and the result with its hash",
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
        /** How many commits were checked. */
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
      description: "Whether the backend that answers is ready, and what it has seen in the log that does not fit",
      input: Schema.Struct({}),
      answer: LogHealth,
      fromLog: true,
      nowOnly: true,
    },
  },
} satisfies PublishedView;
