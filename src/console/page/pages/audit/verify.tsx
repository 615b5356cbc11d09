import type { LogHealth } from "../../../../contract/views/audit.ts";
import { useAt } from "../../data/at.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { placeOf, placeOfEvent } from "../../parts/place.ts";
import classes from "./audit.module.css";
import { useVerification, type Verification } from "./verification.ts";

const number = new Intl.NumberFormat("en-US");

/** How far it is, in a sentence. */
const progressText = ({ state, checked, total, events, findings, whole }: Verification): string => {
  if (state === "idle") return "Nothing was verified on this page yet.";
  if (total === undefined) return "Counting the histories …";
  const soFar = `${number.format(checked)} of ${number.format(total)} histories, ${number.format(events)} events`;
  if (state === "stopped") return `Stopped after ${soFar}.`;
  if (whole !== undefined)
    return whole.ok
      ? `Unaltered: ${number.format(whole.commits)} commits, ${number.format(whole.events)} events. Numbering, chains, seals, signatures, ballots and tallies fit.`
      : `Altered: ${number.format(findings.length)} things do not fit.`;
  return checked === total && state === "running" ? `${soFar}; now the log as a whole …` : `${soFar} …`;
};

const Findings = ({ findings }: Pick<Verification, "findings">) =>
  findings.length === 0 ? null : (
    <List label="What does not fit">
      {findings.slice(0, 200).map((finding) => (
        <ListItem key={`${finding.position} ${finding.event} ${finding.problem}`}>
          <p>
            <Badge state={`position ${finding.position}`} tone="bad" /> <TextOf text={finding.problem} />
          </p>
          {finding.event !== "" && <To href={placeOfEvent(finding.event)}>{finding.event}</To>}
        </ListItem>
      ))}
    </List>
  );

/** What the backend that answers has seen in the log. */
const Health = ({ health }: { readonly health: LogHealth }) => (
  <div className={classes.stack}>
    <dl className={classes.facts}>
      <dt>ready</dt>
      <dd>
        {health.ready ? <Badge state="yes" tone="ok" /> : <Badge state="no" tone="bad" />}{" "}
        {health.reason !== undefined && <TextOf text={health.reason} />}
      </dd>
      <dt>checked</dt>
      <dd>up to position {number.format(health.checked)}</dd>
      <dt>passed over</dt>
      <dd>{number.format(health.passedOver)} messages that no reader takes</dd>
      <dt>parked steps</dt>
      <dd>{health.parked === undefined ? "not known while views cannot go on" : number.format(health.parked)}</dd>
    </dl>
    {health.problems.length + health.damaged.length + (health.openReviews?.length ?? 0) > 0 && (
      <List label="What the backend has seen">
        {health.problems.map(({ kind, position, aggregate, id, problem }) => (
          <ListItem key={`problem ${position}`}>
            <Badge state={kind} tone="warn" /> position {position}
            {aggregate !== undefined && id !== undefined && ` of ${aggregate} ${id}`}: <TextOf text={problem} />
          </ListItem>
        ))}
        {health.damaged.map(({ aggregate, id, position, problem }) => (
          <ListItem key={`damaged ${aggregate} ${id}`}>
            <Badge state="read only" tone="bad" /> <To href={placeOf(aggregate, id)}>{`${aggregate} ${id}`}</To> since
            position {position}: <TextOf text={problem} />
          </ListItem>
        ))}
        {health.openReviews?.map(({ deployment, by, reason, at }) => (
          <ListItem key={`review ${deployment}`}>
            <Badge state="glass broken" tone="warn" /> <To href={`/deployments/${deployment}`}>{deployment}</To> by{" "}
            <TextOf text={by} />, <Age at={at} />: <TextOf text={reason} />
          </ListItem>
        ))}
      </List>
    )}
  </div>
);

/** Proof from the log alone that nothing was altered, and how the backend fares with it. */
const Verify = () => {
  const { verification, start, stop } = useVerification();
  const { data: health, error } = useQuery("audit", "health", {}, { now: true, refresh: ["deployment", "task"] });
  const isPast = useAt() !== undefined;
  const { state, checked, total } = verification;
  const isRunning = state === "running";
  return (
    <>
      <PageHead
        title="Verify the log"
        actions={
          isRunning ? (
            <Button onClick={stop}>Stop</Button>
          ) : (
            !isPast && (
              <Button kind="main" onClick={() => void start()}>
                {state === "idle" ? "Verify" : "Verify again"}
              </Button>
            )
          )
        }
      >
        {verification.whole !== undefined && (
          <Badge state={verification.whole.ok ? "unaltered" : "altered"} tone={verification.whole.ok ? "ok" : "bad"} />
        )}
      </PageHead>
      <div className={classes.stack}>
        <Panel title="Proof" hint="from the log alone, about the present">
          <div className={classes.stack}>
            <p role="status">{progressText(verification)}</p>
            {isRunning && (
              <progress
                className={classes.progress}
                aria-label="Histories that were checked"
                max={total ?? 1}
                value={total === undefined ? undefined : checked}
              />
            )}
            {verification.error !== undefined && <Failure error={verification.error} />}
            <Findings findings={verification.findings} />
          </div>
        </Panel>
        <Panel title="Health" hint="of the backend that answers">
          {error !== undefined && <Failure error={error} />}
          {health !== undefined && <Health health={health} />}
        </Panel>
      </div>
    </>
  );
};

export default Verify;
