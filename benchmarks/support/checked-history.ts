/** What a client remembers of a command: how it was answered, and when, by its own clock. */
export interface Told {
  readonly aggregate: string;
  readonly id: string;
  readonly commandId: string;
  /** `unknown`: no answer came, so it may be in the log or not. */
  readonly outcome: "accepted" | "refused" | "unknown";
  readonly position?: number;
  readonly version?: number;
  /** Why it was not accepted. */
  readonly error?: string;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** What a client read after one of its own commands, whose position it named. */
export interface Reread {
  readonly id: string;
  readonly written: number;
  readonly seen: number;
}

/** A commit as it is in the log. */
export interface Committed {
  readonly position: number;
  readonly aggregate: string;
  readonly id: string;
  readonly firstVersion: number;
  readonly events: number;
  readonly commandId: string;
}

/** A message of the feed. */
export interface Fed {
  readonly eventId: string;
  /** Position of the commit that it says it is of. */
  readonly position: number;
}

/** A document of a view. */
export interface Viewed {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
}

const keyOf = ({ aggregate, id, commandId }: Pick<Committed, "aggregate" | "id" | "commandId">) =>
  `${aggregate}.${id} ${commandId}`;

const findingsInLog = (log: ReadonlyArray<Committed>): Array<string> => {
  const findings: Array<string> = [];
  const versions = new Map<string, number>();
  const seen = new Set<string>();
  for (const [index, commit] of log.entries()) {
    if (commit.position !== index + 1) findings.push(`gap: position ${commit.position} comes at place ${index + 1}`);
    const aggregate = `${commit.aggregate}.${commit.id}`;
    const next = (versions.get(aggregate) ?? 0) + 1;
    if (commit.firstVersion !== next)
      findings.push(`not linear: ${aggregate} goes on with version ${commit.firstVersion}, not ${next}`);
    versions.set(aggregate, commit.firstVersion + commit.events - 1);
    const key = keyOf(commit);
    if (seen.has(key)) findings.push(`doubled: ${key} at ${commit.position}`);
    seen.add(key);
  }
  return findings;
};

const findingsInAnswers = (told: ReadonlyArray<Told>, log: ReadonlyArray<Committed>): Array<string> => {
  const byKey = new Map(log.map((commit) => [keyOf(commit), commit]));
  return told.flatMap((one) => {
    const commit = byKey.get(keyOf(one));
    if (one.outcome === "refused") return commit === undefined ? [] : [`refused, and in the log: ${keyOf(one)}`];
    if (one.outcome === "unknown") return [];
    if (commit === undefined) return [`lost: ${keyOf(one)}, acknowledged at ${one.position}`];
    const version = commit.firstVersion + commit.events - 1;
    return commit.position === one.position && version === one.version
      ? []
      : [
          `otherwise: ${keyOf(one)} is at ${commit.position}, version ${version}; told was ${one.position}, ${one.version}`,
        ];
  });
};

/** What was answered before another command was given comes before it in the log. */
const findingsInTime = (told: ReadonlyArray<Told>): Array<string> => {
  const accepted = told.filter(({ outcome, position }) => outcome === "accepted" && position !== undefined);
  const byEnd = accepted.toSorted((left, right) => left.answeredAt - right.answeredAt);
  const byBegin = accepted.toSorted((left, right) => left.askedAt - right.askedAt);
  const findings: Array<string> = [];
  let newest = 0;
  let index = 0;
  for (const one of byBegin) {
    for (let before = byEnd[index]; before !== undefined && before.answeredAt < one.askedAt; before = byEnd[++index])
      newest = Math.max(newest, before.position ?? 0);
    if ((one.position ?? 0) < newest)
      findings.push(`out of time: ${keyOf(one)} at ${one.position}, given after ${newest} was acknowledged`);
  }
  return findings;
};

/**
 * Returns everything in which a log and the memory of those who wrote it do not fit: acknowledged commits that are lost or
 * doubled, histories that are not linear, answers that say otherwise than the log, order that time forbids, and reads that
 * do not have what the reader itself had written.
 */
export const findingsOf = (
  told: ReadonlyArray<Told>,
  rereads: ReadonlyArray<Reread>,
  log: ReadonlyArray<Committed>,
): ReadonlyArray<string> => [
  ...findingsInLog(log),
  ...findingsInAnswers(told, log),
  ...findingsInTime(told),
  ...rereads
    .filter(({ seen, written }) => seen < written)
    .map(({ id, seen, written }) => `stale: ${id} was read at version ${seen} after version ${written} was written`),
];

/** Returns everything in which the feed is not the events of the log, each once and in their order. */
export const findingsInFeed = (log: ReadonlyArray<Committed>, feed: ReadonlyArray<Fed>): ReadonlyArray<string> => {
  const events = log.flatMap(({ aggregate, id, firstVersion, events: count, position }) =>
    Array.from({ length: count }, (_, index) => ({ eventId: `${aggregate}.${id}.${firstVersion + index}`, position })),
  );
  const textOf = (fed: Fed | undefined) => (fed === undefined ? "nothing" : `${fed.eventId} of ${fed.position}`);
  const place = Array.from({ length: Math.max(events.length, feed.length) }, (_, index) => index).find(
    (index) => textOf(events[index]) !== textOf(feed[index]),
  );
  return place === undefined
    ? []
    : [`not the feed: at ${place + 1} is ${textOf(feed[place])}, the log has ${textOf(events[place])}`];
};

/** Returns the documents of views that are not what the log comes to. */
export const findingsInViews = (log: ReadonlyArray<Committed>, views: ReadonlyArray<Viewed>): ReadonlyArray<string> => {
  const versions = new Map(
    log.map(({ aggregate, id, firstVersion, events }) => [`${aggregate}.${id}`, firstVersion + events - 1]),
  );
  return views.flatMap(({ aggregate, id, version }) => {
    const last = versions.get(`${aggregate}.${id}`) ?? 0;
    return version === last
      ? []
      : [`not the view: ${aggregate}.${id} is shown at version ${version}, the log has ${last}`];
  });
};
