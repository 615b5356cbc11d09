import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import classes from "./table.module.css";
import { To } from "./to.tsx";

/** A column of a table. */
export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => ReactNode;
  /** Its width in the words of a CSS grid; an equal share by default. */
  readonly width?: string;
  /** Left out on narrow screens. */
  readonly wide?: boolean;
}

/** The columns of a table: at least the one that has the link of each row. */
export type Columns<T> = readonly [Column<T>, ...ReadonlyArray<Column<T>>];

const rowHeight = 36;
/** Rows before the end of what has come at which the next page is fetched. */
const ahead = 20;

/**
 * A table of any length: only the rows in sight are drawn. The first cell of a row is its link. Arrow keys, Page Up and
 * Down, Home and End go from row to row. Rows that come above keep what one reads where it is.
 */
export const Table = <T extends { readonly id: string }>({
  label,
  columns,
  rows,
  href,
  onEnd,
}: {
  readonly label: string;
  readonly columns: Columns<T>;
  readonly rows: ReadonlyArray<T>;
  /** The page of a row. */
  readonly href: (row: T) => string;
  /** Called when the end of the rows comes into sight. */
  readonly onEnd?: (() => void) | undefined;
}) => {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= rows.length - ahead) onEnd?.();
  }, [last, rows.length, onEnd]);

  // The row at the upper edge stays there if others come above it.
  const anchor = useRef<string>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const top = Math.floor(element.scrollTop / rowHeight);
    const before = anchor.current;
    if (top > 0 && before !== undefined && rows[top]?.id !== before) {
      const index = rows.findIndex(({ id }) => id === before);
      if (index > top) element.scrollTop += (index - top) * rowHeight;
    }
  }, [rows]);
  useEffect(() => {
    const top = Math.floor((scroller.current?.scrollTop ?? 0) / rowHeight);
    anchor.current = rows[top]?.id;
  });

  const go = (event: KeyboardEvent<HTMLDivElement>) => {
    const from = Number((event.target as HTMLElement).closest<HTMLElement>("[data-index]")?.dataset.index ?? -1);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: rows.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted === undefined || rows.length === 0) return;
    event.preventDefault();
    const index = Math.min(Math.max(0, wanted), rows.length - 1);
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus());
  };

  const template = (wide: boolean) =>
    columns
      .filter((column) => wide || column.wide !== true)
      .map(({ width = "minmax(0, 1fr)" }) => width)
      .join(" ");
  const style: Readonly<Record<string, string>> = { "--columns": template(true), "--columns-narrow": template(false) };
  const cellClass = ({ wide }: Column<T>) => (wide === true ? classes.wide : undefined);
  return (
    <div
      ref={scroller}
      className={classes.table}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      onKeyDown={go}
      style={style}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {columns.map((column) => (
            <div key={column.name} role="columnheader" className={cellClass(column)}>
              {column.name}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {drawn.map(({ index, start, key }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-index={index}
              className={`${classes.row} ${classes.data}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              {columns.map((column, place) => (
                <div key={column.name} role="cell" className={cellClass(column)}>
                  {place === 0 ? (
                    <To href={href(row)} className={classes.link}>
                      {column.cell(row)}
                    </To>
                  ) : (
                    column.cell(row)
                  )}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
};
