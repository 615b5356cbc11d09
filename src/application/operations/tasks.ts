import { Effect, Option, Schema } from "effect";
import { Capabilities, DetailsByCapability } from "../../domain/agent/capability.ts";
import { PresenceStatus } from "../../domain/agent/presence.ts";
import { Priority } from "../../domain/task/contract.ts";
import { type Candidate, usesOf } from "../../domain/task/eligibility.ts";
import { inQueueOrder } from "../../domain/task/queue-order.ts";
import { waitsFor } from "../../domain/task/waits-for.ts";
import { notFound } from "../command-error.ts";
import { operation } from "../queries.ts";
import { ReadModels } from "../read-models.ts";

/** What is needed here of the documents of tasks that wait. */
const WaitingTask = Schema.Struct({
  id: Schema.String,
  status: Schema.Literal("submitted"),
  type: Schema.String,
  priority: Priority,
  submitted: Schema.Int,
  since: Schema.String,
  requiredCapabilities: Capabilities,
  to: Schema.optionalKey(Schema.String),
  chain: Schema.optionalKey(Schema.Array(Schema.String)),
});
type WaitingTask = typeof WaitingTask.Type;

/** What is needed here of the documents of agents. */
const KnownAgent = Schema.Struct({
  id: Schema.String,
  registered: Schema.Boolean,
  status: PresenceStatus,
  capabilities: Capabilities,
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: Schema.Int,
  activeTasks: Schema.Array(Schema.String),
});
const HeldTask = Schema.Struct({ requiredCapabilities: Capabilities });
const decodeHeld = Schema.decodeUnknownOption(HeldTask);
const decodeTask = Schema.decodeUnknownOption(WaitingTask);
const decodeAgent = Schema.decodeUnknownOption(KnownAgent);

type Documents = ReadonlyMap<string, Schema.Json>;

const candidates = Effect.fnUntraced(function* (tasks: Documents) {
  const { documents } = yield* (yield* ReadModels).documents("agents");
  return [...documents.values()].flatMap((document): ReadonlyArray<Candidate> => {
    const agent = Option.getOrUndefined(decodeAgent(document));
    if (agent === undefined) return [];
    const { activeTasks, capabilityDetails } = agent;
    // Only limits of capabilities ask for more than their number.
    const counted = capabilityDetails === undefined ? [] : activeTasks;
    const held = counted.flatMap((id) => Option.toArray(decodeHeld(tasks.get(id))));
    return [{ ...agent, load: activeTasks.length, uses: usesOf(held) }];
  });
});

const isWaiting = (document: Schema.Json): boolean =>
  document !== null && typeof document === "object" && "status" in document && document.status === "submitted";

const queueOf = (tasks: Documents): ReadonlyArray<WaitingTask> =>
  [...tasks.values()]
    .filter(isWaiting)
    .flatMap((document) => Option.toArray(decodeTask(document)))
    .sort(inQueueOrder);

/** Where a task is in the queue (from 1), and what it waits for. */
const place = (task: WaitingTask, index: number, agents: ReadonlyArray<Candidate>) => ({
  place: index + 1,
  waitsFor: waitsFor(task, agents),
});

const queue = operation({
  input: Schema.Struct({
    limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(100)),
    ),
  }),
  description: "The tasks that wait for an agent, the next one first, and what each waits for",
  answer: Effect.fnUntraced(function* ({ limit }: { readonly limit: number }, tasks) {
    const agents = yield* candidates(tasks);
    const waiting = queueOf(tasks);
    const items = waiting.slice(0, limit).map((task, index) => {
      const { id, type, priority, since, requiredCapabilities } = task;
      return { ...place(task, index, agents), id, type, priority, since, requiredCapabilities };
    });
    return { waiting: waiting.length, items };
  }),
});

const get = operation({
  input: Schema.Struct({ id: Schema.String }),
  description: "The document of one tasks entry; of one that waits, also `queue: {place, waitsFor}`",
  answer: Effect.fnUntraced(function* ({ id }: { readonly id: string }, tasks) {
    const document = tasks.get(id);
    if (document === undefined || document === null || typeof document !== "object" || Array.isArray(document))
      return yield* notFound("task", id);
    const waiting = Option.getOrUndefined(decodeTask(document));
    if (waiting === undefined) return document;
    const ahead = queueOf(tasks).filter((other) => inQueueOrder(other, waiting) < 0).length;
    return { ...document, queue: place(waiting, ahead, yield* candidates(tasks)) };
  }),
});

/** What can be asked about tasks besides the documents of the view. */
export const taskOperations = { get, queue };
