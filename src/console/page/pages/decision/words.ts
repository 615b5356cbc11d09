import type { ProposalEvent } from "../../../../domain/consensus/contract.ts";
import type { Outlook, Prospect } from "../../../../domain/consensus/outlook.ts";
import type { Rules } from "../../../../domain/consensus/rules.ts";
import type { Tally } from "../../../../domain/consensus/tally.ts";

const protocols: Readonly<Record<string, string>> = {
  "simple-majority": "more for it than against it",
  "qualified-majority": "of those for and against it, at least",
  unanimous: "nobody against it",
};

/** How ballots are counted, in words: `more for it than against it; 4 of 6 must vote`. */
export const ruleWords = ({ protocol, countedAs, threshold }: Rules, tally: Tally): string => {
  const counted = protocol === "weighted" ? (countedAs ?? "simple-majority") : protocol;
  const rule = protocols[counted] ?? counted;
  return [
    threshold === undefined ? rule : `${rule} ${threshold} for it`,
    `${tally.quorumRequired} of ${tally.total} must vote`,
    ...(protocol === "weighted" ? ["by weight"] : []),
  ].join("; ");
};

/** What an end of a vote is called, and what it means. */
export interface Ending {
  readonly tone: "ok" | "bad" | "warn" | "moving";
  readonly text: string;
}

/** Returns what an event does to a vote, as the end of a sentence; undefined if it does not end it. */
export const endingOf = (event: ProposalEvent | undefined): Ending | undefined => {
  switch (event?.type) {
    case "proposal-approved":
      return { tone: "ok", text: "approved" };
    case "proposal-approved-with-conditions":
      return { tone: "ok", text: "approved with conditions" };
    case "proposal-rejected":
      return { tone: "bad", text: event.data.reason === "tie" ? "rejected, as a tie is" : "rejected" };
    case "proposal-expired": {
      const { missingReviews = [] } = event.data;
      return {
        tone: "warn",
        text:
          missingReviews.length > 0
            ? `expired without the review of ${missingReviews.join(", ")}`
            : "expired without a quorum",
      };
    }
    case "proposal-vetoed":
      return { tone: "bad", text: `vetoed by the finding of ${event.data.by}` };
    case "round-ended":
      return { tone: "moving", text: "the graph is changed, and the next round begins" };
    case "voting-extended":
      return { tone: "warn", text: "open longer, because the quorum came late" };
    default:
      return undefined;
  }
};

/** What a ballot would do, in words: `5 : 1, approved at once`. */
export const prospectWords = ({ tally, refusal, follows, otherwise }: Prospect): string => {
  if (refusal !== undefined) return refusal;
  const count = `${tally.approve} : ${tally.reject}`;
  const now = endingOf(follows);
  if (now !== undefined) return `${count}, ${now.text}${follows?.type === "voting-extended" ? "" : " at once"}`;
  const later = endingOf(otherwise);
  return later === undefined ? `${count}, open` : `${count}, still open; ${later.text} if nobody else votes`;
};

const weightWords = (weight: number, what: string) => `${weight} more ${what}`;

/** When the vote ends before its deadline, and how it ends otherwise, in sentences. */
export const earlyWords = ({ toApprove, toReject, otherwise }: Outlook, waitsFor: ReadonlyArray<string>): string => {
  const ways = [
    ...(toApprove === undefined ? [] : [weightWords(toApprove, "for it")]),
    ...(toReject === undefined ? [] : [weightWords(toReject, "against it")]),
  ];
  const end = endingOf(otherwise);
  return [
    ways.length === 0 ? "No ballot ends it early." : `It ends at once with ${ways.join(", or ")}.`,
    ...(waitsFor.length === 0 ? [] : [`No approval ends it before the review of ${waitsFor.join(", ")}.`]),
    ...(end === undefined ? [] : [`If nobody else votes, it is ${end.text} at the deadline.`]),
  ].join(" ");
};

const causes: Readonly<Record<string, string>> = {
  majority: "more were against it than for it",
  tie: "as many were against it as for it",
  "below-threshold": "fewer were for it than the threshold asks for",
  "not-unanimous": "not all were for it",
  "rounds-exhausted": "the last round that the policy allows ended with conditions again",
};

/** Why a vote was rejected, in words. */
export const causeWords = (cause: string | undefined): string => causes[cause ?? ""] ?? "the ballots decided so";
