import { expect } from "@jest/globals";
import type { LoggedCommit } from "./installation.ts";

type LoggedData = LoggedCommit["events"][number]["data"];

const distinct = (values: ReadonlyArray<unknown>) => expect(new Set(values).size).toBe(values.length);

/** Events that a deployment has at most once, however often processes died. */
const once = [
  "deployment-requested",
  "discussion-started",
  "discussion-ended",
  "voting-started",
  "deployment-approved",
  "flake-generated",
  "deploying-started",
  "monitoring-started",
  "rollback-started",
  "deployment-succeeded",
  "deployment-rolled-back",
];

/** Who voted in which round of the vote. */
const votersByRound = (events: ReadonlyArray<{ readonly type: string; readonly data: LoggedData }>) => {
  let rounds = 0;
  return events.flatMap(({ type, data }) => {
    if (type === "round-opened") rounds += 1;
    return type === "ballot-cast" ? [`${rounds} ${data.voter}`] : [];
  });
};

/**
 * What must hold for the log of a deployment: no command applied twice, no step, ballot of a round, review of a revision,
 * or task repeated.
 */
export const expectNothingTwice = (commits: ReadonlyArray<LoggedCommit>, deployment: string): void => {
  distinct(commits.map(({ aggregate, id, commandId }) => `${aggregate}.${id} ${commandId}`));
  const events = commits
    .filter(({ id }) => id === deployment || id.startsWith(`${deployment}=`))
    .flatMap(({ id, events: all }) => all.map((event) => ({ ...event, id })));
  const of = (type: string) => events.filter((event) => event.type === type);
  for (const type of once) expect([type, of(type).length <= 1]).toEqual([type, true]);
  distinct(of("host-step-recorded").map(({ data }) => `${data.host} ${data.step}`));
  distinct(votersByRound(events));
  distinct(of("review-recorded").map(({ data }) => `${data.revision} ${data.reviewer}`));
  distinct(of("task-submitted").map(({ id }) => id));
};
