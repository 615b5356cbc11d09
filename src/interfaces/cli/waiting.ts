import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import type { ProposalDocument } from "../../contract/views/proposals.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { durationText } from "./text.ts";

/** Whom a vote or a discussion waits for. */
export interface Awaited {
  readonly what: "votes" | "reviews";
  /** Those who have done nothing yet. */
  readonly missing: ReadonlyArray<string>;
  /** The number of all who are asked. */
  readonly of: number;
  /** When the waiting ends at the latest. */
  readonly until?: string;
}

/** Returns whose ballots a vote waits for; undefined if it is not open or all have voted. */
export const awaitedVotes = ({
  status,
  electorate,
  ballots,
  deadline,
}: Pick<ProposalDocument, "status" | "electorate" | "ballots" | "deadline">): Awaited | undefined => {
  if (status !== "active") return undefined;
  const voted = new Set(ballots.map(({ voter }) => voter));
  const missing = electorate.map(({ id }) => id).filter((id) => !voted.has(id));
  if (missing.length === 0) return undefined;
  return { what: "votes", missing, of: electorate.length, ...defined({ until: deadline }) };
};

/** Returns whose reviews a deployment waits for; undefined if it is not being discussed or all have reviewed it. */
export const awaitedReviews = ({
  status,
  reviewers,
  reviewed,
  discussionEnds,
}: Pick<DeploymentDocument, "status" | "reviewers" | "reviewed" | "discussionEnds">): Awaited | undefined => {
  if (status !== "discussing") return undefined;
  const missing = reviewers.filter((reviewer) => !reviewed.includes(reviewer));
  if (missing.length === 0) return undefined;
  return { what: "reviews", missing, of: reviewers.length, ...defined({ until: discussionEnds }) };
};

/** The number of names that a line has. */
const shownNames = 5;

/** Names with commas; those after the first five are counted. */
const namesText = (names: ReadonlyArray<string>): string =>
  names.length <= shownNames
    ? names.join(", ")
    : `${names.slice(0, shownNames).join(", ")} and ${names.length - shownNames} more`;

/** Whole seconds below a minute, because a countdown is read at a glance. */
const leftText = (milliseconds: number): string =>
  milliseconds < 60_000 ? `${Math.max(0, Math.ceil(milliseconds / 1000))} s` : durationText(milliseconds);

/** For whom and how long, at the moment `now` in milliseconds: `waiting for 1 of 5 votes: ada (51 s left)`. */
export const waitingText = ({ what, missing, of, until }: Awaited, now: number): string => {
  const left = until === undefined ? "" : ` (${leftText(Date.parse(until) - now)} left)`;
  return `waiting for ${missing.length} of ${of} ${what}: ${namesText(missing)}${left}`;
};

/** When a vote that has not opened will open. */
export const openingText = ({ submittedAt, discussionSeconds }: ProposalDocument, now: number): string => {
  const opens = Date.parse(submittedAt) + discussionSeconds * 1000;
  return discussionSeconds === 0 || opens <= now
    ? "voting opens when its proposer opens it"
    : `voting opens in ${leftText(opens - now)}, at ${new Date(opens).toISOString()}`;
};

/** When the vote on a deployment opens that has none yet; undefined if it has had one, or is over without one. */
export const openingOfDeployment = (deployment: DeploymentDocument, now: number): string | undefined => {
  const { status, discussionEnds } = deployment;
  if (status === "requested") return "its discussion has not begun; voting opens after it";
  if (status !== "discussing") return undefined;
  const awaited = awaitedReviews(deployment);
  const latest = discussionEnds === undefined ? "" : `, at ${discussionEnds} at the latest`;
  return `voting opens when the reviews are in${latest}${awaited === undefined ? "" : `; ${waitingText(awaited, now)}`}`;
};

const causes: Readonly<Record<string, string>> = {
  majority: "more against it than for it",
  tie: "as many against it as for it",
  "below-threshold": "fewer for it than the threshold asks for",
  "not-unanimous": "not all were for it",
  "rounds-exhausted": "the last round that the policy allows ended with conditions again",
};

/** How a vote ended, and why, a line each; none if it has not ended, or took effect. */
export const endingLines = (proposal: ProposalDocument): ReadonlyArray<string> => {
  const { status, rejectedFor, by, reason, tally, ballots } = proposal;
  switch (status) {
    case "rejected":
      return [
        `rejected: ${causes[rejectedFor ?? ""] ?? reason ?? "the ballots decided so"}`,
        ...ballots
          .filter(({ choice }) => choice === "reject")
          .map((ballot) => `  ${ballot.voter} rejected it${ballot.reason === undefined ? "" : `: ${ballot.reason}`}`),
      ];
    case "expired": {
      const { quorumRequired, total } = tally;
      const voted = `${ballots.length} of ${proposal.electorate.length} voted by ${proposal.deadline}`;
      const why = reason ?? `${voted}, and ${quorumRequired} of ${total} had to`;
      return [`expired: ${why}`];
    }
    case "superseded":
      return [`superseded by ${by ?? "another proposal"}${reason === undefined ? "" : `: ${reason}`}`];
    case "vetoed":
    case "withdrawn":
    case "cancelled":
    case "void":
      return [`${status}${by === undefined ? "" : ` by ${by}`}${reason === undefined ? "" : `: ${reason}`}`];
    default:
      return [];
  }
};
