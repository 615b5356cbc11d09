import { expect, test } from "@jest/globals";
import { error, warning } from "../../../../../src/domain/graph/problem.ts";
import { problemLines } from "../../../../../src/interfaces/cli/graph/problem-lines.ts";

const unchecked = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    warning("no-health-check", { nodes: [`s-${index}`] }, `service \`s-${index}\`: it has no health check`),
  );

test("a few warnings of one kind have a line each, and each error has one", () => {
  const errors = Array.from({ length: 9 }, (_, index) => error("cycle", {}, `cycle ${index}`));
  expect(problemLines([...unchecked(5), ...errors])).toEqual([
    ...unchecked(5).map(({ message }) => `warning no-health-check: ${message}`),
    ...errors.map(({ message }) => `error cycle: ${message}`),
  ]);
});

test("twenty thousand warnings of one kind are one line, which counts them", () => {
  expect(problemLines(unchecked(20_000))).toEqual([
    "warning no-health-check: service `s-0`: it has no health check; the same of s-1, s-2, s-3, s-4, s-5, s-6, s-7, s-8, 19,991 more",
  ]);
  expect(problemLines(unchecked(6))).toEqual([
    "warning no-health-check: service `s-0`: it has no health check; the same of s-1, s-2, s-3, s-4, s-5",
  ]);
});
