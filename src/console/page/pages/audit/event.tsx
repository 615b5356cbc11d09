import { useMemo, useState } from "react";
import type { AuditEvent } from "../../../../contract/views/audit.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Code } from "../../design/code.tsx";
import { Copy } from "../../design/copy.tsx";
import { Failure } from "../../design/failure.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { placeOf, placeOfEvent } from "../../parts/place.ts";
import classes from "./audit.module.css";
import { Causation } from "./causation-table.tsx";
import { StateChange } from "./state-change.tsx";

/** Everything that the log says about an event besides its data. */
const Envelope = ({ event }: { readonly event: AuditEvent }) => (
  <dl className={classes.facts}>
    <dt>happened to</dt>
    <dd>
      <To href={placeOf(event.aggregate, event.id)}>
        {event.aggregate} <TextOf text={event.id} />
      </To>
      , as its event {event.version}
    </dd>
    <dt>by</dt>
    <dd>
      <To href={`/audit?actor=${encodeURIComponent(event.actor)}`}>
        <TextOf text={event.actor} />
      </To>
    </dd>
    <dt>when</dt>
    <dd>
      <Age at={event.time} /> <span className={classes.quiet}>({event.time})</span>
    </dd>
    <dt>position</dt>
    <dd>
      {event.position} · <a href={`?at=${event.position}`}>see everything as it was then</a>
    </dd>
    <dt>cause</dt>
    <dd>
      {event.causationId === undefined ? (
        "a command from outside"
      ) : (
        <To href={placeOfEvent(event.causationId)}>
          <TextOf text={event.causationId} />
        </To>
      )}
    </dd>
    <dt>command</dt>
    <dd>
      <code>
        <TextOf text={event.commandId} />
      </code>
      <Copy text={event.commandId} label="Copy the id of the command" />
    </dd>
    <dt>correlation</dt>
    <dd>
      <To href={`/audit?correlationId=${encodeURIComponent(event.correlationId)}`}>
        <code>
          <TextOf text={event.correlationId} />
        </code>
      </To>
    </dd>
    {event.traceparent !== undefined && (
      <>
        <dt>trace</dt>
        <dd>
          <code>
            <TextOf text={event.traceparent} />
          </code>
        </dd>
      </>
    )}
    <dt>content id</dt>
    <dd>
      <Hash text={event.cid} name="content id" />
      {event.previousCid !== undefined && (
        <>
          {" "}
          after <Hash text={event.previousCid} name="content id of the event before" />
        </>
      )}
    </dd>
    <dt>schema</dt>
    <dd>version {event.schemaVersion}</dd>
  </dl>
);

/** One event whole: its envelope and data, what it changed, and what led to it and followed from it. */
const Event = ({
  aggregate,
  id,
  version,
}: {
  readonly aggregate: string;
  readonly id: string;
  readonly version: string;
}) => {
  const { data: event, error } = useQuery("audit", "event", { id: `${aggregate}.${id}.${version}` });
  const [tab, setTab] = useState("event");
  const text = useMemo(() => JSON.stringify(event?.data, null, 2), [event]);
  if (error !== undefined) return <Failure error={error} />;
  if (event === undefined) return <div aria-busy="true" />;
  const stem = `${event.aggregate}.${event.id}.`;
  return (
    <>
      <PageHead
        title={<TextOf text={event.type.replaceAll("-", " ")} />}
        actions={
          <span className={classes.links}>
            {event.version > 1 && <To href={placeOfEvent(`${stem}${event.version - 1}`)}>← Event before</To>}
            {event.aggregate === "proposal" && <To href={`/audit/decisions/${event.id}`}>Story of the decision</To>}
            <To href={`/audit/documents/${event.aggregate}/${encodeURIComponent(event.id)}`}>Its whole history</To>
          </span>
        }
      >
        <span className={classes.quiet}>
          {event.aggregate} <TextOf text={event.id} /> · by <TextOf text={event.actor} /> · <Age at={event.time} />
        </span>
      </PageHead>
      <Tabs
        label="Event"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            key: "event",
            name: "The event",
            content: (
              <div className={classes.stack}>
                <Panel title="What the log says">
                  <Envelope event={event} />
                </Panel>
                <Panel title="Data">
                  <Code text={text} label="Copy the data" />
                </Panel>
              </div>
            ),
          },
          { key: "change", name: "What it changed", content: tab === "change" && <StateChange event={event} /> },
          { key: "causes", name: "Causes and effects", content: tab === "causes" && <Causation event={event} /> },
        ]}
      />
    </>
  );
};

export default Event;
