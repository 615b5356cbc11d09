import { expect, test } from "@jest/globals";
import { dialog } from "../../../src/domain/dialog/decider.ts";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { contexts } from "../../../src/projections/contexts.ts";
import { dialogs } from "../../../src/projections/dialogs.ts";
import { makeLog, timeAt } from "./log.ts";

type Event = EventOf<typeof dialog.events>;

const opened: Event & { type: "dialog-opened" } = {
  type: "dialog-opened",
  data: { type: "group", topic: "web", participants: ["alice", "bob"], routing: "broadcast", openedBy: "alice" },
};
const said = (turn: number): Event & { type: "turn-said" } => ({
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
    routing: "broadcast",
    merge: "newest",
    answerWithinSeconds: 30,
    maxTurns: 10_000,
    maxHops: 25,
    turnsBefore: 0,
    hops: [0],
    participants: ["alice", "carol"],
    members: [{ id: "alice" }, { id: "carol" }],
    left: [],
    served: {},
    handOffs: 0,
    awaited: [],
    context: {},
    participantContext: {},
    turnCount: 1,
    turns: [{ turn: 1, speaker: "alice", text: "turn 1", recipients: ["bob"], routedBy: "broadcast", at: timeAt(4) }],
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

test("it shows who has the word, who was asked, and what was set", () => {
  const document = documentAfter(
    { type: "dialog-opened", data: { ...opened.data, routing: "priority", preferences: [{ id: "bob", priority: 2 }] } },
    {
      type: "turn-said",
      data: { ...said(1).data, routedBy: "priority", answerBy: "2026-01-01T00:01:00.000Z" },
    },
    {
      type: "turn-passed-on",
      data: {
        turn: 1,
        from: "bob",
        to: "carol",
        because: "silence",
        reasons: [],
        answerBy: "2026-01-01T00:02:00.000Z",
      },
    },
    { type: "hand-off-offered", data: { handOff: 1, from: "alice", to: "bob", context: { ticket: 7 } } },
    { type: "hand-off-accepted", data: { handOff: 1, from: "alice", to: "bob", context: { ticket: 7 } } },
    { type: "context-set", data: { scope: "dialog", values: { ip: "10.0.0.1" }, merge: "newest", by: "alice" } },
    { type: "dialog-paused", data: { by: "alice" } },
  );
  expect(document).toMatchObject({
    status: "paused",
    speaker: "bob",
    members: [{ id: "alice" }, { id: "bob", priority: 2 }],
    awaited: [{ turn: 1, asked: ["bob", "carol"] }],
    turns: [{ turn: 1, recipients: ["bob", "carol"], answerBy: "2026-01-01T00:02:00.000Z" }],
    context: { ip: { value: "10.0.0.1", by: "alice", order: 6 } },
    participantContext: { bob: { ticket: { value: 7, by: "alice", order: 5 } } },
  });
  expect(document).not.toHaveProperty("handOff");
});

test("what dialogs share is kept by topic, and for all", () => {
  const log = makeLog();
  const set = (scope: "topic" | "global", value: number): Event => ({
    type: "context-set",
    data: {
      scope,
      values: { value },
      merge: "newest",
      by: "alice",
      ...(scope === "topic" ? { topic: "web shop" } : {}),
    },
  });
  log.commit(dialog, "d1", [opened]);
  log.commit(dialog, "d1", [set("topic", 1)]);
  log.commit(dialog, "d2", [set("topic", 2)]);
  log.commit(dialog, "d1", [set("global", 3)]);
  const documents = log.documents(contexts);
  expect(documents.get("topic=web=20shop")).toMatchObject({
    topic: "web shop",
    entries: { value: { value: 2, order: 3 } },
  });
  expect(documents.get("global")).toMatchObject({ version: 1, entries: { value: { value: 3 } } });
});

test("it is closed in the end", () => {
  expect(documentAfter(opened, { type: "dialog-closed", data: { by: "alice" } })?.status).toBe("closed");
});

test("a turn that waits for an answer shows the time that it has again after a pause", () => {
  const [before, after] = ["2026-01-01T00:01:00.000Z", "2026-01-01T00:09:00.000Z"];
  const document = documentAfter(
    { type: "dialog-opened", data: { ...opened.data, routing: "priority" } },
    { type: "turn-said", data: { ...said(1).data, recipients: ["bob"], routedBy: "priority", answerBy: before } },
    { type: "dialog-paused", data: { by: "alice" } },
    { type: "dialog-resumed", data: { by: "alice", answerBy: after } },
  );
  expect(document).toMatchObject({ awaited: [{ turn: 1, answerBy: after }], turns: [{ answerBy: after }] });
});
