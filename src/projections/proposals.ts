import { Struct } from "effect";
import type { ProposalDocument } from "../contract/views/proposals.ts";
import { standingBallots } from "../domain/consensus/ballot.ts";
import { countBallots } from "../domain/consensus/count.ts";
import { proposal } from "../domain/consensus/decider.ts";
import { withKeyOf, withVetoKeyOf } from "../domain/consensus/electorate.ts";
import { fractionOf } from "../domain/consensus/fraction.ts";
import { carriedOver, isSameRevision, missingReviews, standingFindings } from "../domain/consensus/rounds.ts";
import { type Tally, tallyOf } from "../domain/consensus/tally.ts";
import { addSeconds, defined, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

type Event = RecordedEventOf<typeof proposal.events>;

const nothingCounted: Tally = { approve: 0, reject: 0, abstain: 0, total: 0, quorumRequired: 0, quorumReached: false };

const submitted = (event: Event & { type: "proposal-submitted" }): ProposalDocument => {
  const { electorate: _, excluded, reviews, ...data } = event.data;
  const rounds = excluded === undefined ? {} : reviewed({ ...data, excluded, reviews: reviews ?? [] });
  return {
    ...stampOf(event),
    ...data,
    ...rounds,
    status: "pending",
    electorate: [],
    ballots: [],
    tally: nothingCounted,
    submittedAt: event.time,
  };
};

type Reviewed = Pick<ProposalDocument, "requiredReviews" | "blockingVetoes" | "fourEyes" | "glass"> &
  Required<Pick<ProposalDocument, "excluded" | "reviews">>;

/** Returns the parts of the document that depend on the reviews of a revision. */
const reviewed = ({ excluded, reviews, glass, ...rules }: Reviewed) => ({
  round: 1,
  rounds: [],
  excluded,
  reviews,
  blocking: standingFindings(rules, { reviews, ...defined({ glass }) }),
  missingReviews: missingReviews(rules, { reviews, excluded }),
});

const counted = (document: ProposalDocument): ProposalDocument => ({
  ...document,
  tally: tallyOf(countBallots(document.electorate, document.ballots), fractionOf(document.quorum)),
});

const withKey = (document: ProposalDocument, voter: string, publicKey: string | undefined): ProposalDocument => ({
  ...document,
  electorate: withKeyOf(document.electorate, voter, publicKey),
  ...defined({ vetoKeys: document.vetoKeys && withVetoKeyOf(document.vetoKeys, voter, publicKey) }),
});

/** Returns the document in which the holder of a struck veto can no longer sign with that veto's key. */
const withoutKey = (document: ProposalDocument, { by = "", signedBy }: ProposalDocument): ProposalDocument => {
  if (signedBy === undefined) return document;
  const keys = [...document.electorate, ...(document.vetoKeys ?? [])].filter(({ id }) => id === by);
  return keys.some(({ publicKey }) => publicKey !== undefined && publicKey !== signedBy)
    ? document
    : withKey(document, by, undefined);
};

/**
 * Returns the vote as it was before the veto. An approved vote resumes only if its approval has not taken effect yet.
 */
const withoutVeto = (vetoed: ProposalDocument, struck: (Event & { type: "veto-struck" })["data"]): ProposalDocument => {
  const document = withoutKey(Struct.omit(vetoed, ["by", "signedBy", "reason", "decidedAt"]), vetoed);
  const { deadline, enactAt, conditions, enactmentDelaySeconds = 0 } = document;
  const vetoStruck = { ...struck, veto: vetoed.reason ?? "" };
  if (deadline === undefined) return { ...document, vetoStruck, status: "pending" };
  if (enactAt === undefined) return { ...document, vetoStruck, status: "active" };
  const status = conditions === undefined ? "approved" : "approved-with-conditions";
  return { ...document, vetoStruck, status, decidedAt: addSeconds(enactAt, -enactmentDelaySeconds) };
};

const evolve = (before: ProposalDocument | undefined, event: Event): ProposalDocument | undefined => {
  if (event.type === "proposal-submitted") return submitted(event);
  if (before === undefined) return undefined;
  const document = { ...before, ...stampOf(event) };
  const decidedAt = event.time;
  switch (event.type) {
    case "voting-opened": {
      const { excluded: gone = [], ...opened } = event.data;
      const excluded = gone.length === 0 ? document.excluded : [...(document.excluded ?? []), ...gone];
      return counted({ ...document, ...opened, ...defined({ excluded }), status: "active" });
    }
    case "ballot-cast": {
      const { replaces: _, ...ballot } = event.data;
      const ballots = standingBallots(document.ballots, { ...ballot, at: event.time });
      const carried = document.carried?.filter((voter) => voter !== ballot.voter);
      const struck = document.struck?.filter(({ voter }) => voter !== ballot.voter);
      return counted({ ...document, ballots, ...defined({ carried, struck }) });
    }
    case "review-noted": {
      const { round, ...review } = event.data;
      const { excluded = [], reviews = [], rounds = [] } = document;
      const others = reviews.filter(({ reviewer }) => reviewer !== review.reviewer);
      return { ...document, ...reviewed({ ...document, excluded, reviews: [...others, review] }), round, rounds };
    }
    case "break-glass-noted": {
      const { by, reason } = event.data;
      return { ...document, glass: { by, reason }, blocking: [] };
    }
    case "round-ended": {
      const { round, tally, conditions } = event.data;
      const { subject, ballots, reviews = [], rounds = [] } = document;
      const ended = { round, subject, ballots, tally, conditions, reviews, endedAt: event.time };
      return { ...document, status: "amending", rounds: [...rounds, ended] };
    }
    case "round-opened": {
      const { round, subject, electorate, deadline, excluded: gone, carried } = event.data;
      const { excluded: before = [], rounds = [] } = document;
      const excluded = [...before, ...gone];
      const isSame = isSameRevision(document.subject, subject);
      const reviews = isSame ? (document.reviews ?? []) : [];
      const current = Struct.omit(document, isSame ? ["struck"] : ["glass", "struck"]);
      const opened = { status: "active", subject, electorate, deadline, round, rounds, carried } as const;
      const ballots = carriedOver(document.ballots, carried);
      return counted({ ...current, ...reviewed({ ...current, excluded, reviews }), ...opened, ballots });
    }
    case "ballot-struck": {
      const { voter, reason } = event.data;
      const ballots = document.ballots.filter((one) => one.voter !== voter);
      const struck = [...(document.struck ?? []), { voter, reason }];
      return counted({ ...document, ballots, struck });
    }
    case "voter-key-changed":
      return withKey(document, event.data.voter, event.data.publicKey);
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
      return { ...document, ...Struct.omit(event.data, ["findings"]), status: "vetoed", decidedAt };
    case "veto-struck":
      return withoutVeto(document, event.data);
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

/** The subject, the electorate and the state of each vote. */
export const proposals = defineView({
  name: "proposals",
  version: 6,
  keyOf: oneForEach(proposal),
  apply: foldEvents(proposal, evolve),
});
