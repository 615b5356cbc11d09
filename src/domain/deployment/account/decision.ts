import { Schema } from "effect";
import { Ballot } from "../../consensus/ballot.ts";
import { Protocol, Tally } from "../../consensus/contract.ts";
import { proposal } from "../../consensus/decider.ts";
import { Electorate } from "../../consensus/electorate.ts";
import { ShareText } from "../../consensus/fraction.ts";
import { ProposalStatus } from "../../consensus/state.ts";
import { AggregateId, LogEntry, logEntryOf, type RecordedEventOf } from "../../kernel/mod.ts";

type Event = RecordedEventOf<typeof proposal.events>;

/** A ballot as it was cast; `replaced` where its voter has cast another one since. */
const CastBallot = Schema.Struct({ ...Ballot.fields, replaced: Schema.Boolean, cast: LogEntry });

/** How a deployment was decided on: every ballot in the order of casting, and what they came to. */
export const DecisionAccount = Schema.Struct({
  proposal: AggregateId,
  protocol: Protocol,
  quorum: ShareText,
  outcome: ProposalStatus,
  submitted: LogEntry,
  /** Nobody before voting opens. */
  electorate: Electorate,
  ballots: Schema.Array(CastBallot),
  tally: Schema.optionalKey(Tally),
  decided: Schema.optionalKey(LogEntry),
});
export type DecisionAccount = typeof DecisionAccount.Type;

const begun = (event: Event & { type: "proposal-submitted" }): DecisionAccount => ({
  proposal: event.id,
  protocol: event.data.protocol,
  quorum: event.data.quorum,
  outcome: "pending",
  submitted: logEntryOf(event),
  electorate: [],
  ballots: [],
});

const withBallot = (
  { ballots, ...account }: DecisionAccount,
  event: Event & { type: "ballot-cast" },
): DecisionAccount => {
  const { replaces: _, ...ballot } = event.data;
  const before = ballots.map((one) => (one.voter === ballot.voter ? { ...one, replaced: true } : one));
  return { ...account, ballots: [...before, { ...ballot, replaced: false, cast: logEntryOf(event) }] };
};

/** A decision from all events of its proposal; undefined where there are none. */
export const decisionAccountOf = (events: ReadonlyArray<Event>): DecisionAccount | undefined => {
  let account: DecisionAccount | undefined;
  let state = proposal.initial;
  for (const event of events) {
    state = proposal.evolve(state, event, { ...event, aggregateId: event.id });
    if (event.type === "proposal-submitted") account = begun(event);
    if (account === undefined || state === null) continue;
    account = { ...account, outcome: state.status };
    if (event.type === "voting-opened") account = { ...account, electorate: event.data.electorate };
    else if (event.type === "ballot-cast") account = withBallot(account, event);
    else if (state.status !== "pending" && state.status !== "active")
      account = {
        ...account,
        ...("tally" in event.data ? { tally: event.data.tally } : {}),
        decided: logEntryOf(event),
      };
  }
  return account;
};
