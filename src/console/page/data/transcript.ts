import { useCallback, useEffect, useRef, useState } from "react";
import type { AnswerOf } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { atText, useAt } from "./at.ts";
import { api } from "./client.ts";

type Answer = AnswerOf<"dialogs", "transcript">;
type Entry = Answer["entries"][number];

const itemsOfPage = 100;

/** A transcript as far as it has come. */
export interface KnownTranscript {
  /** Entries by their number, from 1. */
  readonly entries: ReadonlyMap<number, Entry>;
  /** Who takes part, and the context of every scope, as the newest answer had them. */
  readonly head: Omit<Answer, "entries" | "next"> | undefined;
  /** Fetches what is missing of these numbers. */
  readonly want: (from: number, to: number) => void;
}

/** The transcript of a dialog that has `count` entries up to `position`, in pages, as they come into sight. */
export const useTranscript = (id: string, count: number, position: number): KnownTranscript => {
  const at = useAt();
  const moment = at === undefined ? undefined : atText(at);
  const [known, setKnown] = useState<Omit<KnownTranscript, "want">>({ entries: new Map(), head: undefined });
  /** How many entries each page had when it was asked for. */
  const asked = useRef(new Map<number, number>());
  const turn = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another dialog, or another moment, has other entries.
  useEffect(() => {
    turn.current += 1;
    asked.current = new Map();
    setKnown({ entries: new Map(), head: undefined });
  }, [id, moment]);

  const want = useCallback(
    (from: number, to: number) => {
      const first = Math.floor((Math.max(1, from) - 1) / itemsOfPage);
      const last = Math.floor((Math.min(to, count) - 1) / itemsOfPage);
      for (let page = first; page <= last; page += 1) {
        const there = Math.min(itemsOfPage, count - page * itemsOfPage);
        if ((asked.current.get(page) ?? 0) >= there) continue;
        asked.current.set(page, there);
        const mine = turn.current;
        const input = { id, from: page * itemsOfPage + 1, limit: itemsOfPage };
        const options = defined({ at: moment, minPosition: moment === undefined ? position : undefined });
        api.query("dialogs", "transcript", input, options).then(
          ({ data: { entries, next: _, ...head } }) => {
            if (mine !== turn.current) return;
            setKnown((before) => {
              const all = new Map(before.entries);
              for (const entry of entries) all.set(entry.number, entry);
              return { entries: all, head };
            });
          },
          () => asked.current.delete(page),
        );
      }
    },
    [id, count, position, moment],
  );
  return { ...known, want };
};
