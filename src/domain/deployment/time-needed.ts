import { Result } from "effect";
import type { PolicyDocument } from "../consensus/policy-document.ts";
import { roundsOf } from "../consensus/rounds.ts";
import type { Rules } from "../consensus/rules.ts";
import { defined, type Rejection, refuse } from "../kernel/mod.ts";
import type { Settings } from "./contract.ts";

/** What a request says about time, as far as it says anything. */
export interface AskedTimes {
  readonly discussionSeconds?: number;
  readonly monitorSeconds: number;
  readonly timeoutSeconds?: number;
}

/** Seconds for reviews and for the whole deployment, if neither the request nor the policy says more. */
const usual = { discussionSeconds: 30, timeoutSeconds: 300 } as const;
/** Seconds for the work on the hosts, in a time limit that a request does not name. */
const forTheHosts = 60;

type VotingRules = Pick<Rules, "votingSeconds" | "lateQuorum" | "enactmentDelaySeconds" | "maxRounds">;

/**
 * Returns the seconds for each part of a deployment that its time limit must leave room for, and what they are for. Each
 * round of the vote has the whole time again.
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
 * Returns the times of a deployment. There is one discussion, which is at least as long as the policy wants; and the
 * whole takes at least as long as it may take to discuss, to vote in all rounds, to enact and to monitor. A request that
 * names less is refused, with what would do.
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
      `${subject}: discussionSeconds are ${discussionSeconds} s, and the policy says at least ${least} s`,
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
