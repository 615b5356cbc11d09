import { useEffect, useMemo, useState } from "react";
import { store } from "../../data/client.ts";
import { useFollow } from "../../data/follow.ts";
import { useNow } from "../../design/age.tsx";
import { gone } from "./shared.ts";

/** A draft that somebody has open now. */
export interface OpenDraft {
  readonly id: string;
  /** Who has it open, each once. */
  readonly people: ReadonlyArray<string>;
}

interface Seen {
  readonly draft: string;
  readonly principal: string;
  readonly seenAt: number;
}

/** The drafts that people have open now, by what their pages say of themselves every few seconds. */
export const useOpenDrafts = (): ReadonlyArray<OpenDraft> => {
  useFollow("drafting");
  const [pages, setPages] = useState<ReadonlyMap<string, Seen>>(new Map());
  useEffect(
    () =>
      store.hearDrafts(({ draft, page, principal, kind }) =>
        setPages((before) => {
          if (kind === "arranged") return before;
          const next = new Map(before);
          if (kind === "leave") next.delete(page);
          else next.set(page, { draft, principal, seenAt: Date.now() });
          return next;
        }),
      ),
    [],
  );
  const now = useNow(5_000);
  return useMemo(() => {
    const people = new Map<string, Set<string>>();
    for (const { draft, principal, seenAt } of pages.values())
      if (now - seenAt < gone) people.set(draft, (people.get(draft) ?? new Set()).add(principal));
    return [...people]
      .map(([id, names]) => ({ id, people: [...names].toSorted() }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }, [pages, now]);
};
