import { lazy, Suspense, useMemo } from "react";
import { useLocation } from "wouter";
import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { useQuery } from "../../data/query.ts";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { useHref } from "../../design/to.tsx";
import { percent } from "./facts.tsx";
import classes from "./knowledge.module.css";

const Picture = lazy(() => import("./picture.tsx"));

type Row = AnswerOf<"knowledge", "neighbours">["items"][number] & { readonly id: string };

const columns: Columns<Row> = [
  { name: "entity", cell: ({ entity }) => <TextOf text={entity} />, width: "minmax(0, 1.4fr)" },
  { name: "away", cell: ({ distance }) => distance, width: "50px" },
  {
    name: "by the fact",
    cell: ({ via: { subject, predicate, object } }) => <TextOf text={`${subject} ${predicate} ${object}`} />,
    width: "minmax(0, 3fr)",
  },
  { name: "confidence", cell: ({ via }) => percent(via.confidence), width: "80px", wide: true },
  { name: "by", cell: ({ via }) => <TextOf text={via.author} />, width: "minmax(0, 1fr)", wide: true },
];

const most = 1_000;

/** What is around an entity: as a picture, and as a list. */
export const Around = ({
  space,
  entity,
  hops,
}: {
  readonly space: string;
  readonly entity: string;
  readonly hops: number;
}) => {
  const input = useMemo(() => ({ space, entity, hops, limit: most }), [space, entity, hops]);
  const graph = useQuery("knowledge", "graph", input, { refresh: ["knowledge"] });
  const near = useQuery("knowledge", "neighbours", input, { refresh: ["knowledge"] });
  const [, go] = useLocation();
  const href = useHref();
  const address = (other: string) => `/knowledge/${space}?tab=around&entity=${encodeURIComponent(other)}&hops=${hops}`;
  const rows = useMemo(() => (near.data?.items ?? []).map((item) => ({ ...item, id: item.entity })), [near.data]);
  const error = graph.error ?? near.error;
  if (error !== undefined) return <Failure error={error} />;
  if (graph.data === undefined || near.data === undefined) return <div aria-busy="true" />;
  if (rows.length === 0)
    return <Empty title="Nothing leads from there to anything else">No fact that holds has this entity.</Empty>;
  return (
    <>
      <Suspense fallback={<div className={classes.canvas} aria-busy="true" />}>
        <Picture entity={entity} facts={graph.data} onOpen={(other) => go(href(address(other)))} />
      </Suspense>
      <div className={classes.tall}>
        <Table label={`Around ${entity}`} columns={columns} rows={rows} href={({ entity: other }) => address(other)} />
      </div>
    </>
  );
};
