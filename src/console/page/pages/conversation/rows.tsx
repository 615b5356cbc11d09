import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import type { KnownTranscript } from "../../data/transcript.ts";
import classes from "./conversation.module.css";

type Entry = KnownTranscript["entries"] extends ReadonlyMap<number, infer E> ? E : never;

/** Pixels from the end within which the newest entry is followed. */
const nearEnd = 40;

/**
 * The entries of a transcript of any length: only those in sight are drawn and fetched. It begins at the newest, and stays
 * where one reads.
 */
export const Rows = ({
  label,
  count,
  transcript,
  row,
  head,
  estimate,
}: {
  readonly label: string;
  readonly count: number;
  readonly transcript: KnownTranscript;
  readonly row: (entry: Entry) => ReactNode;
  /** Stays above the entries. */
  readonly head?: ReactNode;
  readonly estimate: number;
}) => {
  const scroller = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => estimate,
    overscan: 6,
  });
  const drawn = virtual.getVirtualItems();
  const [first, last] = [drawn[0]?.index, drawn.at(-1)?.index];
  const { want, entries } = transcript;
  useEffect(() => {
    if (first !== undefined && last !== undefined) want(first + 1, last + 1);
  }, [first, last, want]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes on with the entries.
  useEffect(() => {
    if (follows.current && count > 0) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [count, entries, virtual]);
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        follows.current = scrollTop + clientHeight >= scrollHeight - nearEnd;
      }}
    >
      {head}
      <ol className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {drawn.map(({ index, start }) => {
          const entry = entries.get(index + 1);
          return (
            <li
              key={index}
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={count}
              aria-posinset={index + 1}
              className={classes.row}
              style={{ transform: `translateY(${start}px)` }}
            >
              {entry === undefined ? <p className={classes.quiet}>…</p> : row(entry)}
            </li>
          );
        })}
      </ol>
    </section>
  );
};
