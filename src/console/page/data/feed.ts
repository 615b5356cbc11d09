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

/** Milliseconds between two requests for the same thing, however much happens. */
const pause = 250;

/**
 * Returns a function that does `work` at once, and then at most once every {@link pause}; not while nobody sees the page,
 * but once when somebody sees it again.
 */
export const usePaced = (work: () => void): (() => void) => {
  const newest = useRef(work);
  useEffect(() => {
    newest.current = work;
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isDue = useRef(false);
  useEffect(() => {
    const seen = () => {
      if (document.hidden || !isDue.current) return;
      isDue.current = false;
      newest.current();
    };
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, []);
  return useCallback(() => {
    isDue.current = true;
    if (document.hidden || timer.current !== undefined) return;
    isDue.current = false;
    newest.current();
    timer.current = setTimeout(() => {
      timer.current = undefined;
      if (document.hidden || !isDue.current) return;
      isDue.current = false;
      newest.current();
    }, pause);
  }, []);
};
