import { Schema, Struct } from "effect";
import { Ballot, VoterCondition } from "../../consensus/ballot.ts";
import { PolicyReference } from "../../consensus/contract.ts";
import { proposal } from "../../consensus/decider.ts";
import { Electorate, VetoKeys, withKeyOf } from "../../consensus/electorate.ts";
import {
  BrokenGlass,
  Excluded,
  isSameRevision,
  RejectionReason,
  RoundNumber,
  StandingFinding,
  Subject,
} from "../../consensus/rounds.ts";
import { Rules } from "../../consensus/rules.ts";
import { ProposalStatus } from "../../consensus/state.ts";
import { Tally } from "../../consensus/tally.ts";
import {
  AggregateId,
  defined,
  Instant,
  LogEntry,
  logEntryOf,
  Principal,
  type RecordedEventOf,
} from "../../kernel/mod.ts";

type Event = RecordedEventOf<typeof proposal.events>;

/** A ballot as it was cast. `replaced` if its voter later cast another one, or if it was struck. */
export const CastBallot = Schema.Struct({
  ...Ballot.fields,
  replaced: Schema.Boolean,
  /** The round in which it was cast; absent if the vote had no rounds. */
  castIn: Schema.optionalKey(RoundNumber),
  /** True if its round is over and it does not count in the next one. */
  lapsed: Schema.optionalKey(Schema.Boolean),
  cast: LogEntry,
  /** Why it no longer counts. */
  struck: Schema.optionalKey(Schema.String),
});

/** A finished round, and the conditions that led to the next one. */
const PastRound = Schema.Struct({
  round: RoundNumber,
  subject: Subject,
  tally: Tally,
  conditions: Schema.Array(VoterCondition),
  ended: LogEntry,
});

/** Who stopped the proposal before enactment, and why. */
export const Veto = Schema.Struct({
  by: Principal,
  reason: Schema.String,
  /** The blocking findings that were the veto; absent if a veto holder gave it. */
  findings: Schema.optionalKey(Schema.Array(StandingFinding)),
  cast: LogEntry,
  /** Why it no longer counts. */
  struck: Schema.optionalKey(Schema.String),
});

/** How a decision came about: every ballot in the order of casting, the result, and the consequences. */
export const DecisionAccount = Schema.Struct({
  proposal: AggregateId,
  ...Rules.fields,
  policy: Schema.optionalKey(PolicyReference),
  /** The signing keys of the veto holders. */
  vetoKeys: Schema.optionalKey(VetoKeys),
  /** The outcome of the vote, or what stopped it. An enacted approval stays an approval. */
  outcome: ProposalStatus,
  submitted: LogEntry,
  /** Empty until voting opens. */
  electorate: Electorate,
  /** Ballots counted up to and including this moment. */
  deadline: Schema.optionalKey(Instant),
  extended: Schema.optionalKey(LogEntry),
  ballots: Schema.Array(CastBallot),
  tally: Schema.optionalKey(Tally),
  rejectedFor: Schema.optionalKey(RejectionReason),
  /** The newest round and its subject, and the rounds before it; absent if the vote had no rounds. */
  round: Schema.optionalKey(RoundNumber),
  roundSubject: Schema.optionalKey(Subject),
  pastRounds: Schema.optionalKey(Schema.Array(PastRound)),
  /** The principals without a vote, with reasons. */
  excluded: Schema.optionalKey(Schema.Array(Excluded)),
  missingReviews: Schema.optionalKey(Schema.Array(Principal)),
  /** Who broke the glass, so that blocking findings were not a veto. */
  glass: Schema.optionalKey(BrokenGlass),
  decided: Schema.optionalKey(LogEntry),
  enacted: Schema.optionalKey(LogEntry),
  veto: Schema.optionalKey(Veto),
  /** What stopped it other than the vote. */
  stopped: Schema.optionalKey(Schema.String),
});
export type DecisionAccount = typeof DecisionAccount.Type;

const begun = (event: Event & { type: "proposal-submitted" }): DecisionAccount => {
  const { kind: _, title: __, subject, electorate: ___, proposer: ____, reviews: _____, ...rules } = event.data;
  const rounds = rules.excluded === undefined ? {} : { round: 1, roundSubject: subject, pastRounds: [] };
  return {
    proposal: event.id,
    ...rules,
    ...rounds,
    outcome: "pending",
    submitted: logEntryOf(event),
    electorate: [],
    ballots: [],
  };
};

const withBallot = (
  { ballots, ...account }: DecisionAccount,
  event: Event & { type: "ballot-cast" },
): DecisionAccount => {
  const { replaces: _, ...ballot } = event.data;
  const before = ballots.map((one) =>
    one.voter === ballot.voter && one.lapsed !== true ? { ...one, replaced: true } : one,
  );
  const cast = { ...ballot, replaced: false, ...defined({ castIn: account.round }), cast: logEntryOf(event) };
  return { ...account, ballots: [...before, cast] };
};

const withRound = (account: DecisionAccount, event: Event & { type: "round-opened" }): DecisionAccount => {
  const { round, subject, electorate, deadline, excluded, carried } = event.data;
  const stands = new Set(carried);
  const ballots = account.ballots.map((one) => (stands.has(one.voter) ? one : { ...one, lapsed: true }));
  const gone = [...(account.excluded ?? []), ...excluded];
  const isSame = isSameRevision(account.roundSubject ?? {}, subject);
  const current = isSame ? account : Struct.omit(account, ["glass"]);
  return { ...current, round, roundSubject: subject, electorate, deadline, excluded: gone, ballots };
};

const withVeto = (account: DecisionAccount, event: Event & { type: "proposal-vetoed" }): DecisionAccount => {
  const { signedBy: _, ...veto } = event.data;
  const cast = logEntryOf(event);
  return { ...account, veto: { ...veto, cast }, stopped: veto.reason, decided: cast };
};

const addition = (account: DecisionAccount, event: Event): DecisionAccount => {
  const entry = logEntryOf(event);
  switch (event.type) {
    case "proposal-submitted":
      return account;
    case "voting-opened":
      return { ...account, electorate: event.data.electorate, deadline: event.data.deadline };
    case "ballot-cast":
      return withBallot(account, event);
    case "review-noted":
      return account;
    case "break-glass-noted": {
      const { by, reason } = event.data;
      return { ...account, glass: { by, reason } };
    }
    case "round-ended": {
      const { round, tally, conditions } = event.data;
      const { roundSubject: subject = {}, pastRounds = [] } = account;
      return { ...account, pastRounds: [...pastRounds, { round, subject, tally, conditions, ended: entry }] };
    }
    case "round-opened":
      return withRound(account, event);
    case "ballot-struck": {
      const { voter, reason } = event.data;
      return {
        ...account,
        ballots: account.ballots.map((one) =>
          one.voter === voter && !one.replaced ? { ...one, replaced: true, struck: reason } : one,
        ),
      };
    }
    case "voter-key-changed": {
      const { voter, publicKey } = event.data;
      return { ...account, electorate: withKeyOf(account.electorate, voter, publicKey) };
    }
    case "voting-extended":
      return { ...account, deadline: event.data.deadline, extended: entry };
    case "proposal-rejected":
      return { ...account, tally: event.data.tally, rejectedFor: event.data.reason, decided: entry };
    case "proposal-approved":
    case "proposal-approved-with-conditions":
      return { ...account, tally: event.data.tally, decided: entry };
    case "proposal-expired": {
      const { tally, missingReviews } = event.data;
      return { ...account, tally, ...defined({ missingReviews }), decided: entry };
    }
    case "proposal-enacted":
      return { ...account, outcome: event.data.outcome, enacted: entry };
    case "approval-voided":
      return { ...account, stopped: event.data.detail, decided: entry };
    case "proposal-superseded":
      return { ...account, stopped: `proposal ${event.data.by} took its place`, decided: entry };
    case "proposal-vetoed":
      return withVeto(account, event);
    case "veto-struck": {
      const { veto } = account;
      const struck = veto && { ...veto, struck: event.data.reason };
      return { ...Struct.omit(account, ["stopped", "decided"]), ...defined({ veto: struck }) };
    }
    case "proposal-withdrawn":
    case "proposal-cancelled": {
      const { reason } = event.data;
      return { ...account, ...defined({ stopped: reason }), decided: entry };
    }
  }
};

/** Returns a decision from all events of its proposal; undefined without events. */
export const decisionAccountOf = (events: ReadonlyArray<Event>): DecisionAccount | undefined => {
  let account: DecisionAccount | undefined;
  let state = proposal.initial;
  for (const event of events) {
    state = proposal.evolve(state, event, { ...event, aggregateId: event.id });
    if (event.type === "proposal-submitted") account = begun(event);
    if (account !== undefined && state !== null) account = addition({ ...account, outcome: state.status }, event);
  }
  return account;
};
