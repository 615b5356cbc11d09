import type { EventOf } from "../kernel/mod.ts";
import type { knowledgeEvents } from "./contract.ts";
import type { Entry } from "./entry.ts";

type Event = EventOf<typeof knowledgeEvents>;

/** What an event adds to a space: an entry and its update. */
export type Change = Extract<Event, { type: "fact-asserted" }>["data"];

/** The change that an event is; undefined where it adds no record. */
export const changeIn = (event: Event): Change | undefined => {
  switch (event.type) {
    case "fact-asserted":
    case "fact-retracted":
    case "fact-supported":
    case "fact-disputed":
    case "belief-stated":
    case "conflict-settled":
      return event.data;
    default:
      return undefined;
  }
};

/** The entry of a change. */
export const entryOfChange = ({ id, record, signature }: Change): Entry =>
  signature === undefined ? { id, record } : { id, record, signature };
