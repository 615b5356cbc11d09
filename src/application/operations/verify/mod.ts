import { Effect, Stream } from "effect";
import type { AuditFinding } from "../../../contract/views/audit.ts";
import type { ProposalState } from "../../../domain/consensus/state.ts";
import { defined, type Steps } from "../../../domain/kernel/mod.ts";
import type { Problem } from "../../chain.ts";
import { newerIn } from "../../checked-log.ts";
import {
  type Commit,
  Digests,
  type Foreign,
  type LogMessage,
  positionOfItem,
  type StoreUnavailable,
} from "../../ports/mod.ts";
import { inSlices } from "../../time-slices.ts";
import { aggregates } from "../events-of.ts";
import { commitProblems, emptyHistory, type History, withCommit } from "./commit.ts";
import { noPolicies, policyProblems, readPolicies } from "./policy.ts";
import { voteProblems } from "./vote.ts";

/** If the log is silent for this long, it is considered to have ended. */
const silence = "5 seconds";

/** Returns a finding about the log itself, which concerns no aggregate. */
const logFinding = (position: number, problem: string): AuditFinding => ({
  position,
  aggregate: "",
  id: "",
  event: "",
  problem,
});

/** The expectations about the whole log, besides the histories of aggregates. */
export interface WholeLog {
  /** Known positions, and their sources. The log cannot end before them. */
  readonly seen: ReadonlyArray<{ readonly by: string; readonly position: number }>;
}

/** A commit that only a newer backend understands cannot be verified here, so it is a finding too. */
const newerProblem = (commit: Commit): ReadonlyArray<Problem> => {
  const newer = newerIn(aggregates.get(commit.aggregate), commit);
  return newer === undefined ? [] : [{ problem: `${newer}: it is of a newer version, or foreign` }];
};

const foreignFinding = ({ position, of, problem }: Foreign): AuditFinding => ({
  position,
  aggregate: of?.aggregate ?? "",
  id: of?.id ?? "",
  event: "",
  problem: `a foreign message: ${problem}`,
});

/**
 * Reads messages in order and verifies each history from its own content alone. With `whole`, the messages are the
 * complete log. Then no position may be missing, and proposals are checked against the policies that were in force.
 */
export const verify = Effect.fnUntraced(function* <R>(
  log: Stream.Stream<LogMessage, StoreUnavailable, R>,
  whole?: WholeLog,
) {
  const digests = yield* Digests;
  const histories = new Map<string, { readonly history: History; readonly vote: ProposalState }>();
  const policies = noPolicies();
  const findings: Array<AuditFinding> = [];
  let [commits, events, last] = [0, 0, 0];

  const pass = (position: number) => {
    if (whole !== undefined && position !== last + 1)
      findings.push(logFinding(last + 1, `nothing is there: positions ${last + 1} to ${position - 1} are missing`));
    last = position;
  };

  const check = function* (commit: Commit): Steps<void> {
    const { aggregate, id, position, firstVersion } = commit;
    const key = `${aggregate}.${id}`;
    const { history, vote: before } = histories.get(key) ?? { history: emptyHistory(), vote: null };
    const unvoted = readPolicies(policies, commit);
    const { vote, problems } = voteProblems(commit, before);
    const all: ReadonlyArray<Problem> = [
      ...(yield* commitProblems(commit, history, digests)),
      ...newerProblem(commit),
      ...problems,
      ...(whole === undefined ? [] : [...unvoted, ...policyProblems(commit, policies, digests.sha256)]),
    ];
    for (const { version = firstVersion, problem } of all)
      findings.push({ position, aggregate, id, event: `${key}.${version}`, problem });
    histories.set(key, { history: withCommit(history, commit), vote });
    commits += 1;
    events += commit.events.length;
  };

  const take = function* (message: LogMessage): Steps<void> {
    pass(positionOfItem(message));
    if (message.kind === "foreign") findings.push(foreignFinding(message.foreign));
    else yield* check(message.commit);
  };

  const takeAll = function* (messages: ReadonlyArray<LogMessage>): Steps<void> {
    for (const message of messages) {
      try {
        yield* take(message);
      } catch (error) {
        // A commit whose events are malformed cannot be counted.
        findings.push(logFinding(positionOfItem(message), `it cannot be read: ${String(error)}`));
      }
      yield;
    }
  };

  // A server may hold a message that it can no longer read. Such a message never arrives, and nothing after it does.
  yield* Stream.runForEachArray(Stream.timeout(log, silence), (messages) => inSlices(() => takeAll(messages)));
  for (const { by, position } of whole?.seen ?? [])
    if (position > last) findings.push(logFinding(last + 1, `the log ends at ${last}, but ${by} has seen ${position}`));
  const [first] = findings;
  return {
    ok: first === undefined,
    commits,
    events,
    findings,
    ...defined({ first }),
  };
});
