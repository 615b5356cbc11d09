import { Effect, Stream } from "effect";
import type { AuditFinding } from "../../../contract/views/audit.ts";
import type { ProposalState } from "../../../domain/consensus/state.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { type Commit, Digests, type ReadFailure } from "../../ports/mod.ts";
import { afterCommit, type Chain, commitProblems, emptyChain, type Problem } from "./commit.ts";
import { type PolicyHistory, policyProblems, readPolicies } from "./policy.ts";
import { voteProblems } from "./vote.ts";

/** A log that is silent for this long has ended. */
const silence = "5 seconds";

/** A finding about the log itself, of no aggregate. */
const logFinding = (position: number, problem: string): AuditFinding => ({
  position,
  aggregate: "",
  id: "",
  event: "",
  problem,
});

/** What to expect of the whole log, besides the history of each aggregate. */
export interface WholeLog {
  /** Positions that were seen, and by what: the log cannot end before them. */
  readonly seen: ReadonlyArray<{ readonly by: string; readonly position: number }>;
}

/**
 * Reads commits in order and checks each history for itself, with nothing but what they say. With `whole`, the commits
 * are all of the log: then no position may be missing, and proposals are held against the policies that were in force.
 */
export const verify = Effect.fnUntraced(function* <R>(log: Stream.Stream<Commit, ReadFailure, R>, whole?: WholeLog) {
  const digests = yield* Digests;
  const chains = new Map<string, { readonly chain: Chain; readonly vote: ProposalState }>();
  const policies: PolicyHistory = new Map();
  const findings: Array<AuditFinding> = [];
  let [commits, events, last] = [0, 0, 0];

  const check = (commit: Commit) => {
    const { aggregate, id, position, firstVersion } = commit;
    const key = `${aggregate}.${id}`;
    const { chain, vote: before } = chains.get(key) ?? { chain: emptyChain(), vote: null };
    if (whole !== undefined && position !== last + 1)
      findings.push(logFinding(last + 1, `nothing is there: positions ${last + 1} to ${position - 1} are missing`));
    readPolicies(policies, commit);
    const { vote, problems } = voteProblems(commit, before);
    const all: ReadonlyArray<Problem> = [
      ...commitProblems(commit, chain, digests),
      ...problems,
      ...(whole === undefined ? [] : policyProblems(commit, policies, digests.sha256)),
    ];
    for (const { version = firstVersion, problem } of all)
      findings.push({ position, aggregate, id, event: `${key}.${version}`, problem });
    chains.set(key, { chain: afterCommit(chain, commit), vote });
    commits += 1;
    events += commit.events.length;
    last = position;
  };

  // A server may have a message that it can no longer read. It never arrives, and what comes after it is missing.
  yield* Stream.runForEach(Stream.timeout(log, silence), (commit) =>
    Effect.try({
      try: () => check(commit),
      // A commit without the form of events cannot be counted.
      catch: (error) => error,
    }).pipe(
      Effect.catch((error) =>
        Effect.sync(() => findings.push(logFinding(commit.position, `it cannot be read: ${String(error)}`))),
      ),
    ),
  ).pipe(
    Effect.catchTag("LogDamaged", ({ position, message }) =>
      Effect.sync(() => findings.push(logFinding(position, message))),
    ),
  );
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
