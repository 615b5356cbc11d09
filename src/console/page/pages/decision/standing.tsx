import type { DocumentOf } from "../../../../contract/views/mod.ts";
import type { Outlook, Prospect } from "../../../../domain/consensus/outlook.ts";
import { rulesOf } from "../../data/vote.ts";
import { Badge } from "../../design/badge.tsx";
import { Bar, type Part } from "../../design/bar.tsx";
import { Panel } from "../../design/list.tsx";
import classes from "./decision.module.css";
import { earlyWords, prospectWords, ruleWords } from "./words.ts";

type Proposal = DocumentOf<"proposals">;

const Figure = ({ amount, name }: { readonly amount: number | string; readonly name: string }) => (
  <span>
    <strong className={classes.amount}>{amount}</strong> {name}
  </span>
);

/** How the vote stands: the bar with the line of the quorum. What is hidden shows how many have voted, not how. */
export const Standing = ({
  proposal,
  outlook,
  isHidden,
}: {
  readonly proposal: Proposal;
  readonly outlook: Outlook | undefined;
  readonly isHidden: boolean;
}) => {
  const { tally, missingReviews = [], status } = proposal;
  const [approve, reject, abstain, total, needed] = [
    tally.approve,
    tally.reject,
    tally.abstain,
    tally.total,
    tally.quorumRequired,
  ].map(Number) as [number, number, number, number, number];
  const cast = approve + reject + abstain;
  const parts: ReadonlyArray<Part> = isHidden
    ? [{ name: "voted", amount: cast, tone: "quiet" }]
    : [
        { name: "for", amount: approve, tone: "ok" },
        { name: "against", amount: reject, tone: "bad" },
        { name: "abstained", amount: abstain, tone: "quiet" },
      ];
  const { toApprove } = outlook ?? {};
  const marks = [
    { name: tally.quorumReached ? "quorum reached ✓" : `quorum: ${needed}`, at: needed },
    ...(isHidden || toApprove === undefined || toApprove === 0 || cast + toApprove === needed
      ? []
      : [{ name: "cannot fail from here", at: cast + toApprove, dashed: true }]),
  ];
  return (
    <section className={classes.card} aria-label="How the vote stands">
      <p className={classes.figures}>
        {isHidden ? (
          <Figure amount={cast} name="voted" />
        ) : (
          <>
            <Figure amount={approve} name="for" />
            <Figure amount={reject} name="against" />
            {abstain > 0 && <Figure amount={abstain} name="abstained" />}
          </>
        )}
        <Figure amount={total - cast} name={`not cast, of ${total} weight`} />
        <span className={classes.rule}>{ruleWords(rulesOf(proposal), tally)}</span>
      </p>
      <Bar label="Votes" whole={total} parts={parts} marks={total > 0 ? marks : []} />
      {status === "active" && outlook !== undefined && !isHidden && (
        <p className={classes.quiet}>{earlyWords(outlook, missingReviews)}</p>
      )}
    </section>
  );
};

/** What each choice would do to the vote at this moment, by the rules of the backend. */
export const MyProspects = ({ prospects }: { readonly prospects: ReadonlyArray<Prospect> }) => (
  <Panel title="What would my vote do now?">
    <dl>
      {prospects.map((prospect) => (
        <div key={prospect.choice} className={classes.pair}>
          <dt>
            <Badge state={prospect.choice} />
          </dt>
          <dd>{prospectWords(prospect)}</dd>
        </div>
      ))}
    </dl>
  </Panel>
);
