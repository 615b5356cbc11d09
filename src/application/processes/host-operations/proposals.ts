import { HashMap, Option } from "effect";
import { courseAfter } from "../../../domain/consensus/course.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import type { freeze } from "../../../domain/freeze/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import { type Difference, isSame } from "../../../domain/host/drift.ts";
import { changeIdOf, repairIdOf } from "../../../domain/host/operation.ts";
import { defined, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { give } from "../actions.ts";
import {
  deciding,
  electorate,
  hostOf,
  isFrozen,
  knownAs,
  type Matter,
  type OperationsState,
  operationsName,
  unrepairedOn,
} from "./state.ts";
import { beginRepair } from "./tasks.ts";

/** Returns the proposal about a matter, for people and programs; undefined if the change no longer exists. */
const question = (state: OperationsState, matter: Matter) => {
  if (matter.is === "repair") {
    const { kind, unit, expected, observed, detail } = matter.difference;
    const title = `Repair ${matter.host}: ${detail}`;
    const closure = hostOf(state, matter.host).desired?.closure ?? expected;
    const subject = { host: matter.host, kind, ...defined({ unit }), closure, expected, observed };
    return { kind: "repair", title, subject };
  }
  const change = hostOf(state, matter.host).changes.find((one) => one.change === matter.change);
  if (change === undefined) return undefined;
  const { action, node, hosts, reason, by, acceptDataLoss } = change;
  const where = hosts === undefined ? `on ${matter.host}` : `to run on ${hosts.join(", ")}`;
  const title = `${action} ${node} ${where}${reason === undefined ? "" : `: ${reason}`}`;
  const { graph = null, graphVersion = null } = hostOf(state, matter.host).desired?.placement ?? {};
  const more = { ...defined({ hosts, reason, acceptDataLoss }) };
  return { kind: "change", title, subject: { host: matter.host, action, node, by, graph, graphVersion, ...more } };
};

/** Puts a matter to the vote, now or as soon as an eligible voter exists. */
const propose = (state: OperationsState, id: string, matter: Matter): OperationsState => {
  const voters = electorate(state);
  const asked = question(state, matter);
  if (asked === undefined) return state;
  const open = { ...state, proposals: HashMap.set(state.proposals, id, { matter, submitted: false }) };
  if (voters.length === 0) return { ...open, waiting: [...state.waiting, id] };
  const payload = {
    ...asked,
    electorate: voters,
  };
  return deciding(open, give(proposal, id, { type: "submit", payload }, `${id}.submit`));
};

/** Submits the proposals that waited for an eligible voter. */
export const proposeWaiting = (state: OperationsState): OperationsState => {
  if (state.waiting.length === 0 || electorate(state).length === 0) return state;
  return state.waiting.reduce<OperationsState>(
    (current, id) => {
      const open = Option.getOrUndefined(HashMap.get(current.proposals, id));
      return open === undefined ? current : propose(current, id, open.matter);
    },
    { ...state, waiting: [] },
  );
};

/** Puts a drift to the vote, unless its host only reports drifts, nothing can be done, or an equal one is open. */
export const proposeRepair = (
  state: OperationsState,
  id: string,
  drift: number,
  difference: Difference,
): OperationsState => {
  const isOpen = [...state.proposals].some(
    ([, { matter }]) => matter.is === "repair" && matter.host === id && isSame(matter.difference, difference),
  );
  if (hostOf(state, id).onDrift === "report" || difference.kind === "unreachable" || isOpen) return state;
  return propose(state, repairIdOf(id, drift), { is: "repair", host: id, difference });
};

/**
 * Puts failed repairs to the vote again when the host answers again, if the drift still exists. The host may have been
 * away when the repair was tried. `answer` is the number of the drift that ended with the answer.
 */
export const proposeUnrepaired = (state: OperationsState, id: string, answer: number): OperationsState => {
  const failed = unrepairedOn(state, id);
  const still = hostOf(state, id).drifts.filter((drift) => failed.some((one) => isSame(one, drift)));
  return still.reduce(
    (current, drift) =>
      propose(current, `${repairIdOf(id, drift.drift)}-after-${answer}`, { is: "repair", host: id, difference: drift }),
    { ...state, unrepaired: HashMap.remove(state.unrepaired, id) },
  );
};

export const proposeChange = (state: OperationsState, id: string, change: number): OperationsState =>
  propose(state, changeIdOf(id, change), { is: "change", host: id, change });

const drop = (state: OperationsState, id: string): OperationsState => ({
  ...state,
  proposals: HashMap.remove(state.proposals, id),
});

/** Ends a vote. An enacted matter is carried out as soon as no freeze holds it. Any other outcome ends the change. */
const conclude = (state: OperationsState, id: string, matter: Matter, outcome: string): OperationsState => {
  const isApproved = outcome === "enacted";
  if (isApproved && isFrozen(state, matter.host)) return { ...state, held: HashMap.set(state.held, id, matter) };
  if (matter.is === "repair") return isApproved ? beginRepair(state, id, matter) : state;
  const { change } = matter;
  return deciding(
    state,
    isApproved
      ? give(host, matter.host, { type: "approve-change", payload: { change } })
      : give(host, matter.host, {
          type: "record-operated",
          payload: { change, failure: `proposal ${id} is ${outcome}` },
        }),
  );
};

/** Only proposals of this process manager count. */
const onSubmitted = (before: OperationsState, { id, actor }: RecordedEvent): OperationsState => {
  if (actor !== operationsName) return before;
  const state = { ...before, proposals: knownAs(before.proposals, id) };
  return { ...state, proposals: HashMap.modify(state.proposals, id, (open) => ({ ...open, submitted: true })) };
};

/** Tracks freezes. A matter is carried out when no freeze holds it any longer. */
export const onFreeze = (state: OperationsState, event: RecordedEventOf<typeof freeze.events>): OperationsState => {
  if (event.type === "frozen") return { ...state, freezes: HashMap.set(state.freezes, event.id, true) };
  if (event.type !== "unfrozen") return state;
  const lifted = { ...state, freezes: HashMap.remove(state.freezes, event.id) };
  const free = [...lifted.held].filter(([, matter]) => !isFrozen(lifted, matter.host));
  const held = free.reduce((left, [id]) => HashMap.remove(left, id), lifted.held);
  return free.reduce<OperationsState>((next, [id, matter]) => conclude(next, id, matter, "enacted"), {
    ...lifted,
    held,
  });
};

export const onProposal = (state: OperationsState, event: RecordedEventOf<typeof proposal.events>): OperationsState => {
  if (event.type === "proposal-submitted") return onSubmitted(state, event);
  const open = Option.getOrUndefined(HashMap.get(state.proposals, event.id));
  if (open === undefined) return state;
  // An approval counts from its enactment on, because it can be vetoed until then.
  if (courseAfter[event.type] !== "over") return state;
  const outcome = event.type === "approval-voided" ? "void" : event.type.replace("proposal-", "");
  return open.submitted ? conclude(drop(state, event.id), event.id, open.matter, outcome) : state;
};
