import { Effect } from "effect";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import type { KnownToTasks } from "../../domain/task/contract.ts";
import type { task } from "../../domain/task/decider.ts";
import type { TaskState } from "../../domain/task/state.ts";
import { ReadModels } from "../read-models.ts";

/**
 * Returns the registered instance of an agent. If it is not the expected one, the view may be behind, so this waits
 * until the view is complete.
 */
const instanceOf = Effect.fnUntraced(function* (agent: string, expected: string) {
  const models = yield* ReadModels;
  const { documents } = yield* models.documents("agents");
  const instance = documents.get(agent)?.instance;
  const known: KnownToTasks =
    instance === expected
      ? { instance }
      : defined({ instance: (yield* models.upToDate("agents")).get(agent)?.instance });
  return known;
});

/** Returns the knowledge for answers of an agent that name its instance. */
export const lookUpForTask = ({ payload }: CommandOf<typeof task.commands>, _id: string, state: TaskState) =>
  "instance" in payload && payload.instance !== undefined && state?.agent !== undefined
    ? instanceOf(state.agent, payload.instance)
    : undefined;
