import { Schema } from "effect";
import { Ballot, standingBallots, VoterCondition } from "../domain/consensus/ballot.ts";
import { PolicyReference, RejectionCause, Tally } from "../domain/consensus/contract.ts";
import { countBallots } from "../domain/consensus/count.ts";
import { proposal } from "../domain/consensus/decider.ts";
import { Electorate, VetoKeys } from "../domain/consensus/electorate.ts";
import { fractionOf } from "../domain/consensus/fraction.ts";
import { Rules } from "../domain/consensus/rules.ts";
import { ProposalStatus } from "../domain/consensus/state.ts";
import { tallyOf } from "../domain/consensus/tally.ts";
import { Instant, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

const ProposalDocument = Schema.Struct({
  ...documentFields,
  kind: Schema.String,
  title: Schema.String,
  subject: Schema.Record(Schema.String, Schema.Json),
  ...Rules.fields,
  /** What these rules come from. */
  policy: Schema.optionalKey(PolicyReference),
  proposer: Principal,
  /** What those sign with who may stop it. */
  vetoKeys: Schema.optionalKey(VetoKeys),
  status: ProposalStatus,
  /** Nobody before voting opens. */
  electorate: Electorate,
  /** The newest of each voter, in the order they were cast. */
  ballots: Schema.Array(Schema.Struct({ ...Ballot.fields, at: Instant })),
  tally: Tally,
  deadline: Schema.optionalKey(Instant),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  submittedAt: Instant,
  rejectedFor: Schema.optionalKey(RejectionCause),
  /** When the vote ended, whatever came of it. */
  decidedAt: Schema.optionalKey(Instant),
  /** When what was approved is due. */
  enactAt: Schema.optionalKey(Instant),
  enactedAt: Schema.optionalKey(Instant),
  /** Who vetoed it, or which proposal took its place, and why. */
  by: Schema.optionalKey(Principal),
  reason: Schema.optionalKey(Schema.String),
});
export type ProposalDocument = typeof ProposalDocument.Type;

type Event = RecordedEventOf<typeof proposal.events>;

const nothingCounted: Tally = { approve: 0, reject: 0, abstain: 0, total: 0, quorumRequired: 0, quorumReached: false };

const submitted = (event: Event & { type: "proposal-submitted" }): ProposalDocument => {
  const { electorate: _, ...data } = event.data;
  return {
    ...stampOf(event),
    ...data,
    status: "pending",
    electorate: [],
    ballots: [],
    tally: nothingCounted,
    submittedAt: event.time,
  };
};

const counted = (document: ProposalDocument): ProposalDocument => ({
  ...document,
  tally: tallyOf(countBallots(document.electorate, document.ballots), fractionOf(document.quorum)),
});

const evolve = (before: ProposalDocument | undefined, event: Event): ProposalDocument | undefined => {
  if (event.type === "proposal-submitted") return submitted(event);
  if (before === undefined) return undefined;
  const document = { ...before, ...stampOf(event) };
  const decidedAt = event.time;
  switch (event.type) {
    case "voting-opened":
      return counted({ ...document, ...event.data, status: "active" });
    case "ballot-cast": {
      const { replaces: _, ...ballot } = event.data;
      return counted({ ...document, ballots: standingBallots(document.ballots, { ...ballot, at: event.time }) });
    }
    case "voting-extended":
      return { ...document, deadline: event.data.deadline };
    case "proposal-approved":
      return { ...document, ...event.data, status: "approved", decidedAt };
    case "proposal-approved-with-conditions":
      return { ...document, ...event.data, status: "approved-with-conditions", decidedAt };
    case "proposal-rejected":
      return { ...document, tally: event.data.tally, rejectedFor: event.data.reason, status: "rejected", decidedAt };
    case "proposal-expired":
      return { ...document, ...event.data, status: "expired", decidedAt };
    case "proposal-vetoed":
      return { ...document, ...event.data, status: "vetoed", decidedAt };
    case "proposal-withdrawn":
      return { ...document, ...event.data, status: "withdrawn", decidedAt };
    case "proposal-cancelled":
      return { ...document, ...event.data, status: "cancelled", decidedAt };
    case "proposal-superseded":
      return { ...document, ...event.data, status: "superseded", decidedAt };
    case "proposal-enacted":
      return { ...document, status: "enacted", enactedAt: event.time };
    case "approval-voided":
      return { ...document, reason: event.data.detail, status: "void" };
  }
};

/** What is voted on, who may vote, and how the vote stands. */
export const proposals = defineView<ProposalDocument>({
  name: "proposals",
  version: 2,
  document: ProposalDocument,
  apply: foldEvents(proposal, evolve),
});
