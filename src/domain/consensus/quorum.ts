import { Schema } from "effect";
import { addSeconds, PositiveSeconds } from "../kernel/mod.ts";
import { type Count, castWeight } from "./count.ts";
import type { Fraction } from "./fraction.ts";

/** Returns the weight that a quorum needs: ceil(quorum × total weight). */
export const quorumRequired = (total: bigint, { numerator, denominator }: Fraction): bigint =>
  (numerator * total + denominator - 1n) / denominator;

/** Returns whether the quorum is reached: approve + reject + abstain ≥ ceil(quorum × total weight). */
export const quorumReached = (count: Count, quorum: Fraction): boolean =>
  castWeight(count) >= quorumRequired(count.total, quorum);

/**
 * If a quorum is first reached within the last `withinSeconds`, the deadline moves once: to `extensionSeconds` after
 * that ballot, if this is later.
 */
export const LateQuorum = Schema.Struct({ withinSeconds: PositiveSeconds, extensionSeconds: PositiveSeconds });
export type LateQuorum = typeof LateQuorum.Type;

/**
 * Returns the deadline that a late quorum sets; undefined if the ballot does not reach the quorum late. `count`
 * includes the ballot. `added` is the weight that the ballot adds, or 0 if it replaces one of the same voter.
 *
 * Without this rule, a large voter could wait until the last moment. While the quorum is not reached, everybody else
 * expects the proposal to expire and does not vote against it. Then one ballot reaches the quorum and decides, and
 * nobody has time to react. With this rule, that ballot opens a new period for all others. It does so only once,
 * because otherwise changed ballots could keep a vote open forever. After OpenZeppelin's GovernorPreventLateQuorum.
 */
export const deadlineOfLateQuorum = (
  lateQuorum: LateQuorum | undefined,
  { count, added, quorum }: { readonly count: Count; readonly added: number; readonly quorum: Fraction },
  { deadline, extended }: { readonly deadline: string; readonly extended: boolean },
  time: string,
): string | undefined => {
  if (lateQuorum === undefined || extended || time <= addSeconds(deadline, -lateQuorum.withinSeconds)) return undefined;
  const required = quorumRequired(count.total, quorum);
  const after = castWeight(count);
  const later = addSeconds(time, lateQuorum.extensionSeconds);
  return after >= required && after - BigInt(added) < required && later > deadline ? later : undefined;
};
