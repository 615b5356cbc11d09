import type { Ability } from "../agent/capability.ts";
import type { PresenceStatus } from "../agent/presence.ts";
import { notFor } from "./delegation.ts";

/**
 * An agent that may get a task. `load` is the number of its tasks. `uses` is the number of them that require each
 * capability.
 */
export interface Candidate extends Ability {
  readonly id: string;
  readonly registered: boolean;
  readonly status: PresenceStatus;
  readonly maxConcurrentTasks: number;
  readonly load: number;
  readonly uses: Readonly<Record<string, number>>;
}

/** Returns how many tasks require each capability. */
export const usesOf = (tasks: Iterable<Pick<Need, "requiredCapabilities">>): Readonly<Record<string, number>> => {
  const uses: Record<string, number> = {};
  for (const { requiredCapabilities } of tasks)
    for (const capability of requiredCapabilities) uses[capability] = (uses[capability] ?? 0) + 1;
  return uses;
};

/** The agents for which a task is suitable. Tasks with the same need share a queue. */
export interface Need {
  readonly requiredCapabilities: ReadonlyArray<string>;
  readonly to?: string;
  readonly chain?: ReadonlyArray<string>;
}

/** The reasons why an agent cannot get a task, in the order of the checks. */
export type Obstacle =
  | "not-registered"
  | "only-for-another"
  | "lacks-capability"
  | "delegation-circle"
  | "offline"
  | "full"
  | "at-limit";

/** Returns why an agent cannot get a task now; undefined if it can. */
export const obstacle = (agent: Candidate, need: Need): Obstacle | undefined => {
  if (!agent.registered) return "not-registered";
  if (need.to !== undefined && need.to !== agent.id) return "only-for-another";
  if (!need.requiredCapabilities.every((capability) => agent.capabilities.includes(capability)))
    return "lacks-capability";
  return notFor(need, agent.id) ?? shortage(agent, need);
};

/** Returns a temporary reason. */
const shortage = (agent: Candidate, need: Need): Obstacle | undefined => {
  if (agent.status === "offline") return "offline";
  if (agent.load >= agent.maxConcurrentTasks) return "full";
  return limitReached(agent, need) === undefined ? undefined : "at-limit";
};

/** Returns the first required capability for which the agent has reached its limit of tasks at once. */
export const limitReached = ({ capabilityDetails, uses }: Candidate, need: Need): string | undefined =>
  capabilityDetails === undefined
    ? undefined
    : need.requiredCapabilities.find((capability) => {
        const most = capabilityDetails[capability]?.maxConcurrent;
        return most !== undefined && (uses[capability] ?? 0) >= most;
      });
