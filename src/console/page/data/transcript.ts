import { useCallback, useRef, useState } from "react";
import type { AnswerOf } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { atText, useAt } from "./at.ts";
import { api } from "./client.ts";

type Answer = AnswerOf<"dialogs", "transcript">;
type Entry = Answer["entries"][number];

const itemsOfPage = 100;
/** Pages that are kept, those last in sight: a dialog may go on all day. The others are fetched again when they are seen. */
const mostPages = 20;

/** Milliseconds. */
const untilNextTry = 1_000;

/** A transcript as far as it has come. */
export interface KnownTranscript {
  /** Entries by their number, from 1. */
  readonly entries: ReadonlyMap<number, Entry>;
  /** Who takes part, and the context of every scope, as the newest answer had them. */
  readonly head: Omit<Answer, "entries" | "next"> | undefined;
  /** Fetches what is missing of these numbers. */
  readonly want: (from: number, to: number) => void;
}

const nothing: Omit<KnownTranscript, "want"> = { entries: new Map(), head: undefined };

/** The transcript of a dialog that has `count` entries up to `position`, in pages, as they come into sight. */
export const useTranscript = (id: string, count: number, position: number): KnownTranscript => {
  const at = useAt();
  const moment = at === undefined ? undefined : atText(at);
  const key = JSON.stringify([id, moment]);
  const [state, setState] = useState({ key, ...nothing });
  /** How many entries each page had when it was asked for. */
  const asked = useRef({ key, pages: new Map<number, number>() });
  const [failures, setFailures] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what failed is wanted again.
  const want = useCallback(
    (from: number, to: number) => {
      if (asked.current.key !== key) asked.current = { key, pages: new Map() };
      const { pages } = asked.current;
      const first = Math.floor((Math.max(1, from) - 1) / itemsOfPage);
      const last = Math.floor((Math.min(to, count) - 1) / itemsOfPage);
      for (let page = first; page <= last; page += 1) {
        const there = Math.min(itemsOfPage, count - page * itemsOfPage);
        const had = pages.get(page) ?? 0;
        // The last in sight is the last of the map.
        pages.delete(page);
        pages.set(page, Math.max(had, there));
        if (had >= there) continue;
        const input = { id, from: page * itemsOfPage + 1, limit: itemsOfPage };
        const options = defined({ at: moment, minPosition: moment === undefined ? position : undefined });
        api.query("dialogs", "transcript", input, options).then(
          ({ data: { entries, next: _, ...head } }) => {
            // Of another dialog, or another moment, by now.
            if (asked.current.pages !== pages) return;
            for (const old of [...pages.keys()].slice(0, -mostPages)) pages.delete(old);
            const isKept = (number: number) => pages.has(Math.floor((number - 1) / itemsOfPage));
            setState((before) => {
              const known = before.key === key ? [...before.entries] : [];
              const all = new Map(known.filter(([number]) => isKept(number)));
              for (const entry of entries) all.set(entry.number, entry);
              return { key, entries: all, head };
            });
          },
          () => {
            pages.delete(page);
            setTimeout(() => setFailures((before) => before + 1), untilNextTry);
          },
        );
      }
    },
    [id, key, count, position, moment, failures],
  );
  const { entries, head } = state.key === key ? state : nothing;
  return { entries, head, want };
};
