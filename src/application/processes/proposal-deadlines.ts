import { proposal } from "../../domain/consensus/decider.ts";
import { addSeconds, isEventOf, type RecordedEvent } from "../../domain/kernel/mod.ts";
import type { Action, ProcessManager } from "../process-manager.ts";
import { cancelTimer, schedule } from "./give.ts";

const openTimer = (id: string) => `${id}-voting-opens`;
const closeTimer = (id: string) => `${id}-voting-closes`;
const secondCloseTimer = (id: string) => `${id}-voting-closes-at-last`;

/** The deadline is inclusive: voting is closed from the next millisecond on. */
const afterDeadline = 0.001;
/** The server's clock may be ahead of a backend's, to which the deadline then has not passed: once more, seconds later. */
const afterDeadlineForSure = 10;

const react = (_: null, event: RecordedEvent): ReadonlyArray<Action> => {
  if (!isEventOf(proposal, event)) return [];
  const { id, time } = event;
  switch (event.type) {
    case "proposal-submitted": {
      const { discussionSeconds } = event.data;
      const open = { type: "open-voting", payload: {} } as const;
      return discussionSeconds > 0
        ? [schedule(openTimer(id), addSeconds(time, discussionSeconds), proposal, id, open)]
        : [];
    }
    case "voting-opened": {
      const { deadline } = event.data;
      const close = { type: "close-voting", payload: {} } as const;
      return [
        cancelTimer(openTimer(id)),
        schedule(closeTimer(id), addSeconds(deadline, afterDeadline), proposal, id, close),
        schedule(secondCloseTimer(id), addSeconds(deadline, afterDeadlineForSure), proposal, id, close),
      ];
    }
    case "ballot-cast":
      return [];
    default:
      return [cancelTimer(openTimer(id)), cancelTimer(closeTimer(id)), cancelTimer(secondCloseTimer(id))];
  }
};

/** Opens votes when their discussion is over, and closes them after their deadline. */
export const proposalDeadlines: ProcessManager<null> = {
  name: "proposal-deadlines",
  aggregates: [proposal.name],
  initial: null,
  evolve: (state) => state,
  react,
};
