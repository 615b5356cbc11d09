import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import type { Vote } from "../../../../src/domain/consensus/ballot.ts";
import { type KnownToProposals, proposalCommands } from "../../../../src/domain/consensus/contract.ts";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { shippedPolicies } from "../../../../src/domain/consensus/policy-document.ts";
import { addSeconds, type EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof proposal.events>;

const midnight = "2026-01-01T00:00:00.000Z";
const at = (seconds: number) => addSeconds(midnight, seconds);
const defaultElectorate = ["alice", "bob", "carol"];
const keyOf = (id: string) => `U${id.toUpperCase()}`;
const known: KnownToProposals = {
  defaultElectorate,
  publicKeys: new Map(["alice", "bob"].map((id) => [id, keyOf(id)])),
};
const { given, stateAfter } = specification(proposal, { principal: "proposer", known });

const submitted = (extra: object = {}): ReadonlyArray<Event> =>
  Result.getOrThrow(
    given([]).when({
      type: "submit",
      payload: Schema.decodeUnknownSync(proposalCommands.submit.schema)({
        kind: "infrastructure",
        title: "Change",
        subject: {},
        ...extra,
      }),
    }),
  );
const vote = (choice: Vote["choice"]) => ({ type: "vote", payload: { choice } }) as const;
const enact = { type: "enact", payload: { subject: {} } } as const;
const veto = { type: "veto", payload: { reason: "freeze" } } as const;
const close = { type: "close-voting", payload: {} } as const;

const cast = (
  history: ReadonlyArray<Event>,
  ...ballots: ReadonlyArray<readonly [voter: string, choice: Vote["choice"], seconds?: number]>
) =>
  ballots.reduce(
    (events, [principal, choice, seconds = 0]) =>
      events.concat(Result.getOrThrow(given(events).when(vote(choice), { principal, time: at(seconds) }))),
    history,
  );
const typesOf = (events: ReadonlyArray<Event>) => events.map(({ type }) => type);

const approved = (extra: object = {}) => cast(submitted(extra), ["alice", "approve"], ["bob", "approve"]);

describe("enactment", () => {
  test("follows an approval, once", () => {
    const enacted = Result.getOrThrow(given(approved()).when(enact));
    expect(enacted).toMatchObject([{ type: "proposal-enacted", data: { outcome: "approved", conditions: [] } }]);
    expect(given([...approved(), ...enacted]).when(enact)).toEqual(Result.succeed([]));
    expect(stateAfter([...approved(), ...enacted])?.status).toBe("enacted");
  });
  test("waits for the delay, to the millisecond", () => {
    const history = approved({ enactmentDelaySeconds: 30 });
    expect(history.at(-1)).toMatchObject({ data: { enactAt: at(30) } });
    expect(given(history).refuses(enact, { time: at(29.999) })).toBe("too-early");
    expect(Result.isSuccess(given(history).when(enact, { time: at(30) }))).toBe(true);
  });
  test("does not happen where what was decided on has changed", () => {
    const voided = given(approved()).when(enact, { known: { defaultElectorate, changed: "the graph has changed" } });
    expect(voided).toEqual(Result.succeed([{ type: "approval-voided", data: { detail: "the graph has changed" } }]));
    expect(given([...approved(), ...Result.getOrThrow(voided)]).when(enact)).toEqual(Result.succeed([]));
  });
  test("is not for what was not approved", () => {
    expect(given(submitted()).refuses(enact)).toBe("not-open");
    const rejected = cast(submitted(), ["alice", "reject"], ["bob", "reject"]);
    expect(given(rejected).when(enact)).toEqual(Result.succeed([]));
  });
  test("carries the conditions on", () => {
    const conditions = [{ text: "encrypt it" }];
    const history = cast(submitted({ electorate: ["alice", "bob"] }), ["alice", "approve"]);
    const more = given(history).when(
      { type: "vote", payload: { choice: "approve", conditions } },
      { principal: "bob" },
    );
    expect(Result.getOrThrow(given([...history, ...Result.getOrThrow(more)]).when(enact))).toMatchObject([
      { data: { outcome: "approved-with-conditions", conditions: [{ voter: "bob", text: "encrypt it" }] } },
    ]);
  });
});

describe("a veto", () => {
  const rules = { vetoHolders: ["vera"], enactmentDelaySeconds: 30 };
  const vera = { principal: "vera" };

  test.each<[string, ReadonlyArray<Event>, number]>([
    ["before voting", submitted({ ...rules, discussionSeconds: 5 }), 1],
    ["during the vote", cast(submitted(rules), ["alice", "approve"]), 1],
    ["while it is being counted", submitted(rules), 61],
    ["after an approval", approved(rules), 1],
  ])("holds %s", (_, history, seconds) => {
    const vetoed = given(history).when(veto, { ...vera, time: at(seconds) });
    expect(vetoed).toEqual(Result.succeed([{ type: "proposal-vetoed", data: { by: "vera", reason: "freeze" } }]));
    expect(given([...history, ...Result.getOrThrow(vetoed)]).when(enact, { time: at(99) })).toEqual(Result.succeed([]));
  });
  test("is for those who are named only", () => {
    expect(given(submitted(rules)).refuses(veto, { principal: "alice" })).toBe("not-a-veto-holder");
    expect(given(submitted()).refuses(veto, vera)).toBe("not-a-veto-holder");
  });
  test("is too late after enactment, and after any other end", () => {
    const enacted = [...approved(rules), ...Result.getOrThrow(given(approved(rules)).when(enact, { time: at(30) }))];
    expect(given(enacted).refuses(veto, vera)).toBe("too-late");
    const rejected = cast(submitted(rules), ["alice", "reject"], ["bob", "reject"]);
    expect(given(rejected).refuses(veto, vera)).toBe("too-late");
  });
});

describe("a late quorum", () => {
  const rules = { lateQuorum: { withinSeconds: 10, extensionSeconds: 30 }, electorate: ["a", "b", "c", "d", "e"] };
  const two = cast(submitted(rules), ["a", "approve"], ["b", "reject"]);

  test("moves the deadline, once", () => {
    const extended = cast(two, ["c", "approve", 55]);
    expect(extended.at(-1)).toEqual({ type: "voting-extended", data: { deadline: at(85) } });
    expect(given(extended).refuses(close, { time: at(60.001) })).toBe("too-early");
    const more = cast(extended, ["a", "reject", 80]);
    expect(typesOf(more).filter((type) => type === "voting-extended")).toHaveLength(1);
    expect(Result.isSuccess(given(more).when(close, { time: at(85.001) }))).toBe(true);
  });
  test("that is not late moves nothing, up to the very moment", () => {
    expect(typesOf(cast(two, ["c", "approve", 50])).at(-1)).toBe("ballot-cast");
    expect(typesOf(cast(two, ["c", "approve", 50.001])).at(-1)).toBe("voting-extended");
  });
  describe("that decides the vote", () => {
    const all = (more: object = {}) =>
      cast(submitted({ ...rules, quorum: "1/1", ...more }), ["a", "approve"], ["b", "approve"], ["c", "approve"]);
    const last = (more: object = {}) => cast(all(more), ["d", "approve"], ["e", "approve", 59]);

    test("gives the others time to change their ballots, and nobody can cut it short by a change", () => {
      expect(typesOf(last()).slice(-2)).toEqual(["ballot-cast", "voting-extended"]);
      const changed = cast(last(), ["e", "reject", 60]);
      expect(typesOf(changed).at(-1)).toBe("ballot-cast");
      const turned = cast(changed, ["a", "reject", 70], ["b", "reject", 89]);
      expect(typesOf(turned).at(-1)).toBe("ballot-cast");
      expect(Result.getOrThrow(given(turned).when(close, { time: at(89.001) }))).toMatchObject([
        { type: "proposal-rejected", data: { tally: { reject: 3 } } },
      ]);
    });
    test("ends it if ballots may not be changed", () => {
      expect(typesOf(last({ ballotsMayChange: false })).slice(-2)).toEqual(["ballot-cast", "proposal-approved"]);
    });
  });
  test("never brings the deadline forward", () => {
    const short = { ...rules, lateQuorum: { withinSeconds: 30, extensionSeconds: 1 } };
    const near = cast(submitted(short), ["a", "approve"], ["b", "reject"], ["c", "approve", 40]);
    expect(typesOf(near)).not.toContain("voting-extended");
  });
});

describe("calling off an approval", () => {
  const history = approved({ enactmentDelaySeconds: 30 });
  test.each(["withdraw", "cancel"] as const)("by %s is possible until it is enacted", (type) => {
    const off = Result.getOrThrow(given(history).when({ type, payload: {} }));
    expect(given([...history, ...off]).when(enact, { time: at(30) })).toEqual(Result.succeed([]));
    const enacted = [...history, ...Result.getOrThrow(given(history).when(enact, { time: at(30) }))];
    expect(given(enacted).refuses({ type, payload: {} })).toBe("voting-closed");
  });
});

describe("a newer proposal", () => {
  const supersede = { type: "supersede", payload: { by: "p2" } } as const;
  test("takes the place of one that goes on, and not of one that is over", () => {
    for (const history of [submitted({ discussionSeconds: 5 }), submitted(), approved()])
      expect(Result.getOrThrow(given(history).when(supersede))).toEqual([
        { type: "proposal-superseded", data: { by: "p2" } },
      ]);
    const rejected = cast(submitted(), ["alice", "reject"], ["bob", "reject"]);
    expect(given(rejected).when(supersede)).toEqual(Result.succeed([]));
  });
});

describe("a signed ballot", () => {
  const signed = submitted({ signedBallots: true });
  const alice = { principal: "alice" };

  test("is taken with the key that was registered when voting opened", () => {
    expect(signed[1]).toMatchObject({
      data: { electorate: [{ id: "alice", weight: 1, publicKey: "UALICE" }, { publicKey: "UBOB" }, { id: "carol" }] },
    });
    expect(Result.isSuccess(given(signed).when(vote("approve"), { ...alice, signedBy: "UALICE" }))).toBe(true);
    const since = { defaultElectorate, publicKeys: new Map([["alice", "UNEW"]]) };
    expect(given(signed).refuses(vote("approve"), { ...alice, signedBy: "UNEW", known: since })).toBe("wrong-key");
  });
  test("is refused with another's key, also where nobody need sign", () => {
    for (const history of [signed, submitted()])
      expect(given(history).refuses(vote("approve"), { ...alice, signedBy: "UBOB" })).toBe("wrong-key");
  });
  test("is refused where its voter had no key", () => {
    expect(given(signed).refuses(vote("approve"), { principal: "carol", signedBy: "UEVE" })).toBe("no-registered-key");
  });
  test("must be signed where the rules say so", () => {
    expect(given(signed).refuses(vote("approve"), alice)).toBe("signature-required");
    expect(Result.isSuccess(given(submitted()).when(vote("approve"), alice))).toBe(true);
  });
});

describe("a signed veto", () => {
  const vera = { principal: "vera" };
  const registered: KnownToProposals = { ...known, publicKeys: new Map([["vera", "UVERA"]]) };
  const submittedBy = (rules: object, its: KnownToProposals): ReadonlyArray<Event> => {
    const payload = Schema.decodeUnknownSync(proposalCommands.submit.schema)({
      kind: "infrastructure",
      title: "Change",
      subject: {},
      vetoHolders: ["vera"],
      ...rules,
    });
    return Result.getOrThrow(given([]).when({ type: "submit", payload }, { known: its }));
  };
  const signed = submittedBy({ signedBallots: true }, registered);
  const plain = submittedBy({}, registered);

  test("is taken with the key that was registered when the proposal was submitted, at any moment", () => {
    expect(signed[0]).toMatchObject({ data: { vetoKeys: [{ id: "vera", publicKey: "UVERA" }] } });
    const waiting = submittedBy({ signedBallots: true, discussionSeconds: 5 }, registered);
    const delayed = submittedBy({ enactmentDelaySeconds: 30 }, registered);
    const histories = [waiting, signed, plain, cast(delayed, ["alice", "approve"], ["bob", "approve"])];
    for (const history of histories) {
      expect(Result.isSuccess(given(history).when(veto, { ...vera, signedBy: "UVERA" }))).toBe(true);
      const since = { ...known, publicKeys: new Map([["vera", "UNEW"]]) };
      expect(given(history).refuses(veto, { ...vera, signedBy: "UNEW", known: since })).toBe("wrong-key");
    }
  });
  test("must be signed where ballots must be, and need not be elsewhere", () => {
    expect(given(signed).refuses(veto, vera)).toBe("signature-required");
    expect(Result.isSuccess(given(plain).when(veto, vera))).toBe(true);
  });
  test("is refused where its holder had no key", () => {
    for (const rules of [{ signedBallots: true }, {}])
      expect(given(submittedBy(rules, known)).refuses(veto, { ...vera, signedBy: "UVERA" })).toBe("no-registered-key");
    const named = submittedBy({ vetoHolders: ["constructor"] }, registered);
    const nobody = { principal: "constructor", signedBy: "UVERA" };
    expect(given(named).refuses(veto, nobody)).toBe("no-registered-key");
  });
  test("gives nobody a veto who has none", () => {
    expect(given(signed).refuses(veto, { principal: "alice", signedBy: "UALICE" })).toBe("not-a-veto-holder");
  });
  test("is asked of nothing that was submitted before keys of veto holders were kept", () => {
    const old = signed.map((event): Event => {
      if (event.type !== "proposal-submitted") return event;
      const { vetoKeys: _, ...data } = event.data;
      return { ...event, data };
    });
    const vetoed = Result.getOrThrow(given(old).when(veto, vera));
    expect(stateAfter([...old, ...vetoed])?.status).toBe("vetoed");
    expect(Result.isSuccess(given(old).when(veto, { ...vera, signedBy: "UVERA" }))).toBe(true);
  });
});

describe("a veto whose key was revoked", () => {
  const byVera = { principal: "vera", signedBy: "UVERA" };
  const strike = {
    type: "strike-veto",
    payload: { holder: "vera", reason: "copied", signedBy: "UVERA", ballot: false },
  } as const;
  const struck = { type: "veto-struck", data: { by: "vera", reason: "copied" } };
  const keys = new Map([["vera", "UVERA"]]);
  const begun = (rules: object = {}) =>
    Result.getOrThrow(
      given([]).when(
        {
          type: "submit",
          payload: Schema.decodeUnknownSync(proposalCommands.submit.schema)({
            kind: "infrastructure",
            title: "Change",
            subject: {},
            vetoHolders: ["vera"],
            votingSeconds: 60,
            ...rules,
          }),
        },
        { known: { defaultElectorate: [...defaultElectorate, "vera"], publicKeys: keys } },
      ),
    );
  const vetoedAt = (history: ReadonlyArray<Event>, seconds: number) => [
    ...history,
    ...Result.getOrThrow(given(history).when(veto, { ...byVera, time: at(seconds) })),
  ];

  test("had not been: the vote goes on as it was, and the key signs no other", () => {
    for (const before of [
      begun({ discussionSeconds: 30 }),
      cast(begun(), ["alice", "approve"]),
      cast(begun({ enactmentDelaySeconds: 60 }), ["alice", "approve"], ["bob", "approve"], ["carol", "approve"]),
    ]) {
      const history = vetoedAt(before, 2);
      const after = Result.getOrThrow(given(history).when(strike, { time: at(3) }));
      expect(after).toEqual([struck]);
      expect(stateAfter([...history, ...after])).toMatchObject({ status: stateAfter(before)?.status, vetoKeys: [] });
      expect(given([...history, ...after]).refuses(veto, byVera)).toBe("no-registered-key");
    }
  });
  test("takes the ballot of that key with it", () => {
    const ballot = Result.getOrThrow(given(begun()).when(vote("approve"), byVera));
    const history = vetoedAt([...begun(), ...ballot], 1);
    const both = { ...strike, payload: { ...strike.payload, ballot: true } };
    expect(given(history).when(both, { time: at(2) })).toEqual(
      Result.succeed([struck, { type: "ballot-struck", data: { voter: "vera", reason: "copied" } }]),
    );
  });
  test("stands if the time of the vote is over, if another key signed it, and if none did", () => {
    const active = vetoedAt(begun(), 1);
    const nothing = Result.succeed([]);
    expect(given(active).when(strike, { time: at(60) })).toEqual(Result.succeed([struck]));
    expect(given(active).when(strike, { time: at(60.001) })).toEqual(nothing);
    const other = { ...strike, payload: { ...strike.payload, signedBy: "UNEW" } };
    expect(given(active).when(other, { time: at(2) })).toEqual(nothing);
    const unsigned = Result.getOrThrow(given(begun()).when(veto, { principal: "vera", time: at(1) }));
    expect(given([...begun(), ...unsigned]).when(strike, { time: at(2) })).toEqual(nothing);
    const discussed = vetoedAt(begun({ discussionSeconds: 30 }), 1);
    expect(given(discussed).when(strike, { time: at(30) })).toEqual(nothing);
  });
  test("is struck without a key named, signed or not, if its holder had no veto any more; another holder's stands", () => {
    const { signedBy: _, ...payload } = strike.payload;
    const late = { ...strike, payload };
    const unsigned = Result.getOrThrow(given(begun()).when(veto, { principal: "vera", time: at(1) }));
    for (const history of [vetoedAt(begun(), 1), [...begun(), ...unsigned]]) {
      const after = Result.getOrThrow(given(history).when(late, { time: at(2) }));
      expect(after).toEqual([struck]);
      expect(stateAfter([...history, ...after])).toMatchObject({ status: "active", ballots: [] });
      const others = { ...late, payload: { ...payload, holder: "alice" } };
      expect(given(history).when(others, { time: at(2) })).toEqual(Result.succeed([]));
    }
  });
});

describe("an electorate that a policy names", () => {
  const named = { ...known, voters: new Set(["alice", "bob"]) };
  const policyOf = (...electorate: ReadonlyArray<string>) => ({
    ...named,
    policy: {
      id: "infrastructure",
      version: 1,
      digest: "",
      document: { ...shippedPolicies.default, electorate: electorate.map((id) => ({ id, weight: 1 })) },
    },
  });
  const submit = (extra: object = {}) =>
    ({
      type: "submit",
      payload: Schema.decodeUnknownSync(proposalCommands.submit.schema)({
        kind: "infrastructure",
        title: "Change",
        subject: {},
        ...extra,
      }),
    }) as const;
  const excluded = [{ id: "ghost", reason: "`ghost` does not have the role `voter`" }];

  test("counts without those who do not have the role, and says why", () => {
    expect(given([]).when(submit(), { known: policyOf("alice", "ghost") })).toMatchObject({
      success: [{ type: "proposal-submitted" }, { data: { electorate: [{ id: "alice" }], excluded } }],
    });
  });
  test("is asked for the role when voting opens, not when it is submitted", () => {
    const history = Result.getOrThrow(
      given([]).when(submit({ discussionSeconds: 5 }), { known: policyOf("alice", "bob") }),
    );
    const later = { ...named, voters: new Set(["alice"]) };
    const opened = given(history).when({ type: "open-voting", payload: {} }, { known: later });
    expect(opened).toMatchObject({ success: [{ data: { electorate: [{ id: "alice" }], excluded: [{ id: "bob" }] } }] });
  });
  test("of whom none has the role is refused, with the remedy", () => {
    expect(given([]).when(submit(), { known: policyOf("ghost") })).toMatchObject({
      failure: {
        message: expect.stringContaining("an admin can give it: `cim agents grant ghost voter`"),
        details: { excluded: ["ghost"] },
      },
    });
  });
});
