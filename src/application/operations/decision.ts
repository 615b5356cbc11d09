import { Effect, Schema } from "effect";
import { proposal } from "../../domain/consensus/decider.ts";
import { Rules } from "../../domain/consensus/rules.ts";
import { type DecisionAccount, decisionAccountOf } from "../../domain/deployment/account/decision.ts";
import { discussionAccountOf } from "../../domain/deployment/account/deployment.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { AggregateId, canonicalJson, type LogEntry, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { notFound } from "../command-error.ts";
import { Digests } from "../ports/mod.ts";
import { operation } from "../queries.ts";
import { eventsOfOne, historyOf } from "./events-of.ts";

type Submitted = RecordedEventOf<typeof proposal.events> & { type: "proposal-submitted" };

const ruleNames = new Set(Object.keys(Rules.fields));

const without = (value: Readonly<Record<string, Schema.Json | undefined>>): Schema.Json =>
  Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Schema.Json] => entry[1] !== undefined));

/**
 * What the decision is, so that whoever reads the log can make the same of it: no times, positions or content ids, which
 * another log of the same story would have differently.
 */
const resultOf = ({ data }: Submitted, account: DecisionAccount): Schema.Json =>
  without({
    proposal: account.proposal,
    ...{ kind: data.kind, title: data.title, subject: data.subject, proposer: data.proposer },
    rules: Object.fromEntries(Object.entries(account).filter(([name]) => ruleNames.has(name))) as Schema.Json,
    policy: account.policy,
    electorate: account.electorate,
    ballots: account.ballots.filter(({ replaced }) => !replaced).map(({ replaced: _, cast: __, ...ballot }) => ballot),
    outcome: account.outcome,
    rejectedFor: account.rejectedFor,
    tally: account.tally,
    enacted: account.enacted !== undefined,
  });

/** The dialog that a proposal was discussed in: the one of its id, or the one that its subject names. */
const dialogOf = ({ id, data }: Submitted): string =>
  typeof data.subject.dialog === "string" ? data.subject.dialog : id;

/** A decision's whole story, from the log alone. */
export const decision = operation({
  input: Schema.Struct({ proposal: AggregateId }),
  description:
    "A decision's whole story: who could vote, what was said and found, every ballot and veto with its signature, the tally, what came of it; and the result with its hash",
  answer: Effect.fnUntraced(function* ({ proposal: id }: { readonly proposal: string }) {
    const history = yield* historyOf(proposal, id);
    const events = history.flatMap((one) => one.events);
    const account = decisionAccountOf(events);
    const submitted = events.find((event): event is Submitted => event.type === "proposal-submitted");
    if (account === undefined || submitted === undefined) return yield* notFound("proposal", id);
    const keys = new Map(history.map(({ commit }) => [commit.position, commit.signed?.publicKey]));
    const withKey = <T extends { readonly cast: LogEntry }>(act: T) =>
      without({ ...act, signedWith: keys.get(act.cast.position) });
    const discussion = discussionAccountOf(yield* eventsOfOne(dialog, dialogOf(submitted)));
    const result = resultOf(submitted, account);
    const { kind, title, subject, proposer } = submitted.data;
    return without({
      ...{ kind, title, subject, proposer },
      ...account,
      ballots: account.ballots.map(withKey),
      veto: account.veto === undefined ? undefined : withKey(account.veto),
      discussion,
      result,
      resultHash: (yield* Digests).sha256(canonicalJson(result)),
    });
  }),
});
