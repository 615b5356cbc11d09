import type { Schema } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import { memberOf } from "../../../domain/consensus/electorate.ts";
import { earlyResultOf, resultOf } from "../../../domain/consensus/result.ts";
import { type ActiveVote, isApproved, type ProposalState } from "../../../domain/consensus/state.ts";
import { isInTime } from "../../../domain/consensus/voting.ts";
import {
  canonicalJson,
  isEventOf,
  isOwnPrincipal,
  isSameJson,
  type RecordedEventOf,
} from "../../../domain/kernel/mod.ts";
import { aggregateOf } from "../../aggregate.ts";
import type { Problem } from "../../chain.ts";
import { recordedEvents } from "../../history.ts";
import type { Commit } from "../../ports/mod.ts";
import { signedPayload } from "./commit.ts";

type Event = RecordedEventOf<typeof proposal.events>;
type Ballot = (Event & { type: "ballot-cast" })["data"];

const proposals = aggregateOf(proposal);

/** What a voter said, as a ballot has it. */
const saidIn = ({ voter: _, weight: __, replaces: ___, signedBy: ____, ...vote }: Ballot): Schema.Json => vote;

const withoutNoConditions = (payload: Schema.Json): Schema.Json => {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  return Object.fromEntries(
    Object.entries(payload).filter(
      ([name, value]) => name !== "conditions" || !Array.isArray(value) || value.length > 0,
    ),
  );
};

interface Act {
  readonly what: "ballot" | "veto";
  /** Whose it is by the event. */
  readonly by: string;
  /** What they said by the event. */
  readonly said: Schema.Json;
  /** The key that they had to sign with. */
  readonly publicKey: string | undefined;
  readonly mustBeSigned: boolean;
}

/** An act is someone's own if they gave it, signed where that is needed, with their key, and as they signed it. */
const authorshipProblems = ({ what, by, said, publicKey, mustBeSigned }: Act, commit: Commit) => {
  const key = commit.signed?.publicKey;
  const payload = signedPayload(commit);
  return [
    ...(by === commit.actor ? [] : [`the ${what} is \`${by}\`'s, but \`${commit.actor}\` gave it`]),
    ...(key === undefined && mustBeSigned ? [`the ${what} is not signed, as it must be`] : []),
    ...(key === undefined || key === publicKey ? [] : [`${key} is not the key that \`${by}\` had`]),
    ...(payload === undefined || isSameJson(withoutNoConditions(payload), said)
      ? []
      : [`the ${what} is not what \`${by}\` signed`]),
  ];
};

/** A ballot counts if it is its voter's own, a member's, and in time. */
const ballotProblems = (vote: ProposalState, { data, time }: Event & { type: "ballot-cast" }, commit: Commit) => {
  if (vote?.status !== "active") return ["the ballot was cast while no vote was open"];
  const { voter, weight } = data;
  const member = memberOf(vote.electorate, voter);
  const mustBeSigned = vote.rules.signedBallots === true;
  return [
    ...(member?.weight === weight ? [] : [`\`${voter}\` has no ballot of weight ${weight} in this vote`]),
    ...(isInTime(vote, time) ? [] : [`the ballot came after the deadline, ${vote.deadline}`]),
    ...authorshipProblems(
      { what: "ballot", by: voter, said: saidIn(data), publicKey: member?.publicKey, mustBeSigned },
      commit,
    ),
    ...(data.signedBy === undefined || data.signedBy === commit.signed?.publicKey
      ? []
      : [`the ballot says that ${data.signedBy} signed it, which did not`]),
  ];
};

/**
 * A veto holds if it is a holder's own, and came before the end. Where the keys of the holders were not kept, which is so
 * in what was submitted before they were, nobody had to sign, and whose key it was nobody can tell.
 */
const vetoProblems = (vote: ProposalState, { data }: Event & { type: "proposal-vetoed" }, commit: Commit) => {
  if (vote === null || !("rules" in vote)) return ["it was vetoed, but it had come to its end"];
  const { by, reason } = data;
  const { rules, vetoKeys } = vote;
  const publicKey = vetoKeys === undefined ? commit.signed?.publicKey : vetoKeys.find(({ id }) => id === by)?.publicKey;
  const mustBeSigned = vetoKeys !== undefined && rules.signedBallots === true;
  return [
    ...(rules.vetoHolders?.includes(by) === true ? [] : [`the rules give \`${by}\` no veto`]),
    ...authorshipProblems({ what: "veto", by, said: { reason }, publicKey, mustBeSigned }, commit),
  ];
};

/** A ballot is struck by the backend alone, while the vote is open: what is counted later is counted without it. */
const strikeProblems = (vote: ProposalState, { data, actor }: Event & { type: "ballot-struck" }) => [
  ...(isOwnPrincipal(actor)
    ? []
    : [`\`${actor}\` struck the ballot of \`${data.voter}\`, which only the backend does`]),
  ...(vote?.status === "active" && vote.ballots.some(({ voter }) => voter === data.voter)
    ? []
    : [`a ballot of \`${data.voter}\` was struck that did not count`]),
];

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
  if (event.type === "ballot-struck") return strikeProblems(vote, event);
  if (event.type === "proposal-vetoed") return vetoProblems(vote, event, commit);
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
