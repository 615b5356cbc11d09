import { HashMap, Option } from "effect";
import { courseAfter } from "../../domain/consensus/course.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { addSeconds, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { ballots, cancelTimer, give, schedule } from "./actions.ts";

type Event = RecordedEventOf<typeof proposal.events>;
type Submitted = (Event & { type: "proposal-submitted" })["data"];

/** An open proposal: its subject, and its active timers. */
interface OpenProposal {
  /** The subject of the newest round. */
  readonly subject: Submitted["subject"];
  /** The key under which a newer proposal replaces an older one. */
  readonly matter: string | undefined;
  readonly round: number;
  readonly timers: ReadonlyArray<string>;
}

/** The open proposals by id, and the consequences of the last event. */
interface Open {
  readonly proposals: HashMap.HashMap<string, OpenProposal>;
  /** The proposals that the last submitted one replaces. */
  readonly older: ReadonlyArray<string>;
  /** The timers that the event makes obsolete. */
  readonly idle: ReadonlyArray<string>;
}

/**
 * Returns the key of a proposal about a whole graph: its kind, its proposer and the graph. A newer proposal with the
 * same key replaces the older one. Proposals of other proposers become void through their digests when the graph
 * changes.
 */
const matterOf = ({ kind, proposer, subject: { graph, graphDigest } }: Submitted): string | undefined =>
  typeof graph === "string" && typeof graphDigest === "string" ? [kind, proposer, graph].join(" ") : undefined;

const openTimer = (id: string) => `${id}-voting-opens`;
const closeTimer = (id: string) => `${id}-voting-closes`;
/** A timer has one fixed moment, so a moved deadline needs a timer with another name. */
const extended = (timer: string) => `${timer}-extended`;
/** Each round has its own deadlines. */
const inRound = (round: number) => (timer: string) => (round === 1 ? timer : `${timer}-round-${round}`);
const enactTimer = (id: string) => `${id}-enacted`;

/** The deadline is inclusive, so voting closes one millisecond later. */
const afterDeadline = 0.001;

/** Returns the timers that replace the former ones after an event; undefined if the event keeps them. */
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
      // The timers stay, because the vote resumes if the key that signed the veto is revoked.
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

/** Opens votes after their discussion, closes them after their deadline, and enacts approvals. */
export const proposalDeadlines: ProcessManager<Open> = {
  name: "proposal-deadlines",
  aggregates: [proposal.name],
  ignores: ballots,
  initial: { proposals: HashMap.empty(), older: [], idle: [] },
  concurrency: 64,
  evolve,
  react,
};
