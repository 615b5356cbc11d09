/*
 * Loaded into a backend before anything else (`node --import`): a version of the backend that is newer than this one. It
 * writes `task-submitted` in the next schema version.
 */
import { task } from "../../src/domain/task/decider.ts";

const submitted = task.events["task-submitted"];
Object.assign(submitted, {
  version: submitted.version + 1,
  upcasters: { [submitted.version]: (data: unknown) => data },
});
