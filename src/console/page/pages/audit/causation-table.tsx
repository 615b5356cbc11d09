import { useMemo } from "react";
import type { AuditEvent } from "../../../../contract/views/audit.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Failure } from "../../design/failure.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { placeOfEvent } from "../../parts/place.ts";
import classes from "./audit.module.css";
import { type CausationRow, causationRows } from "./causation.ts";

const most = 1_000;
/** Steps to the right that are drawn; what is deeper says its depth in words. */
const deepest = 12;

const columnsFor = (here: string): Columns<CausationRow> => [
  {
    name: "what followed from what",
    cell: ({ event, depth }) => (
      <>
        {Array.from({ length: Math.min(depth, deepest) }, (_, step) => (
          <span key={step} className={classes.indent} aria-hidden="true" />
        ))}
        <span className="unseen">level {depth + 1}: </span>
        <span className={event.eventId === here ? classes.here : undefined}>
          {event.eventId === here && "▸ "}
          <TextOf text={event.type.replaceAll("-", " ")} />
          {event.eventId === here && <span className="unseen"> (this event)</span>}
        </span>
      </>
    ),
    width: "minmax(0, 2fr)",
  },
  {
    name: "to what",
    cell: ({ event: { aggregate, id } }) => (
      <>
        <span className={classes.quiet}>{aggregate}</span> <TextOf text={id} />
      </>
    ),
    width: "minmax(0, 1.4fr)",
  },
  { name: "by", cell: ({ event: { actor } }) => <TextOf text={actor} />, width: "minmax(70px, 0.8fr)", wide: true },
  { name: "position", cell: ({ event: { position } }) => position, width: "70px", wide: true },
  { name: "when", cell: ({ event: { time } }) => <Age at={time} />, width: "84px", wide: true },
];

/** The tree of what led to an event and what followed from it: everything that has its correlation. */
export const Causation = ({ event }: { readonly event: AuditEvent }) => {
  const { correlationId, eventId } = event;
  const { data, error, isLoading } = useQuery("audit", "trail", { correlationId, limit: most });
  const rows = useMemo(() => causationRows(data?.items ?? []), [data]);
  const columns = useMemo(() => columnsFor(eventId), [eventId]);
  if (error !== undefined) return <Failure error={error} />;
  return (
    <div className={classes.stack} aria-busy={isLoading}>
      {data !== undefined && (
        <>
          <p className={classes.quiet}>
            {rows.length} events belong together
            {data.cursor !== undefined && (
              <>
                , and more do:{" "}
                <To href={`/audit?correlationId=${encodeURIComponent(correlationId)}`}>see all in the log</To>
              </>
            )}
            . Each stands below the event that caused it.
          </p>
          <div className={classes.tall}>
            <Table label="Causes and effects" columns={columns} rows={rows} href={({ id }) => placeOfEvent(id)} />
          </div>
        </>
      )}
    </div>
  );
};
