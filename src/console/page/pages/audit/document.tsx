import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { usePages } from "../../data/pages.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Code } from "../../design/code.tsx";
import { Failure } from "../../design/failure.tsx";
import { Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { placeOf } from "../../parts/place.ts";
import classes from "./audit.module.css";
import { eventColumns } from "./columns.tsx";
import { differencesOf } from "./differences.ts";
import { Differences } from "./state-change.tsx";
import { rowOf } from "./trail.ts";

/** The history of one aggregate, and its state after any of its commits, compared with now. */
const Document = ({ aggregate, id }: { readonly aggregate: string; readonly id: string }) => {
  const [params] = useSearchParams();
  const chosen = Number(params.get("position") ?? 0);
  const question = useMemo(() => ({ aggregate, id, order: "newest" as const }), [aggregate, id]);
  const { items, error, isLoading, hasMore, more } = usePages("audit", "trail", question, rowOf, [aggregate]);
  const newest = items[0]?.event;
  const position = chosen > 0 ? chosen : (newest?.position ?? 0);
  const then = useQuery("audit", "replay", { aggregate, id, position }, { enabled: position > 0 });
  const now = useQuery("audit", "replay", { aggregate, id }, { enabled: chosen > 0 });
  const differences = useMemo(
    () => (chosen > 0 && then.data && now.data ? differencesOf(then.data.state, now.data.state) : undefined),
    [chosen, then.data, now.data],
  );
  const own = placeOf(aggregate, id);
  return (
    <>
      <PageHead
        title={<TextOf text={id} />}
        actions={!own.startsWith("/audit") && <To href={own}>Open this {aggregate}</To>}
      >
        <span className={classes.quiet}>
          {aggregate}
          {newest !== undefined && (
            <>
              {" "}
              · {newest.version} events · the last one <Age at={newest.time} />
            </>
          )}
        </span>
      </PageHead>
      {error !== undefined && <Failure error={error} />}
      {!isLoading && error === undefined && items.length === 0 && <p>The log has no event of this {aggregate}.</p>}
      {items.length > 0 && (
        <div className={classes.stack}>
          <div className={classes.tall}>
            <Table
              label="History: each row shows the state after it"
              columns={eventColumns}
              rows={items}
              href={({ event }) => `/audit/documents/${aggregate}/${encodeURIComponent(id)}?position=${event.position}`}
              onEnd={hasMore ? more : undefined}
            />
          </div>
          {then.error !== undefined && <Failure error={then.error} />}
          {then.data !== undefined && (
            <Panel
              title={chosen > 0 ? `As it was at position ${position}` : "As it is"}
              hint={`version ${then.data.version}`}
              actions={chosen > 0 && <To href={`/audit/documents/${aggregate}/${encodeURIComponent(id)}`}>As it is</To>}
            >
              <Code text={JSON.stringify(then.data.state, null, 2)} label="Copy the state" />
            </Panel>
          )}
          {differences !== undefined && (
            <Panel title="What is different since then">
              <Differences differences={differences} />
            </Panel>
          )}
        </div>
      )}
    </>
  );
};

export default Document;
