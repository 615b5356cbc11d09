import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { dialog } from "../../../../src/domain/dialog/decider.ts";
import type { EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof dialog.events>;

const { given } = specification(dialog, { principal: "alice", known: undefined });

const about = { topic: "web-shop", routing: "broadcast" } as const;
const open = (participants: ReadonlyArray<string>, type: "group" | "direct" = "group") =>
  ({ type: "open", payload: { ...about, type, participants } }) as const;
const opened = (participants: ReadonlyArray<string>, type: "group" | "direct" = "group"): Event => ({
  type: "dialog-opened",
  data: { ...about, type, participants, openedBy: "alice" },
});
const group = [opened(["alice", "bob", "carol"])];
const closed: Event = { type: "dialog-closed", data: { by: "alice" } };
const join = { type: "join", payload: {} } as const;
const leave = { type: "leave", payload: {} } as const;
const close = { type: "close", payload: {} } as const;
const say = (to?: string | readonly [string, ...Array<string>]) =>
  ({ type: "say", payload: to === undefined ? { text: "hello" } : { text: "hello", to } }) as const;
const said = (turn: number, recipients: ReadonlyArray<string>, routedBy: "broadcast" | "addressed"): Event => ({
  type: "turn-said",
  data: { turn, speaker: "alice", text: "hello", recipients, routedBy, reasons: [reasons[routedBy]] },
});
const reasons = { broadcast: "all other participants", addressed: "the turn names them" };

describe("opening", () => {
  test("who opens takes part, and nobody twice", () => {
    expect(given([]).when(open(["bob", "carol", "bob"]))).toEqual(Result.succeed(group));
    expect(given([]).when(open(["bob", "alice"], "direct"))).toEqual(
      Result.succeed([opened(["alice", "bob"], "direct")]),
    );
  });
  test("a direct dialog needs exactly two", () => {
    expect(given([]).refuses(open([], "direct"))).toBe("direct-needs-two");
    expect(given([]).refuses(open(["alice"], "direct"))).toBe("direct-needs-two");
    expect(given([]).refuses(open(["bob", "carol"], "direct"))).toBe("direct-needs-two");
  });
  test("under an id that is taken is refused", () => {
    expect(given(group).refuses(open(["bob"]))).toBe("already-exists");
  });
});

describe("taking part", () => {
  test("anyone may join, once", () => {
    expect(given(group).when(join, { principal: "dave" })).toEqual(
      Result.succeed([{ type: "participant-joined", data: { participant: "dave" } }]),
    );
    expect(given(group).when(join)).toEqual(Result.succeed([]));
  });
  test("who leaves is no participant any more", () => {
    const left: Event = { type: "participant-left", data: { participant: "alice" } };
    expect(given(group).when(leave)).toEqual(Result.succeed([left]));
    expect(given([...group, left]).refuses(leave)).toBe("not-a-participant");
  });
  test("a direct dialog keeps its two", () => {
    const direct = [opened(["alice", "bob"], "direct")];
    expect(given(direct).refuses(join, { principal: "carol" })).toBe("direct-needs-two");
    expect(given(direct).refuses(leave)).toBe("direct-needs-two");
  });
});

describe("a turn", () => {
  test("goes to all other participants", () => {
    expect(given(group).when(say())).toEqual(Result.succeed([said(1, ["bob", "carol"], "broadcast")]));
  });
  test("follows who joined and left", () => {
    const history: ReadonlyArray<Event> = [
      ...group,
      { type: "participant-joined", data: { participant: "dave" } },
      { type: "participant-left", data: { participant: "bob" } },
    ];
    expect(given(history).when(say())).toEqual(Result.succeed([said(1, ["carol", "dave"], "broadcast")]));
  });
  test("goes to those it names, each once", () => {
    expect(given(group).when(say("carol"))).toEqual(Result.succeed([said(1, ["carol"], "addressed")]));
    expect(given(group).when(say(["carol", "bob", "carol"]))).toEqual(
      Result.succeed([said(1, ["carol", "bob"], "addressed")]),
    );
  });
  test("counts from 1", () => {
    expect(given([...group, said(1, ["bob"], "addressed")]).when(say())).toEqual(
      Result.succeed([said(2, ["bob", "carol"], "broadcast")]),
    );
  });
  test("is refused from outside and to outside", () => {
    expect(given(group).refuses(say(), { principal: "dave" })).toBe("not-a-participant");
    expect(given(group).refuses(say(["bob", "dave"]))).toBe("unknown-recipient");
    expect(given(group).refuses(say(["bob", "alice"]))).toBe("own-recipient");
  });
  test("is refused to someone who left, and where nobody else takes part", () => {
    const left: Event = { type: "participant-left", data: { participant: "bob" } };
    expect(given([...group, left]).refuses(say("bob"))).toBe("unknown-recipient");
    expect(given([opened(["alice"])]).refuses(say())).toBe("nobody-to-hear");
  });
});

describe("closing", () => {
  test("ends the dialog", () => {
    expect(given(group).when(close)).toEqual(Result.succeed([closed]));
    for (const command of [join, leave, say(), close]) {
      expect(given([...group, closed]).refuses(command)).toBe("closed");
    }
  });
  test("is the participants'", () => {
    expect(given(group).refuses(close, { principal: "dave" })).toBe("not-a-participant");
  });
});

test("a dialog that was not opened is not found", () => {
  for (const command of [join, leave, say(), close]) expect(given([]).refuses(command)).toBe("not-found");
});
