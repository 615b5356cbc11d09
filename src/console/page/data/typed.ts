import { useCallback, useSyncExternalStore } from "react";
import { useSession } from "./session.tsx";

const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** What there is no room for in the browser lives as long as this page. */
const unkept = new Map<string, string>();

const read = (key: string): string => unkept.get(key) ?? sessionStorage.getItem(key) ?? "";

const write = (key: string, text: string): void => {
  unkept.delete(key);
  try {
    if (text === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    unkept.set(key, text);
  }
  for (const listener of listeners) listener();
};

/**
 * A text that somebody is typing, by what it is for: `say/talk-1`. It stays in this tab, also over a reload, until it was
 * sent. The field may go meanwhile, because a conversation was paused or closed, or because one has gone to another page:
 * what one has typed must not go with it. Nobody else who logs in gets it.
 */
export const useTyped = (what: string): readonly [text: string, type: (text: string) => void] => {
  const { prefix, principal } = useSession();
  const key = `cim-typed/${prefix}/${principal}/${what}`;
  const text = useSyncExternalStore(subscribe, () => read(key));
  return [text, useCallback((next: string) => write(key, next), [key])];
};

/** Forgets the texts of one kind, such as the fields of a form that was sent: `new-fact/…`. */
export const useForgetTyped = (kind: string): (() => void) => {
  const { prefix, principal } = useSession();
  const begin = `cim-typed/${prefix}/${principal}/${kind}/`;
  return useCallback(() => {
    for (const key of [...Object.keys(sessionStorage), ...unkept.keys()]) if (key.startsWith(begin)) write(key, "");
  }, [begin]);
};

/** What all texts are for that somebody has typed and not sent, of one kind: the ids of `say/…`. */
export const useAllTyped = (kind: string): ReadonlyArray<string> => {
  const { prefix, principal } = useSession();
  const begin = `cim-typed/${prefix}/${principal}/${kind}/`;
  const all = useSyncExternalStore(subscribe, () =>
    [...Object.keys(sessionStorage), ...unkept.keys()]
      .filter((key) => key.startsWith(begin))
      .map((key) => key.slice(begin.length))
      .sort()
      .join(" "),
  );
  return all === "" ? [] : all.split(" ");
};
