import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { InputOf, OperationName, ViewName } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { atText, useAt } from "./at.ts";
import { api } from "./client.ts";
import { newestOf, useFeed, usePaced } from "./feed.ts";
import { useResumed } from "./follow.ts";

/** The part of a list that has come. */
export interface Listed<T> {
  readonly items: ReadonlyArray<T>;
  /** Nothing has come yet. */
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly hasMore: boolean;
  /** Fetches the next page. */
  readonly more: () => void;
}

interface Pages<T> {
  readonly key: string;
  readonly items: ReadonlyArray<T>;
  readonly cursor?: string;
  readonly error?: unknown;
  /** The cursors after the last items of pages that have come, by the ids of those items. */
  readonly ends?: ReadonlyMap<string, string>;
}

/** Items that a list keeps when new ones come above: a tab may be open for days. */
const mostKept = 1_000;

/** A list that has grown above, without the pages at its end that are too many. They are fetched again when they are seen. */
const bounded = <T extends Item>(
  key: string,
  items: ReadonlyArray<T>,
  cursor: string | undefined,
  ends: ReadonlyMap<string, string>,
): Pages<T> => {
  const kept = items.slice(0, mostKept);
  const last = kept.findLastIndex(({ id }) => ends.has(id));
  if (items.length <= mostKept || last < 0) return defined({ key, items, cursor, ends });
  const shorter = kept.slice(0, last + 1);
  const ids = new Set(shorter.map(({ id }) => id));
  return defined({
    key,
    items: shorter,
    cursor: ends.get(shorter.at(-1)?.id ?? ""),
    ends: new Map([...ends].filter(([id]) => ids.has(id))),
  });
};

/** The ends that are known, and that of one more page. */
const withEnd = <T extends Item>(
  ends: ReadonlyMap<string, string> | undefined,
  { items, cursor }: { readonly items: ReadonlyArray<T>; readonly cursor: string | undefined },
): ReadonlyMap<string, string> => {
  const last = items.at(-1);
  return last === undefined || cursor === undefined ? (ends ?? new Map()) : new Map(ends).set(last.id, cursor);
};

/** The number of items that pages are asked for. */
export const itemsOfPage = 100;

type Item = { readonly id: string };

/**
 * The items after their newest page came again. Nothing moves that one may be reading: what is known stays at its place,
 * and only what is new comes above it. If more has changed than a page holds, the list begins again.
 */
const renewed = <T extends Item>(known: ReadonlyArray<T>, newest: ReadonlyArray<T>): ReadonlyArray<T> | undefined => {
  const changed = new Map(newest.map((item) => [item.id, item]));
  const ids = new Set(known.map(({ id }) => id));
  if (known.length > 0 && newest.length === itemsOfPage && !newest.some(({ id }) => ids.has(id))) return undefined;
  return [...newest.filter(({ id }) => !ids.has(id)), ...known.map((item) => changed.get(item.id) ?? item)];
};

/**
 * What an operation answers in pages of the server, the newest first; live if `refresh` names the kinds of aggregates that
 * change it. At a moment of the past it is as it was. `input` is that of the operation, without limit and cursor.
 * `rowOf` gives each item an id of its own, and must stay the same function.
 */
export const usePages = <V extends ViewName, O extends OperationName<V>, I, T extends Item>(
  view: V,
  operation: O,
  input: object,
  rowOf: (item: I) => T,
  refresh: ReadonlyArray<string> = [],
): Listed<T> => {
  const at = useAt();
  const key = JSON.stringify([view, operation, input, at === undefined ? undefined : atText(at)]);
  const [pages, setPages] = useState<Pages<T>>({ key: "", items: [] });
  const isAsking = useRef(false);

  const fetchPage = useCallback(
    async (cursor: string | undefined, minPosition?: number) => {
      const [, , wanted, moment] = JSON.parse(key) as [V, O, object, string | null];
      const question = defined({ ...wanted, limit: itemsOfPage, cursor });
      const options = defined({ at: moment ?? undefined, minPosition });
      const answer = await api.query(view, operation, question as InputOf<V, O>, options);
      const page = answer.data as { readonly items: ReadonlyArray<I>; readonly cursor?: string };
      return { items: page.items.map(rowOf), cursor: page.cursor };
    },
    [view, operation, key, rowOf],
  );

  useEffect(() => {
    let ended = false;
    fetchPage(undefined).then(
      (page) => !ended && setPages(defined({ key, ...page, ends: withEnd(undefined, page) })),
      (error: unknown) => !ended && setPages({ key, items: [], error }),
    );
    return () => {
      ended = true;
    };
  }, [fetchPage, key]);

  const renew = usePaced((minPosition) =>
    fetchPage(undefined, minPosition).then(
      (page) =>
        setPages((before) => {
          if (before.key !== key) return before;
          const items = renewed(before.items, page.items);
          if (items === undefined) return defined({ key, items: page.items, cursor: page.cursor });
          const cursor = before.items.length <= itemsOfPage ? page.cursor : before.cursor;
          return bounded(key, items, cursor, withEnd(before.ends, page));
        }),
      (error: unknown) => setPages((before) => ({ ...before, error })),
    ),
  );
  useFeed(at === undefined ? refresh : [], (events) => renew(newestOf(events)));
  useResumed(() => {
    if (pages.error !== undefined) renew();
  });

  const { cursor } = pages;
  const more = useCallback(() => {
    if (cursor === undefined || isAsking.current) return;
    isAsking.current = true;
    fetchPage(cursor)
      .then(
        (page) =>
          setPages((before) => {
            if (before.key !== key) return before;
            const ids = new Set(before.items.map(({ id }) => id));
            const items = [...before.items, ...page.items.filter(({ id }) => !ids.has(id))];
            return defined({ key, items, cursor: page.cursor, ends: withEnd(before.ends, page) });
          }),
        (error: unknown) => setPages((before) => ({ ...before, error })),
      )
      .finally(() => {
        isAsking.current = false;
      });
  }, [fetchPage, cursor, key]);

  return useMemo(
    () => ({
      items: pages.key === key ? pages.items : [],
      isLoading: pages.key !== key,
      error: pages.error,
      hasMore: cursor !== undefined,
      more,
    }),
    [pages, key, cursor, more],
  );
};
