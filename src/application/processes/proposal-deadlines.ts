import { HashMap, Option } from "effect";
import { proposal } from "../../domain/consensus/decider.ts";
import { addSeconds, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import type { Action, ProcessManager } from "../process-manager.ts";
import { cancelTimer, give, schedule } from "./give.ts";

type Event = RecordedEventOf<typeof proposal.events>;
type Submitted = (Event & { type: "proposal-submitted" })["data"];

/** What a proposal that goes on is about. */
interface OpenProposal {
  readonly subject: Submitted["subject"];
  /** What two proposals have in common of which the newer one takes the older one's place. */
  readonly matter: string | undefined;
}

/** The proposals that go on, by id; `older` are those in whose place the last one was submitted. */
interface Open {
  readonly proposals: HashMap.HashMap<string, OpenProposal>;
  readonly older: ReadonlyArray<string>;
}

/**
 * One proposer's proposals of a kind about the whole of one graph: the newest is meant. Another proposer's falls when
 * the graph has changed, by its digest.
 */
const matterOf = ({ kind, proposer, subject: { graph, graphDigest } }: Submitted): string | undefined =>
  typeof graph === "string" && typeof graphDigest === "string" ? [kind, proposer, graph].join(" ") : undefined;

const isStillOpen = (event: Event): boolean =>
  event.type === "voting-opened" ||
  event.type === "ballot-cast" ||
  event.type === "voting-extended" ||
  event.type === "proposal-approved" ||
  event.type === "proposal-approved-with-conditions";

const evolve = ({ proposals }: Open, event: RecordedEvent): Open => {
  if (!isEventOf(proposal, event)) return { proposals, older: [] };
  const { id } = event;
  if (event.type !== "proposal-submitted")
    return { proposals: isStillOpen(event) ? proposals : HashMap.remove(proposals, id), older: [] };
  const matter = matterOf(event.data);
  const older = [...proposals].filter(([, one]) => matter !== undefined && one.matter === matter).map(([one]) => one);
  return { proposals: HashMap.set(proposals, id, { subject: event.data.subject, matter }), older };
};

const openTimer = (id: string) => `${id}-voting-opens`;
const closeTimer = (id: string) => `${id}-voting-closes`;
const secondCloseTimer = (id: string) => `${id}-voting-closes-at-last`;
/** A timer is for one moment only: a deadline that was moved has others. */
const extended = (timer: string) => `${timer}-extended`;
const enactTimer = (id: string) => `${id}-enacted`;
const secondEnactTimer = (id: string) => `${id}-enacted-at-last`;

/** The deadline is inclusive: voting is closed from the next millisecond on. */
const afterDeadline = 0.001;
/** The server's clock may be ahead of a backend's, to which the moment then has not come: once more, seconds later. */
const forSure = 10;

const close = { type: "close-voting", payload: {} } as const;

const enactment = (state: Open, id: string, enactAt: string | undefined): ReadonlyArray<Action> => {
  const open = Option.getOrUndefined(HashMap.get(state.proposals, id));
  if (open === undefined) return [];
  const enact = { type: "enact", payload: { subject: open.subject } } as const;
  return enactAt === undefined
    ? [give(proposal, id, enact)]
    : [
        schedule(enactTimer(id), enactAt, proposal, id, enact),
        schedule(secondEnactTimer(id), addSeconds(enactAt, forSure), proposal, id, enact),
      ];
};

const noVote = (id: string): ReadonlyArray<Action> =>
  [openTimer(id), closeTimer(id), secondCloseTimer(id), extended(closeTimer(id)), extended(secondCloseTimer(id))].map(
    cancelTimer,
  );

const closing = (id: string, deadline: string, timer: (name: string) => string): ReadonlyArray<Action> => [
  schedule(timer(closeTimer(id)), addSeconds(deadline, afterDeadline), proposal, id, close),
  schedule(timer(secondCloseTimer(id)), addSeconds(deadline, forSure), proposal, id, close),
];

const react = (state: Open, event: RecordedEvent): ReadonlyArray<Action> => {
  if (!isEventOf(proposal, event)) return [];
  const { id, time } = event;
  switch (event.type) {
    case "proposal-submitted": {
      const { discussionSeconds } = event.data;
      const open = { type: "open-voting", payload: {} } as const;
      return [
        ...state.older.map((older) => give(proposal, older, { type: "supersede", payload: { by: id } }, older)),
        ...(discussionSeconds > 0
          ? [schedule(openTimer(id), addSeconds(time, discussionSeconds), proposal, id, open)]
          : []),
      ];
    }
    case "voting-opened":
      return [cancelTimer(openTimer(id)), ...closing(id, event.data.deadline, (name) => name)];
    case "voting-extended":
      return [
        cancelTimer(closeTimer(id)),
        cancelTimer(secondCloseTimer(id)),
        ...closing(id, event.data.deadline, extended),
      ];
    case "ballot-cast":
      return [];
    case "proposal-approved":
    case "proposal-approved-with-conditions":
      return [...enactment(state, id, event.data.enactAt), ...noVote(id)];
    default:
      return [...noVote(id), cancelTimer(enactTimer(id)), cancelTimer(secondEnactTimer(id))];
  }
};

/** Opens votes when their discussion is over, closes them after their deadline, and enacts what was approved. */
export const proposalDeadlines: ProcessManager<Open> = {
  name: "proposal-deadlines",
  aggregates: [proposal.name],
  initial: { proposals: HashMap.empty(), older: [] },
  evolve,
  react,
};
