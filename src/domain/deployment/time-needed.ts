import { Result } from "effect";
import type { PolicyDocument } from "../consensus/policy-document.ts";
import { roundsOf } from "../consensus/rounds.ts";
import type { Rules } from "../consensus/rules.ts";
import { defined, type Rejection, refuse } from "../kernel/mod.ts";
import type { Settings } from "./contract.ts";

/** The time limits that a request sets. */
export interface AskedTimes {
  readonly discussionSeconds?: number;
  readonly monitorSeconds: number;
  readonly timeoutSeconds?: number;
}

/** Seconds for reviews and for the whole deployment, if neither the request nor the policy sets more. */
const usual = { discussionSeconds: 30, timeoutSeconds: 300 } as const;
/** Seconds for the work on the hosts, within a default time limit. */
const forTheHosts = 60;

type VotingRules = Pick<Rules, "votingSeconds" | "lateQuorum" | "enactmentDelaySeconds" | "maxRounds">;

/**
 * Returns the parts of a deployment for which its time limit must suffice, with their seconds. Each round of the vote
 * may need its full time.
 */
const partsOf = (
  discussionSeconds: number,
  monitorSeconds: number,
  rules: VotingRules,
): ReadonlyArray<readonly [string, number]> => {
  const { votingSeconds, lateQuorum, enactmentDelaySeconds = 0 } = rules;
  const rounds = roundsOf(rules);
  const each = rounds === 1 ? "" : ` in up to ${rounds} rounds`;
  return [
    ["discussion", discussionSeconds],
    [`voting${each}`, votingSeconds * rounds],
    [`extensions${each}`, (lateQuorum?.extensionSeconds ?? 0) * rounds],
    ["enactment delay", enactmentDelaySeconds],
    ["monitoring", monitorSeconds],
  ];
};

/**
 * Returns the time limits of a deployment. The discussion lasts at least as long as the policy requires. The whole
 * limit covers discussion, all rounds of the vote, enactment and monitoring. A request with less is refused, with the
 * number that would be enough.
 */
export const timesOf = (
  { discussionSeconds: discussion, monitorSeconds, timeoutSeconds: limit }: AskedTimes,
  policy: Pick<PolicyDocument, "discussionSeconds">,
  rules: VotingRules,
  subject: string,
): Result.Result<Omit<Settings, "votingSeconds">, Rejection> => {
  const least = policy.discussionSeconds;
  const discussionSeconds = discussion ?? Math.max(usual.discussionSeconds, least);
  if (discussionSeconds < least)
    return refuse(
      "weaker-than-policy",
      `${subject}: discussionSeconds are ${discussionSeconds} s, and the policy requires at least ${least} s`,
      { weaker: ["discussionSeconds"], discussionSeconds: least },
    );
  const parts = partsOf(discussionSeconds, monitorSeconds, rules).filter(([, seconds]) => seconds > 0);
  const needed = parts.reduce((sum, [, seconds]) => sum + seconds, 0);
  const timeoutSeconds = limit ?? Math.max(usual.timeoutSeconds, needed + forTheHosts);
  if (timeoutSeconds < needed)
    return refuse(
      "timeout-too-short",
      `${subject}: ${parts.map(([what, seconds]) => `${seconds} s for ${what}`).join(", ")}: this can take ${needed} s before its hosts are counted; give at least ${needed} timeoutSeconds instead of ${timeoutSeconds}`,
      { neededSeconds: needed },
    );
  const wholeDiscussion = least > 0 ? true : undefined;
  return Result.succeed(defined({ discussionSeconds, monitorSeconds, timeoutSeconds, wholeDiscussion }));
};
