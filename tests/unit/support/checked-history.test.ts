import { describe, expect, test } from "@jest/globals";
import {
  type Committed,
  findingsInFeed,
  findingsInViews,
  findingsOf,
  type Told,
} from "../../../benchmarks/support/checked-history.ts";

const commit = (position: number, id: string, firstVersion: number, commandId: string): Committed => ({
  position,
  aggregate: "graph",
  id,
  firstVersion,
  events: 1,
  commandId,
});
const log = [commit(1, "a", 1, "c1"), commit(2, "b", 1, "c2"), commit(3, "a", 2, "c3")];
const told = (position: number, id: string, version: number, commandId: string): Told => ({
  aggregate: "graph",
  id,
  commandId,
  outcome: "accepted",
  position,
  version,
  askedAt: position * 10,
  answeredAt: position * 10 + 5,
});
const answers = [told(1, "a", 1, "c1"), told(2, "b", 1, "c2"), told(3, "a", 2, "c3")];
const refused: Told = { aggregate: "graph", id: "a", commandId: "c9", outcome: "refused", askedAt: 1, answeredAt: 2 };

describe("the checker of a log and of those who wrote it", () => {
  test("finds nothing in what fits", () => {
    const unknown: Told = { ...refused, commandId: "c8", outcome: "unknown" };
    expect(findingsOf([...answers, refused, unknown], [{ id: "a", written: 2, seen: 2 }], log)).toEqual([]);
  });

  test.each<[string, Parameters<typeof findingsOf>]>([
    ["lost", [answers, [], log.slice(0, 2)]],
    ["doubled", [answers, [], [...log, commit(4, "a", 3, "c3")]]],
    ["gap", [answers.slice(0, 2), [], [...log.slice(0, 2), commit(4, "a", 2, "c3")]]],
    ["not linear", [answers.slice(0, 2), [], [...log.slice(0, 2), commit(3, "a", 3, "c3")]]],
    ["refused, and in the log", [[...answers, { ...refused, commandId: "c3" }], [], log]],
    ["otherwise", [[told(2, "a", 1, "c1")], [], log]],
    ["out of time", [[...answers.slice(1), { ...told(1, "a", 1, "c1"), askedAt: 90, answeredAt: 95 }], [], log]],
    ["stale", [answers, [{ id: "a", written: 2, seen: 1 }], log]],
  ])("finds what is %s", (fault, [memory, rereads, committed]) => {
    const findings = findingsOf(memory, rereads, committed);
    expect(findings.some((finding) => finding.startsWith(fault))).toBe(true);
  });

  const feed = [
    { eventId: "graph.a.1", position: 1 },
    { eventId: "graph.b.1", position: 2 },
    { eventId: "graph.a.2", position: 3 },
  ];
  const [first, second, third] = feed;
  if (first === undefined || second === undefined || third === undefined) throw new Error("there are three");
  const two: Committed = { ...commit(3, "a", 2, "c3"), events: 2 };

  test("finds nothing in a feed and in views that are of the log", () => {
    expect(findingsInFeed(log, feed)).toEqual([]);
    expect(findingsInFeed([...log.slice(0, 2), two], [...feed, { eventId: "graph.a.3", position: 3 }])).toEqual([]);
    expect(findingsInViews(log, [{ aggregate: "graph", id: "a", version: 2 }])).toEqual([]);
  });

  test.each([
    ["lacks an event", [first, third]],
    ["lacks the end", [first, second]],
    ["has an event twice", [first, second, second, third]],
    ["has a stranger", [...feed, { eventId: "", position: Number.NaN }]],
    ["has another order", [second, first, third]],
  ])("finds a feed that %s", (_, fed) => {
    expect(findingsInFeed(log, fed)).toEqual([expect.stringMatching(/^not the feed: /)]);
  });

  test.each([1, 3])("finds a view that shows version %i of 2", (version) => {
    const shown = [{ aggregate: "graph", id: "a", version }];
    expect(findingsInViews(log, shown)).toEqual([expect.stringMatching(/^not the view: /)]);
  });
});
