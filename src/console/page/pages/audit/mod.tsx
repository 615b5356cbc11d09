import { useMemo } from "react";
import { usePages } from "../../data/pages.ts";
import { useQuery } from "../../data/query.ts";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Table } from "../../design/table.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { asks } from "../../page.ts";
import { placeOfEvent } from "../../parts/place.ts";
import classes from "./audit.module.css";
import { eventColumns } from "./columns.tsx";
import { Filters, useFilter } from "./filters.tsx";
import { aggregateNames, cimOf, questionOf, rowOf } from "./trail.ts";

const number = new Intl.NumberFormat("en-US");

/** How the log is, in a word, and where its proof is. */
const LogState = () => {
  const { data } = useQuery("audit", "health", {}, { now: true, refresh: ["deployment", "graph", "task"] });
  if (data === undefined) return null;
  const wrong = data.passedOver + data.damaged.length;
  return (
    <>
      {!data.ready ? (
        <Badge state="not ready" tone="bad" />
      ) : wrong > 0 ? (
        <Badge state={`${wrong} messages that do not fit`} tone="warn" />
      ) : (
        <Badge state={`checked up to ${number.format(data.checked)}`} tone="ok" />
      )}
    </>
  );
};

/** The log: what happened last comes first, narrowed down by what the address says. */
const Audit = () => {
  const [filter, change] = useFilter();
  const key = JSON.stringify(questionOf(filter));
  const question = useMemo(() => ({ ...JSON.parse(key), order: "newest" as const }), [key]);
  const { items, isLoading, error, hasMore, more } = usePages("audit", "trail", question, rowOf, aggregateNames);
  useScreen(
    useMemo(
      () => ({ cim: cimOf(JSON.parse(key)), request: asks("audit", "trail", { ...question, limit: 100 }) }),
      [key, question],
    ),
  );
  const isNarrow = Object.keys(filter).length > 0;
  return (
    <div className={classes.page} aria-busy={isLoading}>
      <PageHead title="Audit" actions={<To href="/audit/verify">Verify the log</To>}>
        <LogState />
        {!isLoading && items.length > 0 && (
          <span className={classes.quiet}>
            {number.format(items.length)} {hasMore ? "events shown, more below" : "events"}
          </span>
        )}
      </PageHead>
      <Filters filter={filter} onChange={change} />
      {error !== undefined && <Failure error={error} />}
      {!isLoading && error === undefined && items.length === 0 && (
        <Empty title={isNarrow ? "No event fits all of this" : "Nothing has happened yet"}>
          {isNarrow ? "Leave one of the fields empty." : "Every command that changes something is an event here."}
        </Empty>
      )}
      {items.length > 0 && (
        <div className={classes.room}>
          <Table
            label="Events"
            columns={eventColumns}
            rows={items}
            href={({ id }) => placeOfEvent(id)}
            onEnd={hasMore ? more : undefined}
          />
        </div>
      )}
    </div>
  );
};

export default Audit;
