import { Effect } from "effect";
import type { TaskDocument } from "../../contract/views/tasks.ts";
import { type Candidate, usesOf } from "../../domain/task/eligibility.ts";
import { inQueueOrder } from "../../domain/task/queue-order.ts";
import { waitsFor } from "../../domain/task/waits-for.ts";
import type { Documents } from "../live-view.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { getDocument, listDocuments } from "./documents.ts";

const candidates = Effect.fnUntraced(function* (tasks: Documents<TaskDocument>) {
  const { documents } = yield* (yield* ReadModels).documents("agents");
  return [...documents.values()].map((agent): Candidate => {
    const { activeTasks, capabilityDetails } = agent;
    // Only limits per capability need the tasks themselves; otherwise their number is enough.
    const counted = capabilityDetails === undefined ? [] : activeTasks;
    const held = counted.flatMap((id) => tasks.get(id) ?? []);
    return { ...agent, load: activeTasks.length, uses: usesOf(held) };
  });
});

const isWaiting = ({ status }: TaskDocument): boolean => status === "submitted";

const queueOf = (tasks: Documents<TaskDocument>): ReadonlyArray<TaskDocument> =>
  [...tasks.values()].filter(isWaiting).sort(inQueueOrder);

/** Returns the position of a task in the queue, from 1, and what it waits for. */
const place = (task: TaskDocument, index: number, agents: ReadonlyArray<Candidate>) => ({
  place: index + 1,
  waitsFor: waitsFor(task, agents),
});

/** The answers about tasks. */
export const taskAnswers = {
  get: Effect.fnUntraced(function* (input, tasks) {
    const document = yield* getDocument("task")(input, tasks);
    if (!isWaiting(document)) return document;
    const ahead = queueOf(tasks).filter((other) => inQueueOrder(other, document) < 0).length;
    return { ...document, queue: place(document, ahead, yield* candidates(tasks)) };
  }),
  list: listDocuments,
  queue: Effect.fnUntraced(function* ({ limit }, tasks) {
    const agents = yield* candidates(tasks);
    const waiting = queueOf(tasks);
    const items = waiting.slice(0, limit).map((task, index) => {
      const { id, type, priority, since, requiredCapabilities } = task;
      return { ...place(task, index, agents), id, type, priority, since, requiredCapabilities };
    });
    return { waiting: waiting.length, items };
  }),
} satisfies AnswersOf<"tasks", ReadModels>;
