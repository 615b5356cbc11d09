import { useMemo } from "react";
import type { DescribedFact } from "../../../../domain/knowledge/described.ts";
import { usePages } from "../../data/pages.ts";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./knowledge.module.css";

/** A share in percent. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** How a fact stands. */
export const FactState = ({ fact: { holds, retracted, revoked } }: { readonly fact: DescribedFact }) =>
  revoked !== undefined ? (
    <Badge state="revoked" tone="bad" />
  ) : retracted ? (
    <Badge state="retracted" tone="quiet" />
  ) : holds ? (
    <Badge state="holds" tone="ok" />
  ) : (
    <Badge state="lost a conflict" tone="warn" />
  );

const columns: Columns<DescribedFact> = [
  { name: "subject", cell: ({ subject }) => <TextOf text={subject} />, width: "minmax(0, 1.4fr)" },
  { name: "says", cell: ({ predicate }) => <TextOf text={predicate} />, width: "minmax(0, 1fr)" },
  { name: "of", cell: ({ object }) => <TextOf text={String(object)} />, width: "minmax(0, 2fr)" },
  { name: "confidence", cell: ({ confidence }) => percent(confidence), width: "80px", wide: true },
  {
    name: "evidence",
    cell: ({ supports, disputes }) => supports + disputes > 0 && `${supports} for, ${disputes} against`,
    width: "110px",
    wide: true,
  },
  { name: "state", cell: (fact) => <FactState fact={fact} />, width: "130px", wide: true },
  { name: "by", cell: ({ author }) => <TextOf text={author} />, width: "minmax(0, 1fr)", wide: true },
];

const asItIs = (fact: DescribedFact): DescribedFact => fact;

/** The facts of a space that fit a pattern. */
export const Facts = ({
  space,
  subject,
  predicate,
  author,
  all,
}: {
  readonly space: string;
  readonly subject?: string | undefined;
  readonly predicate?: string | undefined;
  readonly author?: string | undefined;
  readonly all: boolean;
}) => {
  const input = useMemo(() => ({ space, all, subject, predicate, author }), [space, subject, predicate, author, all]);
  const { items, isLoading, error, hasMore, more } = usePages("knowledge", "facts", input, asItIs, ["knowledge"]);
  if (error !== undefined) return <Failure error={error} />;
  if (!isLoading && items.length === 0)
    return <Empty title="No fact fits">Leave a field empty, or show what was retracted or lost too.</Empty>;
  return (
    <div className={classes.tall} aria-busy={isLoading}>
      <Table
        label="Facts"
        columns={columns}
        rows={items}
        href={({ id }) => `/knowledge/${space}/facts/${id}`}
        onEnd={hasMore ? more : undefined}
      />
    </div>
  );
};
