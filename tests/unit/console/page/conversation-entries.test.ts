import { expect, test } from "@jest/globals";
import {
  arrowOf,
  askedWords,
  eventOf,
  findingsIn,
  sentenceOf,
} from "../../../../src/console/page/pages/conversation/entries.ts";

const turn = {
  turn: 3,
  speaker: "ann",
  text: "who can?",
  recipients: ["bert", "cleo"],
  routedBy: "capability",
  reasons: ["can review"],
} as const;

test("a turn says to whom it went and why, and is an arrow to each of them", () => {
  const event = eventOf({ event: "turn-said", data: turn });
  if (event?.type !== "turn-said") throw new Error("it is a turn");
  expect(askedWords(event.data)).toBe("to bert, cleo (by what they can do; can review)");
  expect(arrowOf(event)).toEqual({ from: "ann", to: ["bert", "cleo"], text: "#3 who can?", dashed: false });
  expect(askedWords({ ...event.data, recipients: [] })).toContain("to nobody");
});

test("what is no arrow is a sentence", () => {
  const event = eventOf({ event: "turn-unanswered", data: { turn: 2, asked: ["bert", "cleo"] } });
  expect(event && arrowOf(event)).toBeUndefined();
  expect(event && sentenceOf(event)).toBe("#2 got no answer from bert, cleo");
});

test("an entry of a newer kind, or with data that do not fit, is none that the page knows", () => {
  expect(eventOf({ event: "turn-painted", data: {} })).toBeUndefined();
  expect(eventOf({ event: "turn-said", data: { text: 7 } })).toBeUndefined();
  expect(eventOf({ event: "constructor", data: {} })).toBeUndefined();
});

test("findings come from the data of a reviewer's turn, and from nothing that only looks like it", () => {
  const finding = { rule: "r", severity: "warning", nodes: [], edges: [], message: "open" };
  expect(findingsIn({ data: { kind: "review", findings: [finding] } })).toEqual([finding]);
  expect(findingsIn({ data: { findings: [{ rule: 7 }] } })).toEqual([]);
  expect(findingsIn({})).toEqual([]);
});
