import { useCallback, useEffect, useRef, useState } from "react";
import type { AnswerOf } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { atText, useAt } from "./at.ts";
import { api } from "./client.ts";
import { useFeed, usePaced } from "./feed.ts";

type Event = AnswerOf<"audit", "trail">["items"][number];

const itemsOfPage = 1_000;
const mostPages = 20;

/** Every event of an aggregate, from the log, live; of very long histories the first {@link mostPages} pages. */
export const useTrail = (aggregate: string, id: string): ReadonlyArray<Event> => {
  const at = useAt();
  const moment = at === undefined ? undefined : atText(at);
  const [events, setEvents] = useState<ReadonlyArray<Event>>([]);
  const known = useRef<ReadonlyArray<Event>>([]);
  const ended = useRef(false);

  const fetchMore = useCallback(async () => {
    let cursor: string | undefined;
    const after = known.current.at(-1)?.time;
    for (let page = 0; page < mostPages && !ended.current; page += 1) {
      const input = defined({ aggregate, id, limit: itemsOfPage, after, cursor });
      const { data } = await api.query("audit", "trail", input, defined({ at: moment }));
      const last = known.current.at(-1)?.version ?? 0;
      known.current = [...known.current, ...data.items.filter(({ version }) => version > last)];
      cursor = data.cursor;
      if (cursor === undefined) break;
    }
    if (!ended.current) setEvents(known.current);
  }, [aggregate, id, moment]);

  useEffect(() => {
    known.current = [];
    ended.current = false;
    // What cannot be read now is read with the next event.
    fetchMore().catch(() => undefined);
    return () => {
      ended.current = true;
    };
  }, [fetchMore]);
  const paced = usePaced(fetchMore);
  useFeed(at === undefined ? [aggregate] : [], (heard) => {
    if (heard.length === 0 || heard.some(({ subject }) => subject === `${aggregate}/${id}`)) paced();
  });
  return events;
};
