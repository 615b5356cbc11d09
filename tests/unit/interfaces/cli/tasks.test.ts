import { expect, test } from "@jest/globals";
import type { TaskDocument } from "../../../../src/contract/views/tasks.ts";
import { cellsOf } from "../../../../src/interfaces/cli/listing.ts";
import { taskListing } from "../../../../src/interfaces/cli/tasks.ts";

const task: TaskDocument = {
  id: "t",
  version: 1,
  position: 1,
  type: "dig",
  status: "submitted",
  priority: "high",
  requiredCapabilities: [],
  preferredCapabilities: [],
  strategy: "capability-match",
  attempt: 1,
  maxAttempts: 3,
  attempts: [],
  openChildren: [],
  submittedBy: "ann",
  submittedAt: "2026-01-01T00:00:00.000Z",
  submitted: 1,
  since: "now",
  updatedAt: "2026-01-01T00:00:00.000Z",
};
const cells = (item: Parameters<typeof taskListing.row>[0]) => cellsOf(taskListing, item);
const row = (...rest: ReadonlyArray<string>) => ["t", "dig", ...rest];

test("a task that waits says where, and for whom", () => {
  const queue = { place: 2, waitsFor: "full: ann (1 of 1)" };
  expect(cells({ ...task, status: "submitted", queue })).toEqual(
    row("submitted", "high", "", "1 of 3", "now", "2. in the queue; full: ann (1 of 1)"),
  );
});

test("one that is worked on says how far it is, or which children it waits for", () => {
  const progress = { percent: 40, message: "halfway", at: "2026-01-01T00:00:00.000Z" };
  const working: TaskDocument = { ...task, status: "in-progress", agent: "ann", progress };
  expect(cells(working).at(-1)).toBe("40 % halfway");
  const children: TaskDocument["children"] = [
    { id: "t-1", type: "dig", status: "completed" },
    { id: "t-2", type: "dig", status: "assigned" },
  ];
  expect(cells({ ...working, children }).at(-1)).toBe("waits for t-2");
});

test("one that failed says why", () => {
  expect(cells({ ...task, status: "failed", failure: { reason: "deadline-exceeded" } }).at(-1)).toBe(
    "deadline-exceeded",
  );
});
