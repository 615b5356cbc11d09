import type { ReactNode } from "react";
import type { Listed } from "../data/pages.ts";
import { Failure } from "./failure.tsx";
import classes from "./list-page.module.css";
import { PageHead } from "./page-head.tsx";
import { type Columns, Table } from "./table.tsx";

/** A page that is one long list: its head, and the table in the room that is left. */
export const ListPage = <T extends { readonly id: string }>({
  title,
  list,
  columns,
  href,
  empty,
  actions,
}: {
  readonly title: string;
  readonly list: Listed<T>;
  readonly columns: Columns<T>;
  readonly href: (row: T) => string;
  /** What to do first if there is nothing. */
  readonly empty: ReactNode;
  readonly actions?: ReactNode;
}) => {
  const { items, isLoading, error, hasMore, more } = list;
  return (
    <div className={classes.page} aria-busy={isLoading}>
      <PageHead title={title} actions={actions}>
        {!isLoading && items.length > 0 && (
          <span className={classes.count}>{hasMore ? `${items.length} and more` : items.length}</span>
        )}
      </PageHead>
      {error !== undefined && <Failure error={error} />}
      {!isLoading && error === undefined && items.length === 0 && empty}
      {items.length > 0 && (
        <div className={classes.room}>
          <Table label={title} columns={columns} rows={items} href={href} onEnd={hasMore ? more : undefined} />
        </div>
      )}
    </div>
  );
};
