import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { dialog } from "../../../../src/domain/dialog/decider.ts";
import type { EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof dialog.events>;

const { given, stateAfter } = specification(dialog, { principal: "alice", known: undefined });

const opened = (limits: { readonly maxTurns?: number; readonly maxHops?: number }): Event => ({
  type: "dialog-opened",
  data: {
    type: "group",
    topic: "web-shop",
    routing: "broadcast",
    participants: ["alice", "bob"],
    openedBy: "alice",
    ...limits,
  },
});
const say = (answers?: number) =>
  ({ type: "say", payload: answers === undefined ? { text: "hi" } : { text: "hi", answers } }) as const;

/** The events of turns that were said one after another, each answering the one that is given for it. */
const afterTurns = (history: ReadonlyArray<Event>, ...answers: ReadonlyArray<number | undefined>) =>
  answers.reduce(
    (before: ReadonlyArray<Event>, answered, index) =>
      before.concat(
        Result.getOrThrow(given(before).when(say(answered), { principal: index % 2 === 0 ? "alice" : "bob" })),
      ),
    history,
  );
const typesOf = (events: ReadonlyArray<Event>) => events.map(({ type }) => type);

describe("answers in a row", () => {
  test("a turn has one hop more than the turn it answers, and none if it answers nothing", () => {
    const turns = afterTurns([opened({})], undefined, 1, 2, undefined, 3, 1).filter(({ type }) => type === "turn-said");
    expect(turns.map(({ data }) => "hops" in data && data.hops)).toEqual([false, 1, 2, false, 3, 1]);
  });
  test("a turn that was not said cannot be answered", () => {
    expect(given(afterTurns([opened({})], undefined)).refuses(say(2))).toBe("unknown-turn");
  });
  test("are noticed once, and at twice as many the dialog is paused", () => {
    const history = afterTurns([opened({ maxHops: 2 })], undefined, 1, 2, 3, 4);
    expect(typesOf(history).slice(1)).toEqual([
      "turn-said",
      "turn-said",
      "turn-said",
      "loop-noticed",
      "turn-said",
      "turn-said",
      "dialog-paused",
    ]);
    expect(history.find(({ type }) => type === "loop-noticed")?.data).toEqual({ turn: 3, hops: 2, pausesAt: 4 });
    expect(history.at(-1)?.data).toMatchObject({ by: "cim", pausedFor: "loop" });
    expect(given(history).refuses(say())).toBe("paused");
  });
  test("count from nothing once the dialog is resumed", () => {
    const paused = afterTurns([opened({ maxHops: 1 })], undefined, 1, 2);
    const resumed: ReadonlyArray<Event> = [...paused, { type: "dialog-resumed", data: { by: "alice" } }];
    expect(typesOf(afterTurns(resumed, 3).slice(-2))).toEqual(["turn-said", "loop-noticed"]);
    expect(stateAfter(resumed)).toMatchObject({ status: "open", hops: [] });
  });
  test("end after a bounded number of turns whatever each turn answers, as long as it answers one of the newest", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 }), (ages) => {
        let history = afterTurns([opened({ maxHops: 5 })], undefined);
        for (const age of ages) {
          const { status, turns } = stateAfter(history) ?? { status: "closed", turns: 0 };
          if (status === "paused") return;
          history = afterTurns(history, Math.max(1, turns - age));
        }
        expect(stateAfter(history)?.status).toBe("paused");
      }),
    );
  });
});

describe("the turns of a dialog", () => {
  test("pause it when it has had them all, offers of the word included", () => {
    const two = afterTurns([opened({ maxTurns: 3 })], undefined, undefined);
    const offered = Result.getOrThrow(given(two).when({ type: "hand-off", payload: { to: "bob" } }));
    expect(typesOf(offered)).toEqual(["hand-off-offered", "dialog-paused"]);
    expect(offered.at(-1)?.data).toMatchObject({ by: "cim", pausedFor: "max-turns" });
    const resumed: ReadonlyArray<Event> = [...two, ...offered, { type: "dialog-resumed", data: { by: "alice" } }];
    expect(typesOf(afterTurns(resumed, undefined, undefined).slice(-2))).toEqual(["turn-said", "turn-said"]);
    expect(typesOf(afterTurns(resumed, undefined, undefined, undefined)).at(-1)).toBe("dialog-paused");
  });
});

test("what the system paused is resumed by somebody who does not take part; another pause is not", () => {
  const paused = afterTurns([opened({ maxHops: 1 })], undefined, 1, 2);
  const resume = { type: "resume", payload: {} } as const;
  expect(Result.isSuccess(given(paused).when(resume, { principal: "olga" }))).toBe(true);
  const byAlice: Event = { type: "dialog-paused", data: { by: "alice" } };
  expect(given([opened({}), byAlice]).refuses(resume, { principal: "olga" })).toBe("not-a-participant");
  const holds = (events: ReadonlyArray<Event>) =>
    dialog.relations?.["paused-by-system"]?.(stateAfter(events), { id: "d", principal: "olga", command: resume });
  expect([holds(paused), holds([opened({}), byAlice])]).toEqual([true, false]);
});
