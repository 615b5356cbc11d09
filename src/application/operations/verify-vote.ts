import type { Schema } from "effect";
import { isInTime } from "../../domain/consensus/closing.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { earlyResultOf, resultOf } from "../../domain/consensus/result.ts";
import { type ActiveVote, isApproved, type ProposalState } from "../../domain/consensus/state.ts";
import { canonicalJson, isEventOf, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { aggregateOf } from "../aggregate.ts";
import { recordedEvents } from "../history.ts";
import type { Commit } from "../ports/mod.ts";
import { isSameJson, type Problem, signedPayload } from "./verify-commit.ts";

type Event = RecordedEventOf<typeof proposal.events>;
type Ballot = (Event & { type: "ballot-cast" })["data"];

const proposals = aggregateOf(proposal);

/** What a voter said, as a ballot has it. */
const saidIn = ({ voter: _, weight: __, replaces: ___, ...vote }: Ballot): Schema.Json => vote;

const withoutNoConditions = (payload: Schema.Json): Schema.Json => {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  return Object.fromEntries(
    Object.entries(payload).filter(
      ([name, value]) => name !== "conditions" || !Array.isArray(value) || value.length > 0,
    ),
  );
};

/** A ballot counts if it is its voter's, a member's, in time, and signed where that is needed, with the member's key. */
const ballotProblems = (vote: ProposalState, event: Event & { type: "ballot-cast" }, commit: Commit) => {
  if (vote?.status !== "active") return ["the ballot was cast while no vote was open"];
  const { voter, weight } = event.data;
  const member = vote.electorate.find(({ id }) => id === voter);
  const payload = signedPayload(commit);
  const key = commit.signed?.publicKey;
  return [
    ...(voter === commit.actor ? [] : [`the ballot is \`${voter}\`'s, but \`${commit.actor}\` cast it`]),
    ...(member?.weight === weight ? [] : [`\`${voter}\` has no ballot of weight ${weight} in this vote`]),
    ...(isInTime(vote, event.time) ? [] : [`the ballot came after the deadline, ${vote.deadline}`]),
    ...(key === undefined && vote.rules.signedBallots === true ? ["the ballot is not signed, as it must be"] : []),
    ...(key === undefined || key === member?.publicKey ? [] : [`${key} is not the key that \`${voter}\` had`]),
    ...(payload === undefined || isSameJson(withoutNoConditions(payload), saidIn(event.data))
      ? []
      : ["the ballot is not what its voter signed"]),
  ];
};

const outcomes: Readonly<Record<string, string>> = {
  "proposal-approved": "approved",
  "proposal-approved-with-conditions": "approved",
  "proposal-rejected": "rejected",
  "proposal-expired": "expired",
};

/** Counts the ballots again: the decision must be theirs, and not have come before it was certain. */
const decisionProblems = (vote: ActiveVote, event: Event): ReadonlyArray<string> => {
  const { rules, electorate, ballots } = vote;
  const isClosed = !isInTime(vote, event.time);
  const result = isClosed ? resultOf(rules, electorate, ballots) : earlyResultOf(rules, electorate, ballots);
  if (result === undefined) return [`${event.type}: it was decided before the deadline while ballots could change it`];
  const tally = "tally" in event.data ? event.data.tally : null;
  const conditions = event.type === "proposal-approved-with-conditions" ? event.data.conditions : [];
  return [
    ...(isSameJson(result.tally, tally)
      ? []
      : [`${event.type}: the ballots count ${canonicalJson(result.tally)}, not ${canonicalJson(tally)}`]),
    ...(result.outcome === outcomes[event.type] ? [] : [`${event.type}: by the ballots it is ${result.outcome}`]),
    ...(isSameJson(result.conditions, conditions)
      ? []
      : [`${event.type}: the conditions are not those of the ballots`]),
  ];
};

const enactmentProblems = (vote: ProposalState, event: Event): ReadonlyArray<string> => {
  if (vote === null || !isApproved(vote)) return ["it was enacted, but it was not approved, or not any more"];
  return event.time >= vote.enactAt ? [] : [`it was enacted before ${vote.enactAt}`];
};

const eventProblems = (vote: ProposalState, event: Event, commit: Commit): ReadonlyArray<string> => {
  if (event.type === "ballot-cast") return ballotProblems(vote, event, commit);
  if (event.type === "proposal-enacted") return enactmentProblems(vote, event);
  if (!(event.type in outcomes)) return [];
  return vote?.status === "active" ? decisionProblems(vote, event) : [`${event.type}: no vote was open`];
};

/** Checks what a commit says of a vote, by everything that was before it; and the vote after it. */
export const voteProblems = (
  commit: Commit,
  before: ProposalState,
): { readonly vote: ProposalState; readonly problems: ReadonlyArray<Problem> } => {
  const problems: Array<Problem> = [];
  let vote = before;
  for (const event of commit.aggregate === proposal.name ? recordedEvents(proposals, commit) : []) {
    if (!isEventOf(proposal, event)) continue;
    for (const problem of eventProblems(vote, event, commit)) problems.push({ version: event.version, problem });
    vote = proposal.evolve(vote, event, { ...event, aggregateId: event.id });
  }
  return { vote, problems };
};
