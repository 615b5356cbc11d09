import { expect, test } from "@jest/globals";
import { needsOf, type Open } from "../../../../src/console/page/data/needs.ts";

const nothing: Open = {
  principal: "ann",
  roles: [],
  proposals: [],
  dialogs: [],
  reviews: [],
  hosts: [],
  queue: [],
  deployments: [],
  agents: [],
  parked: [],
  seen: [],
};

const at = (minute: number) => `2026-11-30T12:${String(minute).padStart(2, "0")}:00.000Z`;

const turn = (number: number, speaker: string, to: ReadonlyArray<string>, more: object = {}) => ({
  turn: number,
  speaker,
  text: "?",
  recipients: to,
  routedBy: "addressed" as const,
  at: at(number),
  ...more,
});

const dialog = (turns: ReadonlyArray<ReturnType<typeof turn>>, more: object = {}) =>
  ({ id: "d", topic: "t", awaited: [], turns, updatedAt: at(9), ...more }) as unknown as Open["dialogs"][number];

const keys = (open: Partial<Open>) => needsOf({ ...nothing, ...open }).map(({ key }) => key);

test("a question to one alone waits until one has spoken; an answer, and what all got, do not", () => {
  expect(keys({ dialogs: [dialog([turn(1, "bert", ["ann"])])] })).toEqual(["turn d 1"]);
  expect(keys({ dialogs: [dialog([turn(1, "bert", ["ann"]), turn(2, "ann", ["bert"])])] })).toEqual([]);
  expect(keys({ dialogs: [dialog([turn(1, "bert", ["ann"], { answers: 1 })])] })).toEqual([]);
  expect(keys({ dialogs: [dialog([turn(1, "bert", ["ann", "cleo"])])] })).toEqual([]);
});

test("what the system awaits is there once, with its deadline, and comes first", () => {
  const awaited = [{ turn: 1, speaker: "bert", asked: ["cleo", "ann"], answerBy: at(30) }];
  const found = needsOf({ ...nothing, dialogs: [dialog([turn(1, "bert", ["ann"])], { awaited })] });
  expect(found).toMatchObject([{ key: "turn d 1", until: at(30), isAwaited: true }]);
});

const deployment = (id: string, status: string, minute: number) =>
  ({ id, graph: "shop", status, requestedAt: at(minute), updatedAt: at(minute) }) as Open["deployments"][number];

test("a failure waits until the graph is deployed again; hosts that could not be put back always do", () => {
  expect(keys({ deployments: [deployment("one", "failed", 1)] })).toEqual(["failed one"]);
  expect(keys({ deployments: [deployment("two", "succeeded", 2), deployment("one", "failed", 1)] })).toEqual([]);
  expect(keys({ deployments: [deployment("two", "cancelled", 2), deployment("one", "rolled-back", 1)] })).toEqual([
    "failed one",
  ]);
  expect(
    keys({ deployments: [deployment("two", "succeeded", 2), deployment("one", "rollback-incomplete", 1)] }),
  ).toEqual(["failed one"]);
});

test("who broke the glass does not review it, and what one has put aside is gone", () => {
  const review = { deployment: "urgent", reason: "r", at: at(1) };
  expect(keys({ reviews: [{ ...review, by: "ann" }] })).toEqual([]);
  expect(keys({ reviews: [{ ...review, by: "bert" }] })).toEqual(["review urgent"]);
  expect(keys({ reviews: [{ ...review, by: "bert" }], seen: ["review urgent"] })).toEqual([]);
});
