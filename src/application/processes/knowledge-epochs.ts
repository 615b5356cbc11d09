import { Effect, HashMap, Option, Schema } from "effect";
import { isEventOf, Name, type RecordedEvent } from "../../domain/kernel/mod.ts";
import { changeIn } from "../../domain/knowledge/contract.ts";
import { knowledge } from "../../domain/knowledge/decider.ts";
import type { Action } from "../action.ts";
import { storeSnapshot } from "../epoch-snapshots.ts";
import { unavailableLog } from "../history.ts";
import { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { Artifacts, Digests } from "../ports/mod.ts";
import type { ProcessManager } from "../process-manager.ts";
import { give } from "./actions.ts";

/** The least number of records between two epochs. A reader processes this many in under a second. */
const fewest = 5_000;
/** If a snapshot fails, it is tried again after this many more records. */
const again = 1_000;

interface Growth {
  readonly epoch: number;
  readonly records: number;
  readonly since: number;
}

type State = HashMap.HashMap<string, Growth>;

const young: Growth = { epoch: 1, records: 0, since: 0 };

const growthOf = (state: State, space: string): Growth => Option.getOrElse(HashMap.get(state, space), () => young);

const evolve = (state: State, event: RecordedEvent): State => {
  if (!isEventOf(knowledge, event)) return state;
  const growth = growthOf(state, event.id);
  if (event.type === "epoch-started")
    return HashMap.set(state, event.id, {
      ...growth,
      epoch: event.data.epoch,
      since: growth.records - event.data.snapshot.records,
    });
  if (changeIn(event) === undefined) return state;
  return HashMap.set(state, event.id, { ...growth, records: growth.records + 1, since: growth.since + 1 });
};

/**
 * Returns whether a space has grown enough for a new epoch. It must grow by a quarter, which keeps the total cost of
 * snapshots linear.
 */
const isDue = ({ records, since }: Growth): boolean => {
  const due = Math.max(fewest, Math.ceil((records - since) / 4));
  return since >= due && (since - due) % again === 0;
};

const Input = Schema.Struct({ space: Name, epoch: Schema.Int });
const decodeInput = Schema.decodeUnknownSync(Input);

const beginEpoch = Effect.fnUntraced(function* (input: Schema.Json) {
  const { space: id, epoch } = decodeInput(input);
  const space = yield* unavailableLog((yield* KnowledgeSpaces).read(id));
  const snapshot = yield* storeSnapshot(space);
  return [give(knowledge, id, { type: "start-epoch", payload: { epoch, snapshot } })];
});

/**
 * Starts new epochs of growing spaces: stores a snapshot in the object store, and continues with an empty document.
 * Without epochs, a new replica would have to read the whole history of a space.
 */
export const knowledgeEpochs: ProcessManager<State, KnowledgeSpaces | Artifacts | Digests> = {
  name: "knowledge-epochs",
  aggregates: [knowledge.name],
  initial: HashMap.empty(),
  evolve,
  react: (state, event): ReadonlyArray<Action> => {
    if (!isEventOf(knowledge, event) || changeIn(event) === undefined) return [];
    const growth = growthOf(state, event.id);
    return isDue(growth)
      ? [{ kind: "operation", operation: "begin-epoch", input: { space: event.id, epoch: growth.epoch + 1 } }]
      : [];
  },
  operations: { "begin-epoch": beginEpoch },
};
