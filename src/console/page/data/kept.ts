import { useCallback, useMemo, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
};

const none = "[]";

/** A list of texts that this browser keeps, in all its tabs: nobody else sees it. The newest `most` of them. */
export const useKept = (
  name: string,
  most = 500,
): readonly [kept: ReadonlyArray<string>, keep: (text: string) => void] => {
  const key = `cim-${name}`;
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key) ?? none);
  const kept = useMemo((): ReadonlyArray<string> => {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.map(String) : [];
  }, [text]);
  const keep = useCallback(
    (one: string) => {
      const next = [...kept.filter((other) => other !== one), one].slice(-most);
      localStorage.setItem(key, JSON.stringify(next));
      for (const listener of listeners) listener();
    },
    [kept, key, most],
  );
  return [kept, keep];
};
