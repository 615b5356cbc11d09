import { atOnce, type Steps } from "../domain/kernel/mod.ts";
import { sealOf } from "./new-commit.ts";
import { type Commit, type Digests, timeInChain } from "./ports/mod.ts";

/** The end of an aggregate's history. */
export interface Chain {
  /** The number of its events. */
  readonly version: number;
  /** Content id of its newest event. */
  readonly cid: string | undefined;
  /** Time of its newest commit, see {@link timeInChain}. */
  readonly time: string;
  /** Whether its newest commit has a seal. */
  readonly sealed: boolean;
}

/** The history of an aggregate that does not exist. */
export const emptyChain: Chain = { version: 0, cid: undefined, time: "", sealed: false };

/** The history after one more commit. */
export const afterCommit = (commit: Commit): Chain => ({
  version: commit.firstVersion + commit.events.length - 1,
  cid: commit.events.at(-1)?.cid,
  time: timeInChain(commit),
  sealed: commit.seal !== undefined,
});

/** A problem, and the event of the commit that has it. Without a version, it concerns the whole commit. */
export interface Problem {
  readonly version?: number;
  readonly problem: string;
}

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Checks the numbering of a commit's events, its time, and its reference to the previous event. */
const orderProblems = (commit: Commit, chain: Chain): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = [];
  const { firstVersion, time, previousCid } = commit;
  if (firstVersion !== chain.version + 1)
    problems.push({ problem: `its first event is number ${firstVersion}; number ${chain.version + 1} should follow` });
  if (!moment.test(time)) problems.push({ problem: `its time ${time} is not a moment` });
  else if (time < chain.time)
    problems.push({ problem: `its time ${time} is before ${chain.time}, that of the commit before` });
  if (previousCid !== chain.cid)
    problems.push({
      problem: `it says it follows ${previousCid ?? "nothing"}, but ${chain.cid ?? "nothing"} is before it`,
    });
  return problems;
};

/** Recomputes the content ids of a commit's events from the preceding one. Pauses after each. */
function* contentProblems(
  commit: Commit,
  chain: Chain,
  { cid }: Pick<Digests["Service"], "cid">,
): Steps<ReadonlyArray<Problem>> {
  const problems: Array<Problem> = [];
  let previous = chain.cid ?? null;
  for (const [index, { type, schemaVersion, data, cid: stored, ...more }] of commit.events.entries()) {
    const version = chain.version + index + 1;
    if ((yield* cid({ content: { type, schemaVersion, data }, previous, sequence: version })) !== stored)
      problems.push({ version, problem: `event ${version} (${type}) is not what its content id ${stored} says` });
    for (const field of Object.keys(more))
      problems.push({ version, problem: `event ${version} (${type}) has a field \`${field}\`, which no event has` });
    previous = stored;
    yield;
  }
  return problems;
}

/**
 * Recomputes the seal. Only old commits have none, so an unsealed commit cannot follow a sealed one of the same
 * aggregate.
 */
const sealProblems = (commit: Commit, chain: Chain, { sha256 }: Pick<Digests["Service"], "sha256">) => {
  const problems: Array<Problem> = [];
  if (commit.seal === undefined) {
    if (chain.sealed) problems.push({ problem: "it has no seal, but the commit before it has one" });
  } else if (sealOf(commit, sha256) !== commit.seal)
    problems.push({ problem: "who, when or why of it is not what its seal says" });
  return problems;
};

/** Checks everything that follows from a commit and the history before it. Pauses after each event. */
export function* chainProblems(
  commit: Commit,
  chain: Chain,
  digests: Digests["Service"],
): Steps<ReadonlyArray<Problem>> {
  const order = orderProblems(commit, chain);
  const content = yield* contentProblems(commit, chain, digests);
  return [...order, ...content, ...sealProblems(commit, chain, digests)];
}

/**
 * Returns the first problem of a commit, for readers of the whole log: numbering, time, links, and the seal. The seal
 * covers the content ids. Recomputing these takes longer than all other checks together. It happens here only if there
 * is no seal. Otherwise the handling of commands and the audit do it.
 */
export const misfit = (commit: Commit, chain: Chain, digests: Digests["Service"]): string | undefined =>
  orderProblems(commit, chain)[0]?.problem ??
  sealProblems(commit, chain, digests)[0]?.problem ??
  (commit.seal === undefined ? atOnce(contentProblems(commit, chain, digests))[0]?.problem : undefined);
