import { type Candidate, limitReached, type Need, type Obstacle, obstacle } from "./eligibility.ts";

/** The most agents that a text names. */
const mostNames = 5;

const names = (agents: ReadonlyArray<Candidate>, text: (agent: Candidate) => string): string => {
  const named = agents.slice(0, mostNames).map(text).join(", ");
  return agents.length > mostNames ? `${named} and ${agents.length - mostNames} more` : named;
};

/** Returns why no agent has every capability of a task. */
const lacking = ({ requiredCapabilities }: Need, registered: ReadonlyArray<Candidate>): string => {
  const nobody = requiredCapabilities.filter(
    (one) => !registered.some(({ capabilities }) => capabilities.includes(one)),
  );
  return nobody.length === 0
    ? `no agent has all of ${requiredCapabilities.join(", ")}`
    : `no agent has ${nobody.join(", ")}`;
};

/** Returns in words why a task waits: the obstacles of the agents that are closest to getting it. */
export const waitsFor = (need: Need, agents: ReadonlyArray<Candidate>): string => {
  const by = new Map<Obstacle | undefined, ReadonlyArray<Candidate>>();
  for (const agent of agents) {
    const why = obstacle(agent, need);
    by.set(why, [...(by.get(why) ?? []), agent]);
  }
  const those = (why: Obstacle | undefined) => by.get(why) ?? [];
  if (those(undefined).length > 0) return `will be given to ${names(those(undefined), ({ id }) => id)}`;
  const inTheWay = [
    ["full", "full", ({ id, load, maxConcurrentTasks }: Candidate) => `${id} (${load} of ${maxConcurrentTasks})`],
    ["at-limit", "at a limit", (agent: Candidate) => `${agent.id} (${limitReached(agent, need)})`],
    ["offline", "offline", ({ id }: Candidate) => id],
    ["delegation-circle", "it came through", ({ id }: Candidate) => id],
  ] as const;
  const said = inTheWay.flatMap(([why, text, name]) =>
    those(why).length === 0 ? [] : [`${text}: ${names(those(why), name)}`],
  );
  if (said.length > 0) return said.join("; ");
  const { to } = need;
  if (to === undefined)
    return lacking(
      need,
      agents.filter(({ registered }) => registered),
    );
  return those("lacks-capability").length > 0 ? `${to} lacks a capability` : `${to} is not registered`;
};
