import { Schema } from "effect";
import { Ballot, VoterCondition } from "../domain/consensus/ballot.ts";
import { Protocol, Tally } from "../domain/consensus/contract.ts";
import { countBallots } from "../domain/consensus/count.ts";
import { proposal } from "../domain/consensus/decider.ts";
import { Electorate } from "../domain/consensus/electorate.ts";
import { fractionOf, ShareText } from "../domain/consensus/fraction.ts";
import { ProposalStatus } from "../domain/consensus/state.ts";
import { tallyOf } from "../domain/consensus/tally.ts";
import { Instant, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

const ProposalDocument = Schema.Struct({
  ...documentFields,
  kind: Schema.String,
  title: Schema.String,
  subject: Schema.Record(Schema.String, Schema.Json),
  protocol: Protocol,
  quorum: ShareText,
  proposer: Principal,
  status: ProposalStatus,
  /** Nobody before voting opens. */
  electorate: Electorate,
  /** The newest of each voter, in the order they were cast. */
  ballots: Schema.Array(Schema.Struct({ ...Ballot.fields, at: Instant })),
  tally: Tally,
  deadline: Schema.optionalKey(Instant),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  submittedAt: Instant,
  decidedAt: Schema.optionalKey(Instant),
});
export type ProposalDocument = typeof ProposalDocument.Type;

type Event = RecordedEventOf<typeof proposal.events>;

const nothingCounted: Tally = { approve: 0, reject: 0, abstain: 0, total: 0, quorumRequired: 0, quorumReached: false };

const submitted = (event: Event & { type: "proposal-submitted" }): ProposalDocument => {
  const { kind, title, subject, protocol, quorum, proposer } = event.data;
  return {
    ...stampOf(event),
    ...{ kind, title, subject, protocol, quorum, proposer },
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
      const others = document.ballots.filter(({ voter }) => voter !== ballot.voter);
      return counted({ ...document, ballots: [...others, { ...ballot, at: event.time }] });
    }
    case "proposal-approved":
      return { ...document, ...event.data, status: "approved", decidedAt };
    case "proposal-approved-with-conditions":
      return { ...document, ...event.data, status: "approved-with-conditions", decidedAt };
    case "proposal-rejected":
      return { ...document, tally: event.data.tally, status: "rejected", decidedAt };
    case "proposal-expired":
      return { ...document, ...event.data, status: "expired", decidedAt };
    case "proposal-withdrawn":
      return { ...document, status: "withdrawn", decidedAt };
    case "proposal-cancelled":
      return { ...document, status: "cancelled", decidedAt };
  }
};

/** What is voted on, who may vote, and how the vote stands. */
export const proposals = defineView<ProposalDocument>({
  name: "proposals",
  version: 1,
  document: ProposalDocument,
  apply: foldEvents(proposal, evolve),
});
