import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { TimeLeft } from "../../design/age.tsx";
import type { Tone } from "../../design/badge.tsx";
import { Notice } from "../../design/notice.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { causeWords } from "./words.ts";

type Proposal = DocumentOf<"proposals">;

const tones: Readonly<Record<string, Tone>> = {
  rejected: "bad",
  vetoed: "bad",
  expired: "warn",
  void: "warn",
  enacted: "ok",
};

const Because = ({ reason }: { readonly reason: string | undefined }) =>
  reason === undefined ? null : (
    <>
      : <TextOf text={reason} />
    </>
  );

/** How it came out, or what stands in its way, in a sentence. */
const Sentence = ({ proposal }: { readonly proposal: Proposal }) => {
  const { status, rejectedFor, by, reason, tally, enactAt, missingReviews = [] } = proposal;
  switch (status) {
    case "approved":
    case "approved-with-conditions":
      return enactAt === undefined ? (
        <>Approved; it takes effect now.</>
      ) : (
        <>
          Approved; it takes effect in <TimeLeft until={enactAt} /> unless somebody vetoes it.
        </>
      );
    case "enacted":
      return (
        <>
          Approved by {tally.approve} : {tally.reject}, and in effect.
        </>
      );
    case "rejected":
      return <>Rejected: {reason === undefined ? causeWords(rejectedFor) : <TextOf text={reason} />}.</>;
    case "expired":
      return (
        <>
          Expired:{" "}
          {missingReviews.length > 0
            ? `the review of ${missingReviews.join(", ")} was missing`
            : `${tally.quorumRequired} of ${tally.total} had to vote`}
          .
        </>
      );
    case "superseded":
      return (
        <>
          Superseded by {by === undefined ? "another proposal" : <To href={`/decisions/${by}`}>{by}</To>}
          <Because reason={reason} />
        </>
      );
    case "amending":
      return <>The graph is being changed as the conditions want. The next round begins then.</>;
    case "pending":
      return <>It is discussed. Voting has not opened.</>;
    default:
      return (
        <>
          {status[0]?.toUpperCase()}
          {status.slice(1)}
          {by !== undefined && <> by {by}</>}
          <Because reason={reason} />
        </>
      );
  }
};

/** The sentences above the evidence: how it came out, what blocks it, and what changed since the round before. */
export const OutcomeNotices = ({ proposal, me }: { readonly proposal: Proposal; readonly me: string }) => {
  const { status, blocking = [], glass, rounds = [], round } = proposal;
  const before = rounds.at(-1);
  const mine = before?.ballots.find(({ voter }) => voter === me);
  const isOpen = status === "active" || status === "pending";
  return (
    <>
      {status !== "active" && (
        <Notice tone={tones[status] ?? (status.startsWith("approved") ? "ok" : "quiet")}>
          <Sentence proposal={proposal} />
        </Notice>
      )}
      {isOpen &&
        blocking.map(({ reviewer, rule, message }) => (
          <Notice key={`${reviewer} ${rule} ${message}`} tone="bad">
            A blocking finding of <strong>{reviewer}</strong> vetoes an approval: <TextOf text={message} />
          </Notice>
        ))}
      {glass !== undefined && (
        <Notice tone="warn">
          <strong>{glass.by}</strong> broke the glass, so that blocking findings are no veto:{" "}
          <TextOf text={glass.reason} />
        </Notice>
      )}
      {before !== undefined && status === "active" && (
        <Notice tone="warn">
          The graph changed after round {before.round}:{" "}
          {before.conditions.map(({ voter, text }, index) => (
            <span key={`${voter} ${text}`}>
              {index > 0 && ", "}
              <strong>{voter}</strong> asked for <TextOf text={text} />
            </span>
          ))}
          . This is round {round}.{mine !== undefined && ` In round ${before.round} you cast: ${mine.choice}.`}
        </Notice>
      )}
    </>
  );
};
