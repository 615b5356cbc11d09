import type { Schema } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import { earlyEndOf, endOf, vetoOf } from "../../../domain/consensus/decision.ts";
import { memberOf } from "../../../domain/consensus/electorate.ts";
import { carriedVoters, remaining, standingFindings } from "../../../domain/consensus/rounds.ts";
import { type ActiveVote, isApproved, type ProposalState } from "../../../domain/consensus/state.ts";
import { ballotsOf, isInTime } from "../../../domain/consensus/voting.ts";
import {
  canonicalJson,
  isEventOf,
  isOwnPrincipal,
  isSameJson,
  type RecordedEventOf,
} from "../../../domain/kernel/mod.ts";
import { aggregateOf } from "../../aggregate.ts";
import type { Problem } from "../../chain.ts";
import type { Commit } from "../../ports/mod.ts";
import { recordedEvents } from "../../recorded-events.ts";
import { signedPayload } from "./commit.ts";

type Event = RecordedEventOf<typeof proposal.events>;
type Ballot = (Event & { type: "ballot-cast" })["data"];

const proposals = aggregateOf(proposal);

/** Returns what a voter said in a ballot. */
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
  /** Its author according to the event. */
  readonly by: string;
  /** Its content according to the event. */
  readonly said: Schema.Json;
  /** The key with which the author had to sign. */
  readonly publicKey: string | undefined;
  readonly mustBeSigned: boolean;
}

/**
 * Checks that an act is authentic: its author gave it, signed it if required, with the right key and the same content.
 */
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

/** Checks that a ballot is authentic, comes from a member, and is in time. */
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
 * Checks that a veto is authentic, comes from a holder, and came before the end. Older proposals did not store the keys
 * of the holders. For these, a signature was not required, and its owner cannot be verified.
 */
const vetoProblems = (vote: ProposalState, { data }: Event & { type: "proposal-vetoed" }, commit: Commit) => {
  if (vote === null || !("rules" in vote)) return ["it was vetoed, but it had come to its end"];
  const { by, reason, signedBy } = data;
  const { rules, vetoKeys } = vote;
  const publicKey = vetoKeys === undefined ? commit.signed?.publicKey : vetoKeys.find(({ id }) => id === by)?.publicKey;
  const mustBeSigned = vetoKeys !== undefined && rules.signedBallots === true;
  return [
    ...(rules.vetoHolders?.includes(by) === true ? [] : [`the rules give \`${by}\` no veto`]),
    ...authorshipProblems({ what: "veto", by, said: { reason }, publicKey, mustBeSigned }, commit),
    ...(signedBy === undefined || signedBy === commit.signed?.publicKey
      ? []
      : [`the veto says that ${signedBy} signed it, which did not`]),
  ];
};

/** Checks that the backend struck a ballot that counted. Later counts leave it out. */
const strikeProblems = (vote: ProposalState, { data, actor }: Event & { type: "ballot-struck" }) => [
  ...(isOwnPrincipal(actor)
    ? []
    : [`\`${actor}\` struck the ballot of \`${data.voter}\`, which only the backend does`]),
  ...(vote !== null && ballotsOf(vote).some(({ voter }) => voter === data.voter)
    ? []
    : [`a ballot of \`${data.voter}\` was struck that did not count`]),
];

/** Checks that the backend struck the veto. */
const vetoStrikeProblems = (vote: ProposalState, { data, actor }: Event & { type: "veto-struck" }) => [
  ...(isOwnPrincipal(actor) ? [] : [`\`${actor}\` struck the veto of \`${data.by}\`, which only the backend does`]),
  ...(vote?.status === "vetoed" && vote.stopped?.by === data.by
    ? []
    : [`a veto of \`${data.by}\` was struck that did not stop a vote which can go on`]),
];

const decisions: ReadonlyArray<Event["type"]> = [
  "proposal-approved",
  "proposal-approved-with-conditions",
  "proposal-rejected",
  "proposal-expired",
  "round-ended",
];

const tallyIn = (data: object): Schema.Json => ("tally" in data ? (data.tally as Schema.Json) : null);

/**
 * Counts the ballots of a round again. The decision must match the ballots and the reviews, and must not have come
 * before it was certain.
 */
const decisionProblems = (vote: ActiveVote, event: Event): ReadonlyArray<string> => {
  const { type, data, time } = event;
  const end = isInTime(vote, time) ? earlyEndOf(vote, time) : endOf(vote, "closed", time);
  if (end === undefined) return [`${type}: it was decided before the deadline while ballots could change it`];
  const [counted, published] = [tallyIn(end.data), tallyIn(data)];
  if (!isSameJson(counted, published))
    return [`${type}: the ballots count ${canonicalJson(counted)}, not ${canonicalJson(published)}`];
  if (end.type !== type) return [`${type}: by the ballots and reviews it is ${end.type}`];
  return isSameJson(end.data, data) ? [] : [`${type}: it does not say what the ballots and reviews say`];
};

/** Checks the veto of a blocking finding, which stops what the ballots would approve or have approved. */
const blockProblems = (vote: ProposalState, event: Event & { type: "proposal-vetoed" }): ReadonlyArray<string> => {
  if (vote?.status === "active") return decisionProblems(vote, event);
  if (vote === null || !isApproved(vote) || vote.rounds === undefined)
    return ["no vote was open that could be blocked"];
  const veto = vetoOf(standingFindings(vote.rules, vote.rounds));
  return veto !== undefined && isSameJson(veto.data, event.data)
    ? []
    : ["the findings that block are not those of the reviews"];
};

/** Checks that a round follows an ended one, with the remaining electorate and the carried ballots. */
const roundProblems = (vote: ProposalState, { data }: Event & { type: "round-opened" }): ReadonlyArray<string> => {
  if (vote?.status !== "amending") return ["a round was opened, but none had ended"];
  const { rounds, electorate, ballots, conditions } = vote;
  const gone = new Set(data.excluded.map(({ id }) => id));
  const carried = carriedVoters(rounds, ballots, conditions, data.subject).filter((voter) => !gone.has(voter));
  return [
    ...(data.round === rounds.round + 1 ? [] : [`round ${data.round} was opened after round ${rounds.round}`]),
    ...(isSameJson(remaining(electorate, data.excluded), data.electorate)
      ? []
      : ["the electorate is not that of the round before without those who are excluded"]),
    ...(isSameJson(carried, data.carried) ? [] : ["the ballots that stand are not those that accepted what was made"]),
  ];
};

const reviewProblems = (vote: ProposalState, { data }: Event & { type: "review-noted" }): ReadonlyArray<string> =>
  vote !== null && "rounds" in vote && vote.rounds?.round === data.round ? [] : ["the review is not of this round"];

/** Checks that the backend noted a break-glass, which it does after the deployment has accepted one. */
const glassProblems = (vote: ProposalState, { data, actor }: Event & { type: "break-glass-noted" }) => [
  ...(isOwnPrincipal(actor) ? [] : [`\`${actor}\` noted a break-glass, which only the backend does`]),
  ...(vote !== null && "rounds" in vote && vote.rounds?.round === data.round
    ? []
    : ["the glass was not broken for this round"]),
];

const enactmentProblems = (vote: ProposalState, event: Event & { type: "proposal-enacted" }): ReadonlyArray<string> => {
  if (vote === null || !isApproved(vote)) return ["it was enacted, but it was not approved, or not any more"];
  const { subject } = event.data;
  const about = vote.rounds?.subject;
  return [
    ...(event.time >= vote.enactAt ? [] : [`it was enacted before ${vote.enactAt}`]),
    ...(isSameJson(subject ?? null, about ?? null) ? [] : ["what was enacted is not what its round was about"]),
  ];
};

const eventProblems = (vote: ProposalState, event: Event, commit: Commit): ReadonlyArray<string> => {
  if (event.type === "ballot-cast") return ballotProblems(vote, event, commit);
  if (event.type === "ballot-struck") return strikeProblems(vote, event);
  if (event.type === "veto-struck") return vetoStrikeProblems(vote, event);
  if (event.type === "review-noted") return reviewProblems(vote, event);
  if (event.type === "break-glass-noted") return glassProblems(vote, event);
  if (event.type === "round-opened") return roundProblems(vote, event);
  if (event.type === "proposal-vetoed")
    return event.data.findings === undefined ? vetoProblems(vote, event, commit) : blockProblems(vote, event);
  if (event.type === "proposal-enacted") return enactmentProblems(vote, event);
  if (!decisions.includes(event.type)) return [];
  return vote?.status === "active" ? decisionProblems(vote, event) : [`${event.type}: no vote was open`];
};

/**
 * Checks the part of a commit that concerns a vote, against everything before it. Returns the vote after it, and the
 * problems.
 */
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
