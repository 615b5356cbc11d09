import { PinTask } from "../../contract/host-tasks.ts";
import type { LockReference } from "../../contract/hosts.ts";
import { pinRemedy } from "../../domain/deployment/open-inputs.ts";
import { messageOf } from "../kit/errors.ts";
import { type Json, reader } from "../kit/json.ts";
import { type TaskContext, TaskFailed } from "../kit/mod.ts";

const readPin = reader(PinTask, "the payload of a task pin");

/** Milliseconds in which all references must be known: without a network nix tries for minutes. */
const patience = 120_000;

/** Does the task `pin`: finds out what the inputs of a graph mean now. */
export const pin = async (
  { task, signal }: Pick<TaskContext, "task" | "signal">,
  lock: LockReference | undefined,
): Promise<Json> => {
  const { graph, inputs } = readPin(task.payload);
  const remedy = pinRemedy(graph, Object.keys(inputs));
  if (lock === undefined)
    throw new TaskFailed("inputs-not-pinned", { detail: `there is no nix where this deployer runs; ${remedy}` });
  const limit = AbortSignal.timeout(patience);
  const pins: Record<string, string> = {};
  for (const [name, reference] of Object.entries(inputs))
    try {
      pins[name] = await lock(reference, AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      const why = limit.aborted ? `nix did not say within ${patience / 1000} s what it is` : messageOf(error);
      throw new TaskFailed("inputs-not-pinned", { detail: `${name}: ${why}; ${remedy}` });
    }
  return { pins };
};
