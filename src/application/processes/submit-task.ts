import type { CommandOf } from "../../domain/kernel/mod.ts";
import type { Priority } from "../../domain/task/contract.ts";
import { task } from "../../domain/task/decider.ts";
import type { Action } from "../action.ts";
import { give } from "./give.ts";

/** An agent that does not take its task at once is not there: another one is asked soon. */
const acknowledgeWithinSeconds = 5;
const maxAttempts = 5;

/** A task as the backend itself asks for it: of an agent with one capability. */
export interface Work {
  readonly type: string;
  readonly capability: string;
  readonly payload: object;
  /** `high` by default. */
  readonly priority?: Priority;
}

/** The command that submits it. */
export const submission = ({ type, capability, payload, priority = "high" }: Work) =>
  ({
    type: "submit",
    payload: {
      type,
      requiredCapabilities: [capability],
      preferredCapabilities: [],
      priority,
      payload: { ...payload },
      acknowledgeWithinSeconds,
      maxAttempts,
    },
  }) satisfies CommandOf<typeof task.commands>;

/** The action that submits it under an id. */
export const submitTask = (id: string, work: Work): Action => give(task, id, submission(work), `${id}.submit`);
