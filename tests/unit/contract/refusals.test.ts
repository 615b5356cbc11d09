import { expect, test } from "@jest/globals";
import { attemptCode, mergedRefusals, RefusalCounts } from "../../../src/contract/refusals.ts";

const attempt = { principal: "eve", what: "graph.archive", code: "unauthorized", message: "eve may not" };
const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);

test("the same attempt is one line with its count, its first and its last moment", () => {
  const counts = new RefusalCounts();
  expect(counts.all).toBeUndefined();
  counts.count(attempt, at(1));
  counts.count({ ...attempt, principal: "mallory" }, at(2));
  counts.count(attempt, at(3));
  expect(counts.all).toEqual({
    total: { unauthorized: 3 },
    newest: [
      { ...attempt, count: 2, first: "2026-01-01T00:00:01.000Z", last: "2026-01-01T00:00:03.000Z" },
      {
        ...attempt,
        principal: "mallory",
        count: 1,
        first: "2026-01-01T00:00:02.000Z",
        last: "2026-01-01T00:00:02.000Z",
      },
    ],
  });
});

test("whoever tries ever new things fills no memory, and stays counted", () => {
  const counts = new RefusalCounts();
  for (let index = 0; index < 10_000; index += 1)
    counts.count({ ...attempt, what: `${index}.`.padEnd(9_000, "x") }, at(index));
  expect(counts.all?.total).toEqual({ unauthorized: 10_000 });
  expect(JSON.stringify(counts.all).length).toBeLessThan(256 * 1024);
});

test("refusals of rights and shares are attempts, and those of rules are not", () => {
  expect(attemptCode("unauthorized", {})).toBe("unauthorized");
  expect(attemptCode("rejected", { reason: "rate-limited" })).toBe("rate-limited");
  expect(attemptCode("rejected", { reason: "proposal-closed" })).toBeUndefined();
  expect(attemptCode("not-found", undefined)).toBeUndefined();
});

test("what several backends counted is one list", () => {
  const [one, other] = [new RefusalCounts(), new RefusalCounts()];
  one.count(attempt, at(1));
  other.count(attempt, at(5));
  one.count({ ...attempt, principal: "mallory" }, at(3));
  const { total, newest } = mergedRefusals([one.all, other.all].flatMap((all) => all ?? []));
  expect(total).toEqual({ unauthorized: 3 });
  expect(
    newest.map(({ principal, count, first, last }) => [principal, count, Date.parse(first), Date.parse(last)]),
  ).toEqual([
    ["eve", 2, at(1), at(5)],
    ["mallory", 1, at(3), at(3)],
  ]);
});
