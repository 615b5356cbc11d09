import { useMemo } from "react";
import { useSearchParams } from "wouter";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { isOver } from "../../../../domain/deployment/lifecycle.ts";
import { useAt } from "../../data/at.ts";
import { useDocument, WithDocument } from "../../data/documents.tsx";
import { useTrail } from "../../data/trail.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Columns, Stack } from "../../design/columns.tsx";
import { Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { To } from "../../design/to.tsx";
import { Conditions } from "../../parts/conditions.tsx";
import { Findings } from "../../parts/findings.tsx";
import { Acts } from "./acts.tsx";
import { AttemptsPanel } from "./attempts.tsx";
import classes from "./deployment.module.css";
import { GlassPanel } from "./glass.tsx";
import { HostsGrid } from "./hosts-grid.tsx";
import { InputsPanel } from "./inputs-panel.tsx";
import { hostOfInterest, OutputPanel } from "./output.tsx";
import { Phases } from "./phases.tsx";
import { ProofPanel } from "./proof.tsx";
import { RemovalsPanel } from "./removals.tsx";
import { CourseNotice } from "./sentence.tsx";
import { tasksOf } from "./story.ts";
import { Timeline } from "./timeline.tsx";

type Deployment = DocumentOf<"deployments">;

/** What the vote changed in the graph, round by round. */
const VotePanel = ({ rounds }: { readonly rounds: Deployment["rounds"] }) =>
  rounds.length === 0 ? null : (
    <Panel title="What the vote changed" hint="in the graph, before it was deployed">
      <ol className={classes.lines}>
        {rounds.map(({ round, graphVersion, amended, conditions }) => (
          <li key={round}>
            <span className={classes.quiet}>
              after round {round}: version {graphVersion} →{" "}
              {amended === undefined ? "being made" : amended.graphVersion}
            </span>
            <Conditions conditions={conditions} />
          </li>
        ))}
      </ol>
    </Panel>
  );

const Shown = ({ deployment }: { readonly deployment: Deployment }) => {
  const { id, graph, graphVersion, status, requestedBy, requestedAt, ballots, findings, target } = deployment;
  const at = useAt();
  const isLive = at === undefined;
  const chosen = useSearchParams()[0].get("host") ?? undefined;
  const host = chosen ?? hostOfInterest(deployment);
  const events = useTrail("deployment", id);
  const tasks = useMemo(() => tasksOf(events), [events]);
  const dialog = useDocument("dialogs", id);
  const approvals = ballots.filter(({ choice }) => choice === "approve").length;
  const others = ballots.length - approvals;
  const hasEnded = isOver(status);
  return (
    <>
      <PageHead
        title={id}
        actions={
          <>
            <To href={`/plan/${graph}?version=${graphVersion}`}>Plan</To>
            <To href={`/diff?left=running/${graph}&right=deployments/${id}`}>Difference to what runs</To>
            {dialog.state === "there" && (
              <To href={`/conversations/${id}`}>{`Conversation · ${dialog.document.turnCount}`}</To>
            )}
            {ballots.length > 0 && <To href={`/decisions/${id}`}>{`Decision · ${approvals}:${others}`}</To>}
            <To href={`/graphs/${graph}?version=${graphVersion}`}>{`${graph} v ${graphVersion}`}</To>
            {isLive && <Acts deployment={deployment} />}
          </>
        }
      >
        <Badge state={status} />
        <span className={classes.quiet}>
          {target}, requested by {requestedBy}, <Age at={requestedAt} />
        </span>
      </PageHead>
      <Stack>
        <CourseNotice deployment={deployment} />
        <Phases deployment={deployment} />
        <HostsGrid deployment={deployment} chosen={chosen} />
        <RemovalsPanel deployment={deployment} isLive={isLive} />
        <Columns
          side={
            <>
              <GlassPanel deployment={deployment} isLive={isLive} />
              <ProofPanel deployment={deployment} />
              <InputsPanel deployment={deployment} events={events} />
              <Findings findings={findings} />
            </>
          }
        >
          <OutputPanel deployment={deployment} host={host} isLive={isLive && !hasEnded} />
          <Timeline events={events} isOver={hasEnded || !isLive} />
          <AttemptsPanel deployment={deployment} tasks={tasks} />
          <VotePanel rounds={deployment.rounds} />
        </Columns>
      </Stack>
    </>
  );
};

/** One deployment: how far each host is, why it failed, the way back and its proof, and where its time went. */
const DeploymentPage = ({ id }: { readonly id: string }) => (
  <WithDocument view="deployments" id={id} thing="deployment">
    {(deployment) => <Shown deployment={deployment} />}
  </WithDocument>
);

export default DeploymentPage;
