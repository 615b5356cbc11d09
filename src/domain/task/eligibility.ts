import type { PresenceStatus } from "../agent/contract.ts";
import { notFor } from "./delegation.ts";

/** What counts of an agent that may get a task. `load` is the number of tasks it holds. */
export interface Candidate {
  readonly id: string;
  readonly registered: boolean;
  readonly status: PresenceStatus;
  readonly capabilities: ReadonlyArray<string>;
  readonly maxConcurrentTasks: number;
  readonly load: number;
}

/** Who a task is for. Tasks with the same need wait in one line. */
export interface Need {
  readonly requiredCapabilities: ReadonlyArray<string>;
  readonly to?: string;
  readonly chain?: ReadonlyArray<string>;
}

/** What keeps an agent from getting a task, in the order in which it is looked for. */
export type Obstacle =
  | "not-registered"
  | "only-for-another"
  | "lacks-capability"
  | "delegation-circle"
  | "offline"
  | "full";

/** What keeps an agent from getting a task now; undefined where nothing does. */
export const obstacle = (agent: Candidate, need: Need): Obstacle | undefined => {
  if (!agent.registered) return "not-registered";
  if (need.to !== undefined && need.to !== agent.id) return "only-for-another";
  if (!need.requiredCapabilities.every((capability) => agent.capabilities.includes(capability)))
    return "lacks-capability";
  return notFor(need, agent.id) ?? shortage(agent);
};

/** What time alone may mend. */
const shortage = ({ status, load, maxConcurrentTasks }: Candidate): Obstacle | undefined => {
  if (status === "offline") return "offline";
  return load >= maxConcurrentTasks ? "full" : undefined;
};
