import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { InputOf, OperationName, ViewName } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { atText, useAt } from "./at.ts";
import { api } from "./client.ts";
import { useFeed, usePaced } from "./feed.ts";
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
}

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
    async (cursor: string | undefined) => {
      const [, , wanted, moment] = JSON.parse(key) as [V, O, object, string | null];
      const question = defined({ ...wanted, limit: itemsOfPage, cursor });
      const answer = await api.query(view, operation, question as InputOf<V, O>, defined({ at: moment ?? undefined }));
      const page = answer.data as { readonly items: ReadonlyArray<I>; readonly cursor?: string };
      return { items: page.items.map(rowOf), cursor: page.cursor };
    },
    [view, operation, key, rowOf],
  );

  useEffect(() => {
    let ended = false;
    fetchPage(undefined).then(
      ({ items, cursor }) => !ended && setPages(defined({ key, items, cursor })),
      (error: unknown) => !ended && setPages({ key, items: [], error }),
    );
    return () => {
      ended = true;
    };
  }, [fetchPage, key]);

  const renew = usePaced(() => {
    fetchPage(undefined).then(
      (page) =>
        setPages((before) => {
          if (before.key !== key) return before;
          const items = renewed(before.items, page.items);
          if (items === undefined) return defined({ key, items: page.items, cursor: page.cursor });
          return defined({ key, items, cursor: before.items.length <= itemsOfPage ? page.cursor : before.cursor });
        }),
      (error: unknown) => setPages((before) => ({ ...before, error })),
    );
  });
  useFeed(at === undefined ? refresh : [], renew);
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
            return defined({ key, items, cursor: page.cursor });
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
