import { useCallback, useEffect, useRef } from "react";
import type { FeedEvent } from "../../client/mod.ts";
import { store } from "./client.ts";
import { useFollow } from "./follow.ts";

/**
 * Calls `heard` with the new events of kinds of aggregates (`["deployment", "proposal"]`), each event once. Calls it with
 * none when the stream has begun to bring them: what happened shortly before may be missing in what was asked before.
 */
export const useFeed = (aggregates: ReadonlyArray<string>, heard: (events: ReadonlyArray<FeedEvent>) => void): void => {
  useFollow(...aggregates.map((aggregate) => `feed/${aggregate}`));
  const newest = useRef(heard);
  useEffect(() => {
    newest.current = heard;
  });
  const key = aggregates.join(",");
  useEffect(() => {
    if (key === "") return;
    const wanted = new Set(key.split(","));
    const isFollowed = () => [...wanted].every((aggregate) => store.isFollowed(`feed/${aggregate}`));
    let before = { heard: store.heard, isFollowed: isFollowed() };
    return store.subscribe(() => {
      const now = { heard: store.heard, isFollowed: isFollowed() };
      const events = store.events.slice(store.events.length - Math.min(now.heard - before.heard, store.events.length));
      const ours = events.filter(({ subject }) => wanted.has(subject.slice(0, subject.indexOf("/"))));
      const begins = now.isFollowed && !before.isFollowed;
      before = now;
      if (ours.length > 0 || begins) newest.current(ours);
    });
  }, [key]);
};

/** Returns the highest position of events; undefined of none. */
export const newestOf = (events: ReadonlyArray<FeedEvent>): number | undefined =>
  events.length === 0 ? undefined : Math.max(...events.map(({ position }) => position));

/** Milliseconds of rest after an answer before the same is asked again: the shortest, and the longest. */
const shortest = 30;
const longest = 2_000;

/**
 * Returns a function that does `work` at once, and again when it is done, if it was called meanwhile. Between the two it
 * rests for as long as the work took: twenty tabs at a busy server ask less often than one at an idle server. While nobody
 * sees the page nothing is done, but once when somebody sees it again.
 *
 * `work` gets the highest position that the calls named since the last time. An answer that had not seen it could be older
 * than the event, and the page would stay so.
 */
export const usePaced = (
  work: (position: number | undefined) => Promise<unknown>,
  rest = shortest,
): ((position?: number) => void) => {
  const newest = useRef(work);
  useEffect(() => {
    newest.current = work;
  });
  const pace = useRef({ isDue: false, isBusy: false, isGone: false, position: 0 });
  const next = useCallback(async () => {
    const own = pace.current;
    while (own.isDue && !own.isBusy && !own.isGone && !document.hidden) {
      own.isDue = false;
      own.isBusy = true;
      const [begun, position] = [performance.now(), own.position];
      own.position = 0;
      await newest.current(position === 0 ? undefined : position).catch(() => undefined);
      const pause = Math.min(longest, Math.max(rest, performance.now() - begun));
      await new Promise((wake) => setTimeout(wake, pause));
      own.isBusy = false;
    }
  }, [rest]);
  useEffect(() => {
    const own = pace.current;
    own.isGone = false;
    const seen = () => void next();
    document.addEventListener("visibilitychange", seen);
    return () => {
      own.isGone = true;
      document.removeEventListener("visibilitychange", seen);
    };
  }, [next]);
  return useCallback(
    (position = 0) => {
      pace.current.isDue = true;
      pace.current.position = Math.max(pace.current.position, position);
      void next();
    },
    [next],
  );
};
