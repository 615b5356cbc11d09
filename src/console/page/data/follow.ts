import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Liveness } from "../../client/mod.ts";
import { sharing, store } from "./client.ts";

/** Follows things of the stream as long as the component is shown: a view, `graphs/web-shop`, `feed/deployment`. */
export const useFollow = (...names: ReadonlyArray<string>): void => {
  const all = names.join(",");
  useEffect(() => {
    if (all === "") return;
    const ends = all.split(",").map((name) => sharing.follow(name));
    return () => {
      for (const end of ends) end();
    };
  }, [all]);
};

/** How live the page is. */
export const useLiveness = (): Liveness => useSyncExternalStore(store.subscribe, () => store.liveness);

/** Does `work` when the stream has come back after it was lost. */
export const useResumed = (work: () => void): void => {
  const newest = useRef(work);
  useEffect(() => {
    newest.current = work;
  });
  useEffect(() => {
    const isLost = () => store.liveness.stream !== "live" || !store.liveness.backend;
    let wasLost = isLost();
    return store.subscribe(() => {
      const isBack = wasLost && !isLost();
      wasLost = isLost();
      if (isBack) newest.current();
    });
  }, []);
};
