import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { AnswerOf, InputOf, OperationName, ViewName } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { atText, useAt } from "./at.ts";
import { api } from "./client.ts";
import { newestOf, useFeed, usePaced } from "./feed.ts";
import { useResumed } from "./follow.ts";

/** The answer to a query. While another one is fetched, the one before stays. */
export interface Answer<T> {
  readonly data: T | undefined;
  /** Why the last request was refused. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks again. With a position, for an answer that has seen what was written there. */
  readonly again: (minPosition?: number) => void;
}

export interface QueryOptions {
  /** Asks again if something happens to these kinds of aggregates. */
  readonly refresh?: ReadonlyArray<string>;
  /** False: it is not asked yet. */
  readonly enabled?: boolean;
  /** It is about the present, also if one has travelled to a moment of the past. */
  readonly now?: boolean;
  /** Milliseconds that it rests at least before it asks again: what nobody looks at closely can wait. */
  readonly rest?: number;
}

/** Asks a view, as it is now or at the moment that one has travelled to; again whenever the question changes. */
export const useQuery = <V extends ViewName, O extends OperationName<V>>(
  view: V,
  operation: O,
  input: InputOf<V, O>,
  { refresh = [], enabled = true, now = false, rest }: QueryOptions = {},
): Answer<AnswerOf<V, O>> => {
  const travelled = useAt();
  const at = now ? undefined : travelled;
  const key = JSON.stringify([view, operation, input, at]);
  const [answer, setAnswer] = useState<{
    readonly key: string;
    readonly data?: AnswerOf<V, O>;
    readonly error?: unknown;
  }>({
    key: "",
  });
  const asked = useRef(0);
  const ask = useCallback(
    (minPosition?: number) => {
      asked.current += 1;
      const turn = asked.current;
      const [, , question, moment] = JSON.parse(key) as [V, O, InputOf<V, O>, ReturnType<typeof useAt> | null];
      const options = defined({
        minPosition,
        at: moment === null || moment === undefined ? undefined : atText(moment),
      });
      return api.query(view, operation, question, options).then(
        ({ data }) => turn === asked.current && setAnswer({ key, data }),
        (error: unknown) => turn === asked.current && setAnswer((before) => ({ ...before, key, error })),
      );
    },
    [view, operation, key],
  );
  useEffect(() => {
    if (enabled) void ask();
    return () => {
      asked.current += 1;
    };
  }, [ask, enabled]);
  const paced = usePaced(ask, rest);
  // What was does not change.
  useFeed(at === undefined && enabled ? refresh : [], (events) => paced(newestOf(events)));
  useResumed(() => {
    if (enabled && answer.error !== undefined) void ask();
  });
  return useMemo(
    () => ({ data: answer.data, error: answer.error, isLoading: enabled && answer.key !== key, again: ask }),
    [answer, enabled, key, ask],
  );
};
