import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import {
  DialogType,
  type KnownToDialogs,
  type Routing,
  Routing as Routings,
} from "../../../../src/domain/dialog/contract.ts";
import { dialog } from "../../../../src/domain/dialog/decider.ts";
import { audienceOf } from "../../../../src/domain/dialog/routing.ts";
import type { Dialog } from "../../../../src/domain/dialog/state.ts";
import { defined, type EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof dialog.events>;

const agent = (id: string, ...capabilities: ReadonlyArray<string>) => ({ id, capabilities });
const known: KnownToDialogs = { agents: [agent("bob", "sql"), agent("carol", "sql", "web"), agent("eve", "web")] };
const { given, stateAfter } = specification(dialog, { principal: "alice", known });

const opened = (routing: Routing, more: Partial<(Event & { type: "dialog-opened" })["data"]> = {}): Event => ({
  type: "dialog-opened",
  data: {
    type: "group",
    topic: "web",
    participants: ["alice", "bob", "carol", "dave"],
    routing,
    openedBy: "alice",
    ...more,
  },
});
const say = (more: { readonly capability?: string } = {}) =>
  ({ type: "say", payload: { text: "hi", ...more } }) as const;

/** A history with one more turn of the speaker; the history as it is where it is refused. */
const with1 = (history: ReadonlyArray<Event>, principal: string): ReadonlyArray<Event> => [
  ...history,
  ...Result.getOrElse(given(history).when(say(), { principal }), () => []),
];
const recipientsOf = (history: ReadonlyArray<Event>) =>
  history.flatMap((event) => (event.type === "turn-said" ? [event.data.recipients] : []));

describe("round-robin", () => {
  test("asks one after another, without the speaker, and says why", () => {
    const speakers = ["alice", "alice", "alice", "alice", "bob", "alice"];
    const history = speakers.reduce(with1, [opened("round-robin")]);
    expect(recipientsOf(history)).toEqual([["bob"], ["carol"], ["dave"], ["bob"], ["alice"], ["carol"]]);
    expect(history.at(-1)?.data).toMatchObject({
      routedBy: "round-robin",
      reasons: ["was asked least recently, in turn 2"],
    });
  });
  test("is fair: of those who could be asked, none twice more often than another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 40 }), (count, turns) => {
        const participants = ["alice", ...Array.from({ length: count }, (_, index) => `p${index}`)];
        const history = Array.from({ length: turns }, () => "alice").reduce(with1, [
          opened("round-robin", { participants }),
        ]);
        const asked = recipientsOf(history).flat();
        const counts = participants.slice(1).map((id) => asked.filter((one) => one === id).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("capability", () => {
  test("asks the participants that have what the turn asks for", () => {
    const decided = given([opened("capability")]).when(say({ capability: "sql" }));
    expect(decided).toMatchObject({
      success: [{ data: { recipients: ["bob", "carol"], routedBy: "capability", capability: "sql" } }],
    });
  });
  test("asks everyone where the turn asks for nothing, and is refused where nobody has it", () => {
    expect(given([opened("capability")]).when(say())).toMatchObject({
      success: [{ data: { recipients: ["bob", "carol", "dave"], routedBy: "broadcast" } }],
    });
    expect(given([opened("capability")]).refuses(say({ capability: "deploy" }))).toBe("nobody-can");
  });
});

describe("priority", () => {
  const preferences = [
    { id: "carol", priority: 2 },
    { id: "bob", priority: 1 },
  ];
  const asked = with1([opened("priority", { preferences, answerWithinSeconds: 60 })], "alice");
  const passOn = (count: number, answerBy?: string) =>
    ({ type: "pass-on", payload: { turn: 1, asked: count, ...defined({ answerBy }) } }) as const;
  const resume = { type: "resume", payload: {} } as const;
  const paused: Event = { type: "dialog-paused", data: { by: "alice" } };
  const carolLeft: Event = { type: "participant-left", data: { participant: "carol" } };
  const passedOn = (from: string, to: string): Event => ({
    type: "turn-passed-on",
    data: { turn: 1, from, to, because: "silence", reasons: [], answerBy: "2026-01-01T00:02:00.000Z" },
  });

  test("asks the highest, until a deadline", () => {
    expect(asked.at(-1)?.data).toMatchObject({
      recipients: ["carol"],
      routedBy: "priority",
      answerBy: "2026-01-01T00:01:00.000Z",
    });
  });
  test("passes a turn on in order of priority, once for each silence", () => {
    expect(given(asked).when(passOn(1))).toMatchObject({
      success: [{ type: "turn-passed-on", data: { from: "carol", to: "bob", answerBy: "2026-01-01T00:01:00.000Z" } }],
    });
    const passed = [...asked, passedOn("carol", "bob")];
    expect(given(passed).when(passOn(1))).toEqual(Result.succeed([]));
    const last = [...passed, passedOn("bob", "dave")];
    expect(given(last).when(passOn(3))).toEqual(
      Result.succeed([{ type: "turn-unanswered", data: { turn: 1, asked: ["carol", "bob", "dave"] } }]),
    );
  });
  test("a turn or an acknowledgement of whoever was asked ends the waiting", () => {
    const acknowledge = { type: "acknowledge", payload: { turn: 1 } } as const;
    const acknowledged: Event = { type: "turn-acknowledged", data: { turn: 1, participant: "carol" } };
    expect(given(asked).when(acknowledge, { principal: "carol" })).toEqual(Result.succeed([acknowledged]));
    expect(given(asked).when(acknowledge, { principal: "bob" })).toEqual(Result.succeed([]));
    expect(given(asked).refuses({ type: "acknowledge", payload: { turn: 2 } })).toBe("unknown-turn");
    expect(given([...asked, acknowledged]).when(passOn(1))).toEqual(Result.succeed([]));
    expect(given(with1(asked, "carol")).when(passOn(1))).toEqual(Result.succeed([]));
    expect(given(with1(asked, "dave")).when(passOn(1))).not.toEqual(Result.succeed([]));
  });
  test("nothing is passed on while the dialog is paused", () => {
    expect(given([...asked, paused]).when(passOn(1))).toEqual(Result.succeed([]));
    expect(given([...asked, paused]).when({ type: "leave", payload: {} }, { principal: "carol" })).toEqual(
      Result.succeed([carolLeft]),
    );
  });
  test("who was asked before a pause has the full time again after it", () => {
    const time = "2026-01-01T01:00:00.000Z";
    const resumed: Event = { type: "dialog-resumed", data: { by: "alice", answerBy: "2026-01-01T01:01:00.000Z" } };
    expect(given([...asked, paused]).when(resume, { time })).toEqual(Result.succeed([resumed]));
    const after = given([...asked, paused, resumed]);
    expect(after.when(passOn(1, "2026-01-01T00:01:00.000Z"))).toEqual(Result.succeed([]));
    expect(after.when(passOn(1, "2026-01-01T01:01:00.000Z"))).toMatchObject({ success: [{ type: "turn-passed-on" }] });
    const earlier: Event = { type: "dialog-resumed", data: { by: "alice" } };
    expect(given([...asked, paused, earlier]).when(passOn(1))).toMatchObject({ success: [{ data: { to: "bob" } }] });
  });
  test("what was asked of someone who left during a pause is passed on when the dialog is resumed", () => {
    expect(given([...asked, paused, carolLeft]).when(resume)).toMatchObject({
      success: [
        { type: "dialog-resumed" },
        { type: "turn-passed-on", data: { from: "carol", to: "bob", because: "left" } },
      ],
    });
    const back: Event = { type: "participant-joined", data: { participant: "carol" } };
    expect(given([...asked, paused, carolLeft, back]).when(resume)).toMatchObject({
      success: [{ type: "dialog-resumed" }],
    });
  });
  test("who leaves passes on at once what it was asked", () => {
    expect(given(asked).when({ type: "leave", payload: {} }, { principal: "carol" })).toMatchObject({
      success: [
        { type: "participant-left" },
        { type: "turn-passed-on", data: { from: "carol", to: "bob", because: "left" } },
      ],
    });
  });
});

describe("who takes part by type", () => {
  const audience = (history: ReadonlyArray<Event>, more: Partial<KnownToDialogs> = {}) =>
    audienceOf(stateAfter(history) as Dialog, { ...known, ...more }).map(({ id }) => id);
  const alone = { participants: ["alice"] };

  test("everyone who is registered in a broadcast, and those of the topic in a topic", () => {
    expect(audience([opened("broadcast", { ...alone, type: "broadcast" })])).toEqual(["alice", "bob", "carol", "eve"]);
    expect(audience([opened("broadcast", { ...alone, type: "topic" })])).toEqual(["alice", "carol", "eve"]);
    expect(audience([opened("broadcast", alone)])).toEqual(["alice"]);
  });
  test("who left stays away until it joins", () => {
    const history = [opened("broadcast", { ...alone, type: "broadcast" })];
    const left: Event = { type: "participant-left", data: { participant: "bob" } };
    expect(given(history).when({ type: "leave", payload: {} }, { principal: "bob" })).toEqual(Result.succeed([left]));
    expect(audience([...history, left])).toEqual(["alice", "carol", "eve"]);
    const back: Event = { type: "participant-joined", data: { participant: "bob" } };
    expect(audience([...history, left, back])).toEqual(["alice", "bob", "carol", "eve"]);
  });
  test("the submitter and the agent of the moment in a dialog about a task", () => {
    const open = {
      type: "open",
      payload: { type: "task", topic: "t", participants: [], routing: "broadcast", task: "t1" },
    } as const;
    expect(given([]).refuses(open)).toBe("task-not-found");
    expect(given([]).refuses(open, { known: { agents: [], taskParties: ["ann"] } })).toBeUndefined();
    const { task: _, ...unbound } = open.payload;
    expect(given([]).refuses({ ...open, payload: unbound })).toBe("task-needed");
    expect(given([]).refuses({ ...open, payload: { ...open.payload, type: "group" } })).toBe("no-task-dialog");
    expect(
      audience([opened("broadcast", { ...alone, type: "task", task: "t1" })], { taskParties: ["ann", "bob"] }),
    ).toEqual(["alice", "ann", "bob"]);
  });
});

test("whoever is chosen takes part and is not the speaker", () => {
  const ids = ["alice", "bob", "carol", "dave", "eve", "constructor"];
  const step = fc.record({ principal: fc.constantFrom(...ids), what: fc.constantFrom("say", "sql", "join", "leave") });
  fc.assert(
    fc.property(
      fc.constantFrom(...Routings.literals),
      fc.constantFrom(...DialogType.literals.filter((type) => type !== "direct")),
      fc.array(step, { maxLength: 25 }),
      (routing, type, steps) => {
        let history: ReadonlyArray<Event> = [opened(routing, { type })];
        for (const { principal, what } of steps) {
          const before = audienceOf(stateAfter(history) as Dialog, known).map(({ id }) => id);
          const command =
            what === "join" || what === "leave"
              ? ({ type: what, payload: {} } as const)
              : say(what === "sql" ? { capability: "sql" } : {});
          const events = Result.getOrElse(given(history).when(command, { principal }), () => []);
          for (const event of events) {
            if (event.type !== "turn-said") continue;
            expect(event.data.recipients.length).toBeGreaterThan(0);
            expect(event.data.recipients).not.toContain(principal);
            for (const recipient of event.data.recipients) expect(before).toContain(recipient);
          }
          history = [...history, ...events];
        }
      },
    ),
    { numRuns: 200 },
  );
});
