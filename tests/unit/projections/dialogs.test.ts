import { expect, test } from "@jest/globals";
import { dialog } from "../../../src/domain/dialog/decider.ts";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { dialogs } from "../../../src/projections/dialogs.ts";
import { makeLog, timeAt } from "./log.ts";

type Event = EventOf<typeof dialog.events>;

const opened: Event = {
  type: "dialog-opened",
  data: { type: "group", topic: "web", participants: ["alice", "bob"], routing: "broadcast", openedBy: "alice" },
};
const said = (turn: number): Event => ({
  type: "turn-said",
  data: { turn, speaker: "alice", text: `turn ${turn}`, recipients: ["bob"], routedBy: "broadcast" },
});

const documentAfter = (...events: ReadonlyArray<Event>) => {
  const log = makeLog();
  for (const event of events) log.commit(dialog, "d1", [event]);
  return log.documents(dialogs).get("d1");
};

test("a dialog shows who takes part and what was said", () => {
  expect(
    documentAfter(
      opened,
      { type: "participant-joined", data: { participant: "carol" } },
      { type: "participant-left", data: { participant: "bob" } },
      said(1),
    ),
  ).toEqual({
    id: "d1",
    type: "group",
    topic: "web",
    status: "open",
    participants: ["alice", "carol"],
    turnCount: 1,
    turns: [{ turn: 1, speaker: "alice", text: "turn 1", recipients: ["bob"], at: timeAt(4) }],
    openedBy: "alice",
    openedAt: timeAt(1),
    updatedAt: timeAt(4),
    version: 4,
    position: 4,
  });
});

test("it keeps the newest hundred turns and counts them all", () => {
  const document = documentAfter(opened, ...Array.from({ length: 103 }, (_, index) => said(index + 1)));
  expect(document?.turnCount).toBe(103);
  expect(document?.turns.map(({ turn }) => turn)).toEqual(Array.from({ length: 100 }, (_, index) => index + 4));
});

test("it is closed in the end", () => {
  expect(documentAfter(opened, { type: "dialog-closed", data: { by: "alice" } })?.status).toBe("closed");
});
