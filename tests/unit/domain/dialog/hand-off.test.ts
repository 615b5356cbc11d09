import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import type { ContextValues, Merge } from "../../../../src/domain/dialog/context.ts";
import { dialog } from "../../../../src/domain/dialog/decider.ts";
import { nothingKnown } from "../../../../src/domain/dialog/routing.ts";
import type { EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof dialog.events>;

const { given, stateAfter } = specification(dialog, { principal: "alice", known: nothingKnown });

const opened: Event = {
  type: "dialog-opened",
  data: {
    type: "group",
    topic: "web",
    participants: ["alice", "bob", "carol"],
    routing: "round-robin",
    openedBy: "alice",
  },
};
const handOff = (to: string) => ({ type: "hand-off", payload: { to, context: { ticket: 7 } } }) as const;
const accept = (payload: { readonly handOff?: number } = {}) => ({ type: "accept-hand-off", payload }) as const;
const decline = { type: "decline-hand-off", payload: { reason: "busy" } } as const;
const say = { type: "say", payload: { text: "hi" } } as const;
const bob = { principal: "bob" };

const who = { handOff: 1, from: "alice", to: "bob" };
const offered: Event = { type: "hand-off-offered", data: { ...who, context: { ticket: 7 } } };
const accepted: Event = { type: "hand-off-accepted", data: { ...who, context: { ticket: 7 }, merge: "newest" } };
const declined: Event = { type: "hand-off-declined", data: { ...who, reason: "busy" } };
const paused: Event = { type: "dialog-paused", data: { by: "alice" } };

describe("a hand-off", () => {
  test("offers the word, with context, to another participant", () => {
    expect(given([opened]).when(handOff("bob"))).toEqual(Result.succeed([offered]));
    for (const to of ["alice", "dave"]) expect(given([opened]).refuses(handOff(to))).toBe("unknown-recipient");
  });
  test("is accepted by whom it was offered to, who has the word and the context then", () => {
    expect(given([opened, offered]).when(accept(), bob)).toEqual(Result.succeed([accepted]));
    expect(stateAfter([opened, offered, accepted])).toMatchObject({
      speaker: "bob",
      participantContext: { bob: { ticket: { value: 7, by: "alice" } } },
    });
  });
  test("is declined, and the word stays where it was", () => {
    expect(given([opened, offered]).when(decline, bob)).toEqual(Result.succeed([declined]));
    expect(stateAfter([opened, offered, declined])).not.toHaveProperty("speaker");
  });
  test("is answered once, by nobody else, and by its number", () => {
    expect(given([opened, offered]).refuses(accept(), { principal: "carol" })).toBe("no-hand-off");
    expect(given([opened, offered, accepted]).refuses(accept(), bob)).toBe("no-hand-off");
    expect(given([opened, offered]).refuses(accept({ handOff: 2 }), bob)).toBe("no-hand-off");
    expect(given([opened]).refuses(decline, bob)).toBe("no-hand-off");
  });
  test("is withdrawn for another one, which only who offered it can", () => {
    expect(given([opened, offered]).when(handOff("carol"))).toEqual(
      Result.succeed([
        { type: "hand-off-withdrawn", data: who },
        { type: "hand-off-offered", data: { handOff: 2, from: "alice", to: "carol", context: { ticket: 7 } } },
      ]),
    );
    expect(given([opened, offered]).refuses(handOff("carol"), bob)).toBe("hand-off-pending");
  });
  test("is for whoever has the word, once somebody has it", () => {
    expect(given([opened, offered, accepted]).refuses(handOff("carol"))).toBe("not-the-speaker");
    expect(given([opened, offered, accepted]).refuses(handOff("carol"), bob)).toBeUndefined();
  });
  test("ends with whoever leaves", () => {
    const left: Event = { type: "participant-left", data: { participant: "bob" } };
    expect(stateAfter([opened, offered, left])).not.toHaveProperty("handOff");
    expect(stateAfter([opened, offered, accepted, left])).toMatchObject({ participantContext: {} });
    expect(given([opened, offered, accepted, left]).refuses(handOff("carol"))).toBeUndefined();
  });
  test("that waits is declined by the receiver's leaving, and withdrawn by the other's, in the same commit", () => {
    const leave = { type: "leave", payload: {} } as const;
    const left = (participant: string): Event => ({ type: "participant-left", data: { participant } });
    expect(given([opened, offered]).when(leave, bob)).toEqual(
      Result.succeed([{ type: "hand-off-declined", data: { ...who, reason: "left" } }, left("bob")]),
    );
    expect(given([opened, offered]).when(leave)).toEqual(
      Result.succeed([{ type: "hand-off-withdrawn", data: who }, left("alice")]),
    );
    expect(given([opened, offered]).when(leave, { principal: "carol" })).toEqual(Result.succeed([left("carol")]));
  });
  test("ends with whoever signs off, and the word of that one returns", () => {
    const release = (participant: string) => ({ type: "release", payload: { participant } }) as const;
    const returned: Event = { type: "word-returned", data: { from: "bob", reason: "signed-off" } };
    expect(given([opened, offered]).when(release("bob"))).toEqual(
      Result.succeed([{ type: "hand-off-declined", data: { ...who, reason: "signed-off" } }]),
    );
    expect(given([opened, offered]).when(release("alice"))).toEqual(
      Result.succeed([{ type: "hand-off-withdrawn", data: who }]),
    );
    expect(given([opened, offered, accepted]).when(release("bob"))).toEqual(Result.succeed([returned]));
    expect(given([opened, offered, accepted]).when(release("alice"))).toEqual(Result.succeed([]));
    expect(stateAfter([opened, offered, accepted, returned])).not.toHaveProperty("speaker");
    expect(given([opened, offered, accepted, returned]).refuses(handOff("carol"))).toBeUndefined();
  });
  test("sends the turns of others to whoever has the word, where the strategy asks one", () => {
    expect(given([opened, offered, accepted]).when(say, { principal: "carol" })).toMatchObject({
      success: [{ data: { recipients: ["bob"], routedBy: "speaker" } }],
    });
  });
});

describe("the context of a hand-off", () => {
  const merging = (merge: Merge): Event => ({ ...opened, data: { ...opened.data, merge } });
  const own: Event = {
    type: "context-set",
    data: { scope: "participant", participant: "bob", values: { ticket: 6 }, merge: "newest", by: "bob" },
  };
  const ticketAfter = (merge: Merge) => {
    const before = [merging(merge), own, offered];
    const answer = Result.getOrElse(given(before).when(accept(), bob), () => []);
    return stateAfter([...before, ...answer])?.participantContext.bob?.ticket?.value;
  };

  test.each([
    ["newest", 7],
    ["oldest", 6],
    ["union", [6, 7]],
  ] as const)("merges into the receiver's own by %s, where that is the dialog's strategy", (merge, value) => {
    expect(ticketAfter(merge)).toEqual(value);
  });
  test("is refused with the offer where it contradicts, by reject-on-conflict", () => {
    const strict = merging("reject-on-conflict");
    expect(given([strict, own]).refuses(handOff("bob"))).toBe("context-conflict");
    expect(given([strict, own]).refuses(handOff("carol"))).toBeUndefined();
    expect(given([strict]).refuses(handOff("bob"))).toBeUndefined();
  });
  test("does not keep the receiver from taking the word: what it has set since the offer stands", () => {
    expect(ticketAfter("reject-on-conflict")).toBe(6);
  });
  test("was the newest where an event of earlier says nothing of it", () => {
    const earlier: Event = { type: "hand-off-accepted", data: { ...who, context: { ticket: 7 } } };
    expect(stateAfter([merging("oldest"), own, offered, earlier])).toMatchObject({
      participantContext: { bob: { ticket: { value: 7 } } },
    });
  });
});

describe("a pause", () => {
  test("lets nobody speak until the dialog is resumed", () => {
    expect(given([opened]).when({ type: "pause", payload: {} })).toEqual(Result.succeed([paused]));
    for (const command of [say, handOff("bob")]) expect(given([opened, paused]).refuses(command)).toBe("paused");
    expect(given([opened, offered, paused]).refuses(accept(), bob)).toBe("paused");
    expect(given([opened, paused]).when({ type: "resume", payload: {} })).toEqual(
      Result.succeed([{ type: "dialog-resumed", data: { by: "alice" } }]),
    );
    expect(given([opened, paused, { type: "dialog-resumed", data: { by: "alice" } }]).refuses(say)).toBeUndefined();
  });
  test("and what is so already changes nothing", () => {
    expect(given([opened, paused]).when({ type: "pause", payload: {} })).toEqual(Result.succeed([]));
    expect(given([opened]).when({ type: "resume", payload: {} })).toEqual(Result.succeed([]));
  });
  test("does not keep anyone from joining, leaving, declining or closing", () => {
    expect(given([opened, paused]).refuses({ type: "join", payload: {} }, { principal: "dave" })).toBeUndefined();
    expect(given([opened, offered, paused]).refuses(decline, bob)).toBeUndefined();
    for (const type of ["leave", "close"] as const)
      expect(given([opened, paused]).refuses({ type, payload: {} })).toBeUndefined();
  });
});

describe("a context", () => {
  const set = (payload: object) => ({
    type: "set-context" as const,
    payload: { scope: "dialog" as const, values: { ip: "10.0.0.1" }, ...payload },
  });
  const dialogContext: Event = {
    type: "context-set",
    data: { scope: "dialog", values: { ip: "10.0.0.2" }, merge: "newest", by: "bob" },
  };

  test("is set in a scope, by the dialog's strategy unless the command says another", () => {
    const data = { scope: "dialog", values: { ip: "10.0.0.1" }, by: "alice" };
    expect(given([opened]).when(set({}))).toMatchObject({ success: [{ data: { ...data, merge: "newest" } }] });
    expect(given([opened]).when(set({ merge: "union" }))).toMatchObject({ success: [{ data: { merge: "union" } }] });
    expect(given([opened]).when(set({ scope: "topic" }))).toMatchObject({ success: [{ data: { topic: "web" } }] });
  });
  test("of a participant is one's own, or that of the one that is named", () => {
    const own = { scope: "participant" } as const;
    expect(given([opened]).when(set(own))).toMatchObject({ success: [{ data: { participant: "alice" } }] });
    expect(given([opened]).when(set({ ...own, participant: "bob" }))).toMatchObject({
      success: [{ data: { participant: "bob" } }],
    });
    expect(given([opened]).refuses(set({ ...own, participant: "dave" }))).toBe("unknown-recipient");
    expect(given([opened]).refuses(set({ participant: "bob" }))).toBe("scope-has-no-participant");
  });
  test("of one scope is no larger than 64 KiB of JSON, counted in bytes", () => {
    /** A value whose JSON is `{"k":"…"}` of so many bytes: the letter has two. */
    const filling = (bytes: number) => ({ k: "é".repeat((bytes - 8) / 2) });
    const limit = 64 * 1024;
    for (const scope of ["dialog", "participant", "topic", "global"] as const) {
      expect(given([opened]).refuses(set({ scope, values: filling(limit) }))).toBeUndefined();
      expect(given([opened]).when(set({ scope, values: filling(limit + 2) }))).toMatchObject({
        failure: { reason: "too-large", details: { scope, limit, bytes: limit + 2 } },
      });
    }
    const full: Event = {
      type: "context-set",
      data: { scope: "dialog", values: filling(limit), merge: "newest", by: "bob" },
    };
    expect(given([opened, full]).refuses(set({ values: { l: 1 } }))).toBe("too-large");
    expect(given([opened, full]).refuses(set({ values: { k: 1, l: 1 } }))).toBeUndefined();
    expect(given([opened, full]).refuses(set({ values: { k: ["x"] }, merge: "union" }))).toBe("too-large");
    expect(given([opened, full]).refuses(set({ values: { k: ["x"] }, merge: "oldest" }))).toBeUndefined();
    const known = { agents: [], shared: { k: { value: filling(limit).k, by: "eve", order: 1 } } };
    expect(given([opened]).refuses(set({ scope: "global", values: { l: 1 } }), { known })).toBe("too-large");
    for (const type of ["say", "hand-off"] as const) {
      const with1 = (context: ContextValues) => ({ type, payload: { text: "hi", to: "bob", context } });
      expect(given([opened]).refuses(with1(filling(limit)))).toBeUndefined();
      expect(given([opened]).refuses(with1(filling(limit + 2)))).toBe("too-large");
    }
    const ofBob: Event = { type: "context-set", data: { ...full.data, scope: "participant", participant: "bob" } };
    expect(given([opened, ofBob]).refuses(handOff("bob"))).toBe("too-large");
  });
  test("that became larger before there was a limit can shrink, and is read as it is", () => {
    const large: Event = {
      type: "context-set",
      data: { scope: "dialog", values: { k: "x".repeat(70_000), l: "y".repeat(70_000) }, merge: "newest", by: "bob" },
    };
    expect(stateAfter([opened, large])?.context.k?.value).toHaveLength(70_000);
    expect(given([opened, large]).refuses(set({ values: { l: null } }))).toBeUndefined();
    expect(given([opened, large]).refuses(set({ values: { m: 1 } }))).toBe("too-large");
  });
  test("is refused where it contradicts, in the dialog and in what dialogs share", () => {
    const merge = "reject-on-conflict" as const;
    expect(given([opened, dialogContext]).refuses(set({ merge }))).toBe("context-conflict");
    expect(given([opened, dialogContext]).refuses(set({ merge, values: { ip: "10.0.0.2" } }))).toBeUndefined();
    const shared = { ip: { value: "10.0.0.3", by: "eve", order: 1 } };
    const known = { agents: [], shared };
    expect(given([opened]).refuses(set({ merge, scope: "global" }), { known })).toBe("context-conflict");
  });
});
