import { useSearchParams } from "wouter";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { changeIdOf, repairIdOf } from "../../../../domain/host/operation.ts";
import { useAt } from "../../data/at.ts";
import { WithDocument } from "../../data/documents.tsx";
import { Age, spanText } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Columns, Stack } from "../../design/columns.tsx";
import { Hash } from "../../design/hash.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { Notice } from "../../design/notice.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { withShortPaths } from "../../parts/short-paths.ts";
import classes from "./fleet.module.css";
import { diskUsed, stateText } from "./host-text.ts";
import { DriftPolicy, Operation, Release } from "./operate.tsx";
import { WhyStory } from "./why-story.tsx";

type HostState = DocumentOf<"hosts">;

/** What the host should run. */
const Desired = ({ host: { desired } }: { readonly host: HostState }) =>
  desired === undefined ? (
    <p>Nothing was deployed here yet.</p>
  ) : (
    <dl className={classes.facts}>
      <dt>closure</dt>
      <dd>
        <Hash text={desired.closure} name="closure" />
      </dd>
      <dt>deployment</dt>
      <dd>
        <To href={`/deployments/${desired.deployment}`}>{desired.deployment}</To>
      </dd>
      {desired.placement !== undefined && (
        <>
          <dt>graph</dt>
          <dd>
            <To href={`/graphs/${desired.placement.graph}`}>
              {desired.placement.graph} v {desired.placement.graphVersion}
            </To>
          </dd>
        </>
      )}
    </dl>
  );

/** What was seen on the host, by whom and when. */
const Observed = ({ host }: { readonly host: HostState }) => {
  const { closure, observed, reportedBy, reportedAt } = host;
  const used = diskUsed(host);
  const size = observed?.disk?.totalBytes;
  return (
    <dl className={classes.facts}>
      <dt>closure</dt>
      <dd>{closure === undefined ? "not known" : <Hash text={closure} name="closure" />}</dd>
      {observed?.boot !== undefined && (
        <>
          <dt>boots</dt>
          <dd>
            <Hash text={observed.boot} name="closure that it boots" />
            {observed.generation !== undefined && ` generation ${observed.generation}`}
          </dd>
        </>
      )}
      {observed?.load !== undefined && (
        <>
          <dt>load</dt>
          <dd>{observed.load.toFixed(2)}</dd>
        </>
      )}
      {used !== undefined && size !== undefined && (
        <>
          <dt>disk</dt>
          <dd>
            <meter className={classes.meter} aria-label="Disk that is used" value={used} high={0.85} max={1} />{" "}
            {Math.round(used * 100)} % of {Math.round(size / 1e9)} GB
          </dd>
        </>
      )}
      {observed?.uptimeSeconds !== undefined && (
        <>
          <dt>up for</dt>
          <dd>{spanText(observed.uptimeSeconds * 1_000)}</dd>
        </>
      )}
      {(observed?.failedUnits.length ?? 0) > 0 && (
        <>
          <dt>failed units</dt>
          <dd>
            <TextOf text={observed?.failedUnits.join(", ") ?? ""} />
          </dd>
        </>
      )}
      <dt>seen</dt>
      <dd>
        {reportedAt === undefined ? "never" : <Age at={reportedAt} />}
        {reportedBy !== undefined && ` by ${reportedBy}`}
      </dd>
    </dl>
  );
};

/** What runs on the host, and how each is; each leads to why it is there. */
const Nodes = ({ host }: { readonly host: HostState }) => (
  <List label="What runs here">
    {host.desired?.placement?.nodes.map(({ node, units }) => (
      <ListItem
        key={node}
        actions={
          <To href={`/fleet/hosts/${host.id}?node=${node}`}>
            Why?<span className="unseen"> Why is {node} here?</span>
          </To>
        }
      >
        <strong>{node}</strong>{" "}
        {host.failing.includes(node) ? (
          <Badge state="fails" tone="bad" />
        ) : host.stopped.includes(node) ? (
          <Badge state="stopped on purpose" tone="quiet" />
        ) : (
          <Badge state="runs" tone="ok" />
        )}{" "}
        <span className={classes.quiet}>
          <TextOf text={units.join(", ")} />
        </span>
      </ListItem>
    ))}
  </List>
);

/** Whether what was seen is what should run; nothing if nobody has said what should. */
const seenHint = ({ closure, desired }: HostState): string | undefined => {
  if (closure === undefined || desired === undefined) return undefined;
  return closure === desired.closure ? "the same closure" : "another closure than it should run";
};

/** Drifts and changes that are open, with their proposals. */
const Open = ({ host: { id, drifts, changes, onDrift } }: { readonly host: HostState }) => (
  <>
    {drifts.map(({ drift, kind, unit, detail, since }) => (
      <Notice
        key={drift}
        tone={kind === "unreachable" ? "bad" : "warn"}
        actions={
          onDrift === "propose" &&
          kind !== "unreachable" && <To href={`/decisions/${repairIdOf(id, drift)}`}>Proposal to repair it</To>
        }
      >
        <strong>
          <TextOf text={unit ?? kind} />
        </strong>
        : <TextOf text={withShortPaths(detail)} /> · <Age at={since} />
      </Notice>
    ))}
    {changes.map(({ change, action, node, by, proposal, underWay }) => (
      <Notice
        key={`change ${change}`}
        tone="moving"
        actions={proposal !== undefined && <To href={`/decisions/${changeIdOf(id, change)}`}>Proposal</To>}
      >
        {by} wants to {action} {node}: {underWay ? "it is being done" : "it is voted on"}
      </Notice>
    ))}
  </>
);

/** A host: what it should run and what it runs, what runs on it, why, and operations that one can propose. */
const Host = ({ id }: { readonly id: string }) => {
  const node = useSearchParams()[0].get("node");
  const isPast = useAt() !== undefined;
  return (
    <WithDocument view="hosts" id={id} thing="host">
      {(host) => (
        <>
          <PageHead
            title={id}
            actions={
              <>
                <To href={`/diff?left=hosts/${id}/desired&right=hosts/${id}/observed`}>Desired and observed</To>
                <To href={`/audit/documents/host/${encodeURIComponent(id)}`}>Its whole history</To>
                {!isPast && host.desired?.placement !== undefined && (
                  <Release id={id} graph={host.desired.placement.graph} />
                )}
              </>
            }
          >
            <Badge state={host.health} />
            <span className={classes.quiet}>
              <TextOf text={stateText(host)} />
            </span>
          </PageHead>
          <Stack>
            <Open host={host} />
            <Columns
              side={
                <>
                  {!isPast && (
                    <Panel title="Operate it">
                      <Operation host={host} />
                    </Panel>
                  )}
                  <Panel title="Drift">
                    <DriftPolicy host={host} isReadOnly={isPast} />
                  </Panel>
                  <Panel title="How it is reached">
                    <dl className={classes.facts}>
                      <dt>address</dt>
                      <dd>{host.address ?? "not known"}</dd>
                      <dt>system</dt>
                      <dd>{host.system ?? "not known"}</dd>
                      <dt>target</dt>
                      <dd>{host.target ?? "not known"}</dd>
                    </dl>
                  </Panel>
                </>
              }
            >
              <Panel title="What it should run">
                <Desired host={host} />
              </Panel>
              <Panel title="What was seen" hint={seenHint(host)}>
                <Observed host={host} />
              </Panel>
              {host.desired?.placement !== undefined && (
                <Panel title="What runs here">
                  <Nodes host={host} />
                </Panel>
              )}
              {node === null ? <WhyStory host={id} /> : <WhyStory key={node} host={id} node={node} />}
            </Columns>
          </Stack>
        </>
      )}
    </WithDocument>
  );
};

export default Host;
