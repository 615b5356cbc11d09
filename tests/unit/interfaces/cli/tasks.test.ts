import { expect, test } from "@jest/globals";
import { taskListing } from "../../../../src/interfaces/cli/tasks.ts";

const task = { id: "t", type: "dig", priority: "high", attempt: 1, maxAttempts: 3, since: "now" };
const row = (...rest: ReadonlyArray<string>) => ["t", "dig", ...rest];

test("a task that waits says where, and for whom", () => {
  const queue = { place: 2, waitsFor: "full: ann (1 of 1)" };
  expect(taskListing.row({ ...task, status: "submitted", queue })).toEqual(
    row("submitted", "high", "", "1 of 3", "now", "2. in the queue; full: ann (1 of 1)"),
  );
});

test("one that is worked on says how far it is, or which children it waits for", () => {
  const working = { ...task, status: "in-progress", agent: "ann", progress: { percent: 40, message: "halfway" } };
  expect(taskListing.row(working).at(-1)).toBe("40 % halfway");
  const children = [
    { id: "t-1", status: "completed" },
    { id: "t-2", status: "assigned" },
  ];
  expect(taskListing.row({ ...working, children }).at(-1)).toBe("waits for t-2");
});

test("one that failed says why", () => {
  expect(taskListing.row({ ...task, status: "failed", failure: { reason: "deadline-exceeded" } }).at(-1)).toBe(
    "deadline-exceeded",
  );
});
