import { createHash } from "node:crypto";
import { Array as Arr, Effect, Layer, Option, Result, Stream } from "effect";
import { sealOf } from "../../src/application/new-commit.ts";
import {
  type Commit,
  Digests,
  type LogMessage,
  type NewCommit,
  type Snapshot,
  Snapshots,
  type StoredEvent,
} from "../../src/application/ports/mod.ts";
import { atOnce, defined } from "../../src/domain/kernel/mod.ts";

const sha256 = (text: string): string => `sha256-${createHash("sha256").update(text).digest("hex")}`;

/** Digests without content ids: for tests that are not about them. */
const plain: Digests["Service"] = {
  *cid(link) {
    return sha256(JSON.stringify(link));
  },
  sha256,
  verify: () => false,
};
export const plainDigests = Layer.succeed(Digests, plain);

/** A commit as another backend would have written it after the one before, with plain digests. */
export const fitting = (commit: NewCommit, before?: NewCommit): NewCommit => {
  const version = before === undefined ? 0 : before.firstVersion + before.events.length - 1;
  let previous = before?.events.at(-1)?.cid ?? null;
  const link = ({ type, schemaVersion, data }: StoredEvent, index: number): StoredEvent => {
    previous = atOnce(plain.cid({ content: { type, schemaVersion, data }, previous, sequence: version + index + 1 }));
    return { type, schemaVersion, data, cid: previous };
  };
  const { seal: _, previousCid: __, ...rest } = commit;
  const unsealed: NewCommit = {
    ...rest,
    firstVersion: version + 1,
    ...defined({ previousCid: previous ?? undefined }),
    events: Arr.map(commit.events, link),
  };
  return { ...unsealed, seal: sealOf(unsealed, sha256) };
};

/** Snapshots that a test can look at. */
export const inspectableSnapshots = (kept: Map<string, Snapshot>) =>
  Layer.succeed(Snapshots, {
    load: (aggregate, id) => Effect.sync(() => Option.fromUndefinedOr(kept.get(`${aggregate}.${id}`))),
    save: (aggregate, id, snapshot) => Effect.sync(() => void kept.set(`${aggregate}.${id}`, snapshot)),
  });

/** A log that has these commits. */
export const logOf = (commits: ReadonlyArray<Commit>): Stream.Stream<LogMessage> =>
  Stream.fromIterable(commits.map((commit) => ({ kind: "commit", commit })));

/** The commits among the messages of a log. */
export const commitsIn = <E>(log: Stream.Stream<LogMessage, E>): Stream.Stream<Commit, E> =>
  Stream.filterMap(log, (message) => (message.kind === "commit" ? Result.succeed(message.commit) : Result.failVoid));
