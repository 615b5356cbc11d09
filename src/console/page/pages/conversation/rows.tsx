import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import type { KnownTranscript } from "../../data/transcript.ts";
import classes from "./conversation.module.css";

type Entry = KnownTranscript["entries"] extends ReadonlyMap<number, infer E> ? E : never;

/** Pixels from the end within which the newest entry is followed. */
const nearEnd = 40;
/** Pixels. Places of a scroller are fractions. */
const rounding = 2;

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
  const top = useRef(0);
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
  const height = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes on with what is drawn.
  useLayoutEffect(() => {
    if (follows.current && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [count, entries, height]);
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        const fromEnd = scrollHeight - scrollTop - clientHeight;
        const goesUp = scrollTop < top.current && fromEnd > rounding;
        follows.current = !goesUp && fromEnd <= nearEnd;
        top.current = scrollTop;
      }}
    >
      {head}
      <ol className={classes.rows} style={{ height }}>
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
