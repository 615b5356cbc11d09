import { proposal } from "../../../domain/consensus/decider.ts";
import { authorsIn, isOfConsequence, type NotedReview } from "../../../domain/consensus/rounds.ts";
import type { VoteOutcome } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { give } from "../actions.ts";
import { breakerOf, type Course } from "./state.ts";
import { does, type EventAt, fail, gives, type Moment, operation, type Step } from "./step.ts";
import { pinnedOf, titleOf } from "./work.ts";

// The vote on a deployment: proposal, rounds and outcome.

export const beginVoting = gives("begin-voting", ({ course }) => ({ proposal: course.id }));

/** Puts the revision to the vote under the policy for deployments, except where the request sets its own rules. */
export const putToVote = does(
  "puts the revision to the vote; `fail` if the policy refuses that",
  ({ course }) => [
    operation("propose", {
      deployment: course.id,
      proposal: {
        kind: "deployment",
        title: titleOf(course),
        subject: pinnedOf(course),
        ...course.wishes,
        electorate: course.reviewers,
        excluded: course.excluded,
        reviews: course.reviews,
        ...defined({ glass: breakerOf(course) }),
      },
    }),
  ],
  ["fail"],
);

const note = (course: Course, review: NotedReview): Action =>
  give(
    proposal,
    course.id,
    { type: "note-review", payload: { subject: pinnedOf(course), review } },
    `note-review.${review.reviewer}`,
  );

/**
 * Returns whether the vote depends on a review. Other reviews stay in the deployment, because each note is a commit
 * that delays the next one.
 */
const matters = ({ requiredReviews, again }: Course, review: NotedReview): boolean =>
  isOfConsequence(requiredReviews, review) || again.includes(review.reviewer);

/** Notes a review on which the vote depends: it may be required, or its blocking finding may be a veto. */
export const noteReview: Step<EventAt<"deployment.review-recorded">> = does(
  "notes the review in the proposal if the vote depends on it",
  ({ course, event }) =>
    course.proposed
      ? course.reviews
          .filter((one) => one.reviewer === event.data.reviewer && matters(course, one))
          .map((one) => note(course, one))
      : [],
);

/** Notes the reviews that arrived while the proposal was being submitted. */
export const noteReviews: Step<EventAt<"proposal.proposal-submitted">> = does(
  "notes the reviews that came meanwhile",
  ({ course, event: { data } }) => {
    const known = new Set((data.reviews ?? []).map((one) => JSON.stringify(one)));
    return course.reviews
      .filter((one) => !known.has(JSON.stringify(one)) && matters(course, one))
      .map((one) => note(course, one));
  },
);

/** The amended revision keeps the request's selection of hosts. */
export const amend: Step<EventAt<"proposal.round-ended">> = does(
  "`amend` with the changes that the round wants, in the name of the voters; `fail` if they cannot be made",
  ({ course, event: { data } }) => {
    const { round, conditions } = data;
    const offered = course.reviews.flatMap(({ remedies }) => remedies);
    const authors = authorsIn({ offered }, conditions);
    const { requestedBy, target, insisted, execution } = course;
    return [
      operation("amend", {
        ...pinnedOf(course),
        ...defined({ round, conditions, authors, requestedBy, target, insisted, hosts: execution.hosts }),
      }),
    ];
  },
  ["amend", "fail"],
);

/** Opens the next round. Earlier ballots were not for this revision. */
export const openRound: Step<EventAt<"deployment.revision-amended">> = does(
  "opens the next round on the amended revision; `fail` if nobody is left who may vote",
  ({ course, event: { data } }) => [
    {
      ...give(proposal, course.id, {
        type: "open-round",
        payload: { round: (data.round ?? 0) + 1, subject: pinnedOf(course) },
      }),
      otherwise: fail(course, {
        reason: "no-other-eyes",
        detail: "nobody is left who may vote on what the conditions made of the graph",
      }),
    },
  ],
  ["fail"],
);

/**
 * Records an approval when it is enacted, because it can be vetoed until then. The proposal's own events decide which
 * revision it approved.
 */
export const recordEnactment: Step<EventAt<"proposal.proposal-enacted">> = does(
  "`record-decision`; `fail` if the ballots were for another revision",
  ({ course, event }) => {
    const { outcome, tally, conditions } = event.data;
    const { id, bound: counted, blockingVetoes } = course;
    const payload = { outcome, tally, conditions, blockingVetoes, ...defined({ counted }) };
    const detail = "the ballots that were counted were for another revision than the one to deploy";
    return [
      {
        ...give(deployment, id, { type: "record-decision", payload }),
        otherwise: fail(course, { reason: "not-what-was-counted", detail }),
      },
    ];
  },
  ["record-decision", "fail"],
);

/** The last allowed round still ended with conditions that change the graph. */
const roundsExhausted = "the last round that the policy allows still ended with conditions that change the graph";

/** Records a vote that was counted and did not approve. */
export const recordRejection: Step<EventAt<"proposal.proposal-rejected">> = gives("record-decision", ({ event }) => {
  const { tally, reason } = event.data;
  const detail = reason === "rounds-exhausted" ? roundsExhausted : undefined;
  return { outcome: "rejected", tally, conditions: [], ...defined({ detail }) };
});

/** Records a vote without a quorum, or without a required review. */
export const recordExpiry: Step<EventAt<"proposal.proposal-expired">> = gives("record-decision", ({ event }) => {
  const { tally, missingReviews = [] } = event.data;
  const names = missingReviews.map((reviewer) => `\`${reviewer}\``).join(", ");
  const detail = names === "" ? undefined : `the policy requires a review by ${names}, and there is none`;
  return { outcome: "expired", tally, conditions: [], ...defined({ detail }) };
});

/** Records the veto of a holder, or of a blocking finding. */
export const recordVeto: Step<EventAt<"proposal.proposal-vetoed">> = gives("record-decision", ({ event }) => {
  const { by, reason, findings } = event.data;
  return { outcome: "vetoed", conditions: [], detail: findings === undefined ? `${by}: ${reason}` : reason };
});

/** Records a vote that was stopped. */
export const recordOutcome = (outcome: VoteOutcome): Step =>
  gives("record-decision", () => ({ outcome, conditions: [] }));

/** Returns why the deployment is over, for its voters. */
const endOf = ({ event }: Moment): string =>
  event.aggregate === deployment.name && event.type === "deployment-failed"
    ? [event.data.reason, event.data.detail].filter((part) => part !== undefined).join(": ")
    : "the deployment is over";

export const cancelProposal = does("cancels the proposal", (moment) => [
  give(proposal, moment.course.id, { type: "cancel", payload: { reason: endOf(moment) } }),
]);

export const failAsVoid: Step<EventAt<"proposal.approval-voided">> = gives("fail", ({ event }) => ({
  reason: "approval-void",
  detail: event.data.detail,
}));
