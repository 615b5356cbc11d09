import { Effect, Result, type Schema } from "effect";
import { type Aggregate, aggregateOf } from "../../src/application/aggregate.ts";
import { storeSnapshot } from "../../src/application/epoch-snapshots.ts";
import { empty } from "../../src/application/history.ts";
import { KnowledgeSpace } from "../../src/application/knowledge-space.ts";
import { newCommit } from "../../src/application/new-commit.ts";
import { knowledgeEpochs } from "../../src/application/processes/knowledge-epochs.ts";
import { recordedEvents } from "../../src/application/recorded-events.ts";
import { atOnce, type CommandOf } from "../../src/domain/kernel/mod.ts";
import { knowledge } from "../../src/domain/knowledge/decider.ts";
import type { SpaceState } from "../../src/domain/knowledge/state.ts";
import { digests } from "../../src/infrastructure/digests.ts";
import { textIndex } from "../../src/infrastructure/minisearch/text-index.ts";
import { NatsConnection } from "../../src/infrastructure/nats/connection.ts";
import { encodeCommit } from "../../src/infrastructure/nats/event-store/commits.ts";
import { instantOf, said, sha256 } from "./facts.ts";

const inFlight = 500;
const publishTimeoutMs = 60_000;
const aggregate: Aggregate<unknown> = aggregateOf(knowledge);

/**
 * Writes a space of this number of facts into an empty log, event by event as a backend decides and writes them, with
 * an epoch and its snapshot whenever one is due. It does not wait for a commit before the next, and nothing reads the
 * log at the same time, because commands to a backend for each fact would take minutes. Returns the version of the
 * space.
 */
export const fillSpace = Effect.fnUntraced(function* (id: string, facts: number) {
  const { js, names } = yield* NatsConnection;
  const space = new KnowledgeSpace(textIndex());
  let state: SpaceState = knowledge.initial;
  let growth = knowledgeEpochs.initial;
  let loaded = empty(aggregate);
  const publishing: Array<Promise<void>> = [];

  const publish = async (position: number, data: Uint8Array) => {
    const { seq } = await js.publish(names.subjects.event(knowledge.name, id), data, { timeout: publishTimeoutMs });
    if (seq !== position) throw new Error(`the log has message ${seq} instead of ${position}: it was not empty`);
  };

  /** Writes the events of a command. Returns whether an epoch is due. */
  const give = (command: CommandOf<typeof knowledge.commands>, commandId: string, principal: string, time: string) => {
    const context = { aggregateId: id, commandId, principal, time };
    const decided = knowledge.decide(command, state, { ...context, known: { sha256, verify: () => false } });
    const [event] = Result.getOrElse(decided, () => []);
    if (event === undefined) throw new Error(`${commandId} was refused`);
    state = knowledge.evolve(state, event, { aggregateId: id, version: loaded.version + 1, actor: principal, time });
    const data: Schema.Json = JSON.parse(JSON.stringify(event.data));
    const commit = Effect.runSync(
      newCommit(
        { aggregate: knowledge.name, id, command: command.type, audience: "public", payload: {}, ...context },
        loaded,
        [{ type: event.type, schemaVersion: 1, data }],
        digests,
      ),
    );
    const position = commit.firstVersion;
    loaded = { ...loaded, version: position, lastCid: commit.events[0].cid };
    publishing.push(publish(position, atOnce(encodeCommit(commit))));
    return recordedEvents(aggregate, { ...commit, position }).some((recorded) => {
      space.take(recorded);
      growth = knowledgeEpochs.evolve(growth, recorded);
      return knowledgeEpochs.react(growth, recorded).length > 0;
    });
  };

  for (let index = 0; index < facts; index++) {
    const fact = { ...said(index), confidence: 1, source: `event ${index}` };
    const time = instantOf(index);
    if (give({ type: "assert-fact", payload: fact }, `fill-${index}`, "bench", time)) {
      const payload = { epoch: state.epoch + 1, snapshot: yield* storeSnapshot(space) };
      give({ type: "start-epoch", payload }, `epoch-${index}`, knowledgeEpochs.name, time);
    }
    // The oldest is answered first, and later ones go on being written.
    if (publishing.length > inFlight) yield* Effect.promise(async () => publishing.shift());
  }
  yield* Effect.promise(() => Promise.all(publishing));
  return loaded.version;
});
