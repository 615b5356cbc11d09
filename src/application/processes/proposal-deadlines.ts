import { HashMap, Option } from "effect";
import { courseAfter } from "../../domain/consensus/course.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { addSeconds, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { ballots, cancelTimer, give, schedule } from "./actions.ts";

type Event = RecordedEventOf<typeof proposal.events>;
type Submitted = (Event & { type: "proposal-submitted" })["data"];

/** A proposal that goes on: what it is about, and the timers that are set for it. */
interface OpenProposal {
  /** Of the newest round. */
  readonly subject: Submitted["subject"];
  /** What two proposals have in common of which the newer one takes the older one's place. */
  readonly matter: string | undefined;
  readonly round: number;
  readonly timers: ReadonlyArray<string>;
}

/** The proposals that go on, by id, and what follows from the last event. */
interface Open {
  readonly proposals: HashMap.HashMap<string, OpenProposal>;
  /** In whose place the last one was submitted. */
  readonly older: ReadonlyArray<string>;
  /** The timers that the event leaves without a purpose. */
  readonly idle: ReadonlyArray<string>;
}

/**
 * One proposer's proposals of a kind about the whole of one graph: the newest is meant. Another proposer's falls when
 * the graph has changed, by its digest.
 */
const matterOf = ({ kind, proposer, subject: { graph, graphDigest } }: Submitted): string | undefined =>
  typeof graph === "string" && typeof graphDigest === "string" ? [kind, proposer, graph].join(" ") : undefined;

const openTimer = (id: string) => `${id}-voting-opens`;
const closeTimer = (id: string) => `${id}-voting-closes`;
/** A timer is for one moment only: a deadline that was moved has others. */
const extended = (timer: string) => `${timer}-extended`;
/** Each round has deadlines of its own. */
const inRound = (round: number) => (timer: string) => (round === 1 ? timer : `${timer}-round-${round}`);
const enactTimer = (id: string) => `${id}-enacted`;

/** The deadline is inclusive: voting is closed from the next millisecond on. */
const afterDeadline = 0.001;

/** The timers that an event sets, in place of those that were set before; undefined where nothing changes in that. */
const timersAfter = (event: Event, round: number): ReadonlyArray<string> | undefined => {
  const { id } = event;
  const closes = inRound(round)(closeTimer(id));
  switch (event.type) {
    case "proposal-submitted":
      return event.data.discussionSeconds > 0 ? [openTimer(id)] : [];
    case "voting-opened":
    case "round-opened":
      return [closes];
    case "voting-extended":
      return [extended(closes)];
    case "proposal-approved":
    case "proposal-approved-with-conditions":
      return event.data.enactAt === undefined ? [] : [enactTimer(id)];
    case "proposal-vetoed":
      // The vote goes on, with the same timers, if the key that signed the veto is revoked.
      return event.data.signedBy === undefined ? [] : undefined;
    default:
      return courseAfter[event.type] === "noted" ? undefined : [];
  }
};

const subjectIn = (event: Event) => (event.type === "round-opened" ? { subject: event.data.subject } : {});

const evolve = ({ proposals }: Open, event: RecordedEvent): Open => {
  const nothing = { older: [], idle: [] };
  if (!isEventOf(proposal, event)) return { proposals, ...nothing };
  const { id } = event;
  const before = Option.getOrUndefined(HashMap.get(proposals, id));
  const round = event.type === "round-opened" ? event.data.round : (before?.round ?? 1);
  const timers = timersAfter(event, round);
  if (event.type === "proposal-submitted") {
    const matter = matterOf(event.data);
    const older = [...proposals].filter(([, one]) => matter !== undefined && one.matter === matter).map(([one]) => one);
    const open = { subject: event.data.subject, matter, round, timers: timers ?? [] };
    return { proposals: HashMap.set(proposals, id, open), older, idle: [] };
  }
  if (before === undefined || timers === undefined) return { proposals, ...nothing };
  return {
    proposals:
      courseAfter[event.type] === "moved"
        ? HashMap.set(proposals, id, { ...before, ...subjectIn(event), round, timers })
        : HashMap.remove(proposals, id),
    older: [],
    idle: before.timers,
  };
};

const close = { type: "close-voting", payload: {} } as const;

const enactment = (state: Open, id: string, enactAt: string | undefined): ReadonlyArray<Action> => {
  const open = Option.getOrUndefined(HashMap.get(state.proposals, id));
  if (open === undefined) return [];
  const enact = { type: "enact", payload: { subject: open.subject } } as const;
  return enactAt === undefined ? [give(proposal, id, enact)] : [schedule(enactTimer(id), enactAt, proposal, id, enact)];
};

const closing = (id: string, deadline: string, timer: (name: string) => string): ReadonlyArray<Action> => [
  schedule(timer(closeTimer(id)), addSeconds(deadline, afterDeadline), proposal, id, close),
];

const roundOf = (state: Open, id: string): number =>
  Option.match(HashMap.get(state.proposals, id), { onNone: () => 1, onSome: ({ round }) => round });

const followUp = (state: Open, event: Event): ReadonlyArray<Action> => {
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
    case "round-opened":
      return closing(id, event.data.deadline, inRound(roundOf(state, id)));
    case "voting-extended":
      return closing(id, event.data.deadline, (timer) => extended(inRound(roundOf(state, id))(timer)));
    case "proposal-approved":
    case "proposal-approved-with-conditions":
      return enactment(state, id, event.data.enactAt);
    default:
      return [];
  }
};

const react = (state: Open, event: RecordedEvent): ReadonlyArray<Action> =>
  isEventOf(proposal, event) ? [...followUp(state, event), ...state.idle.map(cancelTimer)] : [];

/** Opens votes when their discussion is over, closes them after their deadline, and enacts what was approved. */
export const proposalDeadlines: ProcessManager<Open> = {
  name: "proposal-deadlines",
  aggregates: [proposal.name],
  ignores: ballots,
  initial: { proposals: HashMap.empty(), older: [], idle: [] },
  concurrency: 64,
  evolve,
  react,
};
