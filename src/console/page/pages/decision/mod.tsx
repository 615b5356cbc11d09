import { useMemo, useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { visible } from "../../../../domain/kernel/visible.ts";
import { useAt } from "../../data/at.ts";
import { useDocument, WithDocument } from "../../data/documents.tsx";
import { useDomain } from "../../data/domain.ts";
import { useQuery } from "../../data/query.ts";
import { useSession } from "../../data/session.tsx";
import { useSigner } from "../../data/signer.ts";
import { useRoles } from "../../data/standing.tsx";
import { activeVoteOf } from "../../data/vote.ts";
import { Age, TimeLeft, useNow } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Columns, Stack } from "../../design/columns.tsx";
import { Notice } from "../../design/notice.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { Findings } from "../../parts/findings.tsx";
import { revisionOf, UnsentBallot, YourBallot } from "../../parts/your-ballot.tsx";
import { Acts } from "./acts.tsx";
import { Ballots, ExcludedPanel } from "./ballots.tsx";
import { WhatItChanges } from "./changes.tsx";
import classes from "./decision.module.css";
import { OutcomeNotices } from "./outcome.tsx";
import { Proof } from "./proof.tsx";
import { ConditionsPanel, RoundsPanel, SubjectPanel } from "./rounds.tsx";
import { MyProspects, Standing } from "./standing.tsx";

type Proposal = DocumentOf<"proposals">;

const openStates: ReadonlyArray<string> = ["pending", "active", "amending", "approved", "approved-with-conditions"];

const Ends = ({
  proposal: { status, deadline, decidedAt },
  isLive,
}: {
  readonly proposal: Proposal;
  readonly isLive: boolean;
}) => {
  if (status === "active" && deadline !== undefined)
    return (
      <span className={classes.ends}>
        {isLive ? "closes in " : "closed "}
        <strong>{isLive ? <TimeLeft until={deadline} /> : <Age at={deadline} />}</strong>
      </span>
    );
  return decidedAt === undefined ? null : (
    <span className={classes.quiet}>
      decided <Age at={decidedAt} />
    </span>
  );
};

/** Why one who acts has no ballot in a vote that is open; undefined if they have one. */
const noBallotBecause = ({ electorate, excluded = [] }: Proposal, me: string, roles: ReadonlyArray<string>) => {
  const isElector = electorate.some(({ id }) => id === me);
  if (!isElector)
    return (
      excluded.find(({ id }) => id === me)?.reason ??
      "You are not in the electorate, which was fixed when voting opened."
    );
  return roles.includes("voter")
    ? undefined
    : "You are in the electorate, but do not have the role voter. An admin can give it to you.";
};

const Shown = ({ proposal }: { readonly proposal: Proposal }) => {
  const { principal: me } = useSession();
  const roles = useRoles();
  const at = useAt();
  const [isShown, setShown] = useState(false);
  const { id, title, status, round, electorate, ballots, kind, proposer } = proposal;
  const isLive = at === undefined;
  const isOpen = status === "active";
  const deployment = useDocument("deployments", id);
  const decision = useQuery("audit", "decision", { proposal: id }, { refresh: ["proposal"] });
  const extended = decision.data?.extended !== undefined;
  const vote = useMemo(() => activeVoteOf(proposal, extended), [proposal, extended]);
  // The prospects depend on the time by their deadlines only: a minute is fine enough.
  const minute = useNow(60_000);
  const time = useMemo(() => (minute > 0 ? new Date().toISOString() : ""), [minute]);
  const refusal = noBallotBecause(proposal, me, roles);
  const mayVote = isLive && isOpen && refusal === undefined;
  const hasVoted = ballots.some(({ voter }) => voter === me);
  const isHidden = mayVote && !hasVoted && !isShown && electorate.length > 1;
  const outlook = useDomain("outlook", vote);
  const prospects = useDomain("prospects", vote, me, time);
  const revision = revisionOf(proposal);
  const signing = useSigner();
  const isDeployment = deployment.state === "there";
  useScreen(useMemo(() => ({ title: visible(title) }), [title]));
  return (
    <>
      <PageHead
        title={<TextOf text={title} />}
        actions={
          <>
            <Ends proposal={proposal} isLive={isLive} />
            {isDeployment && <To href={`/deployments/${id}`}>Deployment</To>}
            {isDeployment && <To href={`/conversations/${id}`}>Conversation</To>}
            {revision !== undefined && (
              <To href={`/graphs/${revision.graph}?version=${revision.version}`}>
                {revision.graph} v {revision.version}
              </To>
            )}
          </>
        }
      >
        <Badge state={status}>
          {isOpen ? "voting" : status.replaceAll("-", " ")}
          {round !== undefined && ` · round ${round}`}
        </Badge>
        <span className={classes.quiet}>
          {kind}, proposed by {proposer}
        </span>
      </PageHead>
      <Stack>
        <OutcomeNotices proposal={proposal} me={me} />
        {isLive && isOpen && refusal !== undefined && (
          <Notice tone="quiet">
            You have no ballot here: <TextOf text={refusal} />
          </Notice>
        )}
        <Columns
          side={
            <>
              {mayVote && !isHidden && prospects !== undefined && <MyProspects prospects={prospects} />}
              {mayVote && <YourBallot proposal={proposal} me={me} signing={signing} />}
              {isLive && !mayVote && (
                <UnsentBallot
                  id={id}
                  because={isOpen ? "You have no ballot here." : "The vote is not open: this ballot was not cast."}
                />
              )}
              {isLive && <Acts proposal={proposal} me={me} signing={signing} hasSigning={mayVote} />}
              {isDeployment && (
                <Findings findings={deployment.document.findings} missingReviews={proposal.missingReviews} />
              )}
              <ExcludedPanel excluded={proposal.excluded} />
              <SubjectPanel subject={proposal.subject} />
              {decision.data !== undefined && <Proof decision={decision.data} />}
            </>
          }
        >
          <Standing proposal={proposal} outlook={isOpen ? outlook : undefined} isHidden={isHidden} />
          <Ballots proposal={proposal} me={me} isHidden={isHidden} onShow={() => setShown(true)} />
          <ConditionsPanel conditions={proposal.conditions} revision={revision} />
          <RoundsPanel rounds={proposal.rounds} now={revision} />
          {revision !== undefined && openStates.includes(status) && (
            <WhatItChanges graph={revision.graph} version={revision.version} />
          )}
        </Columns>
      </Stack>
    </>
  );
};

/** One decision: how it stands, what one's own vote would do, who has said what, and the proof. */
const Decision = ({ id }: { readonly id: string }) => (
  <WithDocument view="proposals" id={id} thing="decision">
    {(proposal) => <Shown proposal={proposal} />}
  </WithDocument>
);

export default Decision;
