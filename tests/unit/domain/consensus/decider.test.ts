import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import fc from "fast-check";
import type { Vote } from "../../../../src/domain/consensus/ballot.ts";
import { proposalCommands } from "../../../../src/domain/consensus/contract.ts";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { addSeconds, type EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof proposal.events>;

const { given, stateAfter } = specification(proposal, {
  principal: "proposer",
  known: { defaultElectorate: ["alice", "bob", "carol"] },
});

const decodeSubmission = Schema.decodeUnknownSync(proposalCommands.submit.schema);
const matter = { kind: "deployment", title: "Deploy web-shop", subject: { graph: "sha256-1" } };
const submit = (extra: object = {}) =>
  ({ type: "submit", payload: decodeSubmission({ ...matter, ...extra }) }) as const;

/** What a submission leads to: the history that the other commands are given. */
const submitted = (extra: object = {}): ReadonlyArray<Event> => Result.getOrThrow(given([]).when(submit(extra)));

const deadline = "2026-01-01T00:01:00.000Z";
const afterDeadline = "2026-01-01T00:01:00.001Z";
const vote = (choice: Vote["choice"], rest: Omit<Vote, "choice"> = {}) =>
  ({ type: "vote", payload: { choice, ...rest } }) as const;
const close = { type: "close-voting", payload: {} } as const;

/** Casts ballots in order, each on the history before it; those that come after the end are refused and change nothing. */
const cast = (
  history: ReadonlyArray<Event>,
  ballots: ReadonlyArray<readonly [voter: string, choice: Vote["choice"]]>,
): ReadonlyArray<Event> =>
  ballots.reduce((events, [principal, choice]) => {
    const decided = given(events).when(vote(choice), { principal });
    return Result.isSuccess(decided) ? events.concat(decided.success) : events;
  }, history);

const closed = (history: ReadonlyArray<Event>): ReadonlyArray<Event> => [
  ...history,
  ...Result.getOrThrow(given(history).when(close, { time: afterDeadline })),
];
const outcome = (history: ReadonlyArray<Event>): string => history.at(-1)?.type ?? "nothing";
const last = (history: ReadonlyArray<Event>): Event | undefined => history.at(-1);

describe("submitting", () => {
  test("opens voting at once where there is no discussion", () => {
    expect(submitted()).toEqual([
      {
        type: "proposal-submitted",
        data: {
          ...matter,
          protocol: "simple-majority",
          quorum: "1/2",
          votingSeconds: 60,
          discussionSeconds: 0,
          ballotsMayChange: true,
          proposer: "proposer",
        },
      },
      {
        type: "voting-opened",
        data: {
          electorate: ["alice", "bob", "carol"].map((id) => ({ id, weight: 1 })),
          protocol: "simple-majority",
          quorum: "1/2",
          deadline,
        },
      },
    ]);
  });
  test("takes the electorate that it names, with its weights", () => {
    expect(submitted({ electorate: ["dave", { id: "erin" }, { id: "frank", weight: 7 }] })[1]).toMatchObject({
      data: {
        electorate: [
          { id: "dave", weight: 1 },
          { id: "erin", weight: 1 },
          { id: "frank", weight: 7 },
        ],
      },
    });
  });
  test("reads a quorum as the decimal it is written as", () => {
    expect(submitted({ quorum: 0.1 })[1]).toMatchObject({ data: { quorum: "1/10" } });
  });
  test("is refused where nobody could vote", () => {
    expect(given([]).refuses(submit({ electorate: [] }))).toBe("empty-electorate");
    expect(given([]).refuses(submit({ electorate: [], discussionSeconds: 5 }))).toBe("empty-electorate");
    expect(given([]).refuses(submit({ electorate: [{ id: "alice", weight: 0 }] }))).toBe("empty-electorate");
    expect(given([]).refuses(submit(), { known: { defaultElectorate: [] } })).toBe("empty-electorate");
  });
  test("under an id that is taken is refused", () => {
    expect(given(submitted()).refuses(submit())).toBe("already-exists");
  });
  test.each([
    ["a voter twice", { electorate: ["alice", { id: "alice", weight: 2 }] }],
    ["a weight below 0", { electorate: [{ id: "alice", weight: -1 }] }],
    ["half a weight", { electorate: [{ id: "alice", weight: 0.5 }] }],
    ["a quorum above everyone", { quorum: "3/2" }],
    ["a quorum of no fraction", { quorum: "half" }],
    ["no time to vote", { votingSeconds: 0 }],
    ["a protocol that there is not", { protocol: "acclamation" }],
    ["a threshold below a half", { protocol: "qualified-majority", threshold: "1/3" }],
  ])("does not take %s", (_, extra) => {
    expect(() => decodeSubmission({ ...matter, ...extra })).toThrow();
  });
});

describe("the discussion", () => {
  const pending = submitted({ discussionSeconds: 30 });
  const open = { type: "open-voting", payload: {} } as const;

  test("comes before voting", () => {
    expect(pending.map(({ type }) => type)).toEqual(["proposal-submitted"]);
    expect(given(pending).refuses(vote("approve"), { principal: "alice" })).toBe("not-open");
    expect(given(pending).refuses(close)).toBe("not-open");
  });
  test("says when it ends to those who vote before", () => {
    const refused = given(pending).when(vote("approve"), { principal: "alice" });
    const opensAt = addSeconds("2026-01-01T00:00:00.000Z", 30);
    expect(Result.isFailure(refused) && refused.failure).toEqual({
      reason: "not-open",
      message: `proposal \`subject-1\`: voting has not opened yet; it opens at ${opensAt}`,
      details: { opensAt },
    });
  });
  test("ends with open-voting, by the electorate and the time of then", () => {
    const later = { time: "2026-01-01T00:00:30.000Z", known: { defaultElectorate: ["dave"] } };
    expect(given(pending).when(open, later)).toEqual(
      Result.succeed([
        {
          type: "voting-opened",
          data: {
            electorate: [{ id: "dave", weight: 1 }],
            protocol: "simple-majority",
            quorum: "1/2",
            deadline: "2026-01-01T00:01:30.000Z",
          },
        },
      ]),
    );
    expect(given(pending).refuses(open, { known: { defaultElectorate: [] } })).toBe("empty-electorate");
  });
  test("keeps the electorate that was named", () => {
    const named = submitted({ discussionSeconds: 30, electorate: [{ id: "erin", weight: 2 }] });
    expect(Result.getOrThrow(given(named).when(open))[0]).toMatchObject({
      data: { electorate: [{ id: "erin", weight: 2 }] },
    });
  });
  test("is over where voting is open: opening again changes nothing", () => {
    expect(given(submitted()).when(open)).toEqual(Result.succeed([]));
  });
});

describe("a ballot", () => {
  const history = submitted();
  const alice = { principal: "alice" };
  const firstBallot = cast(history, [["alice", "approve"]]);

  test("counts with the weight that was fixed when voting opened", () => {
    const weighted = submitted({
      electorate: [
        { id: "alice", weight: 3 },
        { id: "bob", weight: 9 },
      ],
    });
    expect(given(weighted).when(vote("reject", { reason: "too late" }), alice)).toEqual(
      Result.succeed([
        {
          type: "ballot-cast",
          data: { voter: "alice", weight: 3, choice: "reject", reason: "too late", replaces: false },
        },
      ]),
    );
  });
  test("says how it came about", () => {
    const provenance = { model: "m-1" };
    expect(Result.getOrThrow(given(history).when(vote("approve", { provenance }), alice))).toMatchObject([
      { type: "ballot-cast", data: { provenance } },
    ]);
  });
  test("is in time at the very deadline, and not a millisecond later", () => {
    expect(Result.isSuccess(given(history).when(vote("approve"), { ...alice, time: deadline }))).toBe(true);
    expect(given(history).refuses(vote("approve"), { ...alice, time: afterDeadline })).toBe("voting-closed");
  });
  test("is the members' only", () => {
    expect(given(history).refuses(vote("approve"), { principal: "mallory" })).toBe("not-in-electorate");
    expect(given(history).refuses(vote("approve"), { principal: "constructor" })).toBe("not-in-electorate");
    const joined = { principal: "dave", known: { defaultElectorate: ["alice", "bob", "carol", "dave"] } };
    expect(given(history).refuses(vote("approve"), joined)).toBe("not-in-electorate");
  });
  test("replaces the voter's earlier one until the deadline", () => {
    const changed = given(firstBallot).when(vote("reject"), { ...alice, time: deadline });
    expect(changed).toEqual(
      Result.succeed([{ type: "ballot-cast", data: { voter: "alice", weight: 1, choice: "reject", replaces: true } }]),
    );
    expect(given(firstBallot).refuses(vote("reject"), { ...alice, time: afterDeadline })).toBe("voting-closed");
  });
  test("that was replaced does not count", () => {
    const history = cast(submitted(), [
      ["alice", "approve"],
      ["alice", "reject"],
      ["bob", "abstain"],
    ]);
    expect(last(closed(history))).toMatchObject({
      type: "proposal-rejected",
      data: { tally: { approve: 0, reject: 1, abstain: 1 } },
    });
  });
  test("cast again as it stands changes nothing", () => {
    expect(given(firstBallot).when(vote("approve"), alice)).toEqual(Result.succeed([]));
  });
  test("is final where ballots may not be changed", () => {
    const final = cast(submitted({ ballotsMayChange: false }), [["alice", "approve"]]);
    expect(given(final).refuses(vote("reject"), alice)).toBe("already-voted");
    expect(given(final).refuses(vote("approve"), alice)).toBe("already-voted");
  });
  test("that could add conditions is awaited where conditions are part of the result", () => {
    const awaiting = cast(submitted({ awaitConditions: true }), [
      ["alice", "approve"],
      ["bob", "approve"],
    ]);
    expect(outcome(awaiting)).toBe("ballot-cast");
    const conditions = [{ text: "encrypt it" }];
    const last = given(awaiting).when(
      { type: "vote", payload: { choice: "approve", conditions } },
      { principal: "carol" },
    );
    expect(Result.getOrThrow(last).map(({ type }) => type)).toEqual([
      "ballot-cast",
      "proposal-approved-with-conditions",
    ]);
  });
  test("is not awaited where approval is out of reach", () => {
    const refused = cast(submitted({ awaitConditions: true }), [
      ["alice", "reject"],
      ["bob", "reject"],
    ]);
    expect(outcome(refused)).toBe("proposal-rejected");
  });
  test("after the end is refused", () => {
    const decided = cast(history, [
      ["alice", "approve"],
      ["bob", "approve"],
    ]);
    expect(outcome(decided)).toBe("proposal-approved");
    expect(given(decided).refuses(vote("reject"), { principal: "carol" })).toBe("voting-closed");
  });
});

describe("the decision", () => {
  test("comes with the deciding ballot, in its commit", () => {
    const history = cast(submitted(), [["alice", "approve"]]);
    const decided = Result.getOrThrow(given(history).when(vote("approve"), { principal: "bob" }));
    expect(decided.map(({ type }) => type)).toEqual(["ballot-cast", "proposal-approved"]);
    expect(decided[1]?.data).toEqual({
      tally: { approve: 2, reject: 0, abstain: 0, total: 3, quorumRequired: 2, quorumReached: true },
    });
  });
  test("waits for the deadline otherwise", () => {
    const history = cast(submitted({ electorate: ["alice", "bob", "carol", "dave"] }), [
      ["alice", "approve"],
      ["bob", "approve"],
    ]);
    expect(outcome(history)).toBe("ballot-cast");
    expect(outcome(closed(history))).toBe("proposal-approved");
  });
  test.each([
    [
      "a tie is a rejection",
      [
        ["alice", "approve"],
        ["bob", "reject"],
        ["carol", "abstain"],
      ],
      "tie",
    ],
    [
      "all abstaining is a tie",
      [
        ["alice", "abstain"],
        ["bob", "abstain"],
        ["carol", "abstain"],
      ],
      "tie",
    ],
    [
      "more rejections reject",
      [
        ["alice", "reject"],
        ["bob", "reject"],
      ],
      "majority",
    ],
  ] as const)("%s", (_, ballots, reason) => {
    expect(last(cast(submitted(), ballots))).toMatchObject({ type: "proposal-rejected", data: { reason } });
  });
  test("of a single voter is theirs", () => {
    const alone = submitted({ electorate: ["alice"] });
    expect(outcome(cast(alone, [["alice", "approve"]]))).toBe("proposal-approved");
    expect(outcome(cast(alone, [["alice", "abstain"]]))).toBe("proposal-rejected");
    expect(outcome(closed(alone))).toBe("proposal-expired");
  });
  test("without a quorum at the deadline is none: one below expires, exactly at it counts", () => {
    const five = { electorate: ["a1", "a2", "a3", "a4", "a5"], quorum: "3/5" };
    const below = cast(submitted(five), [
      ["a1", "approve"],
      ["a2", "approve"],
    ]);
    expect(last(closed(below))).toEqual({
      type: "proposal-expired",
      data: { tally: { approve: 2, reject: 0, abstain: 0, total: 5, quorumRequired: 3, quorumReached: false } },
    });
    const at = cast(submitted(five), [
      ["a1", "approve"],
      ["a2", "approve"],
      ["a3", "reject"],
    ]);
    expect(outcome(at)).toBe("ballot-cast");
    expect(outcome(closed(at))).toBe("proposal-approved");
  });
  test("goes by weight, also where the sum passes 2^53", () => {
    const weight = Number.MAX_SAFE_INTEGER;
    const huge = submitted({
      electorate: [
        { id: "a", weight },
        { id: "b", weight },
        { id: "c", weight: 1 },
      ],
    });
    const tied = cast(huge, [
      ["a", "approve"],
      ["b", "reject"],
    ]);
    expect(outcome(tied)).toBe("ballot-cast");
    expect(outcome(cast(tied, [["c", "approve"]]))).toBe("proposal-approved");
    expect(outcome(cast(tied, [["c", "abstain"]]))).toBe("proposal-rejected");
    expect(
      Schema.encodeUnknownExit(proposal.events["proposal-approved"].schema)(last(cast(tied, [["c", "approve"]]))?.data)
        ._tag,
    ).toBe("Success");
  });
  test("does not depend on the order of the same ballots", () => {
    const electorate = [1, 2, 3, 4, 5].map((weight) => ({ id: `voter-${weight}`, weight }));
    const ballots = fc
      .array(fc.constantFrom("approve", "reject", "abstain", undefined), { minLength: 5, maxLength: 5 })
      .map((choices) =>
        choices.flatMap((choice, index) => (choice === undefined ? [] : [[`voter-${index + 1}`, choice] as const])),
      );
    const orders = ballots.chain((chosen) =>
      fc.tuple(fc.constant(chosen), fc.shuffledSubarray(chosen, { minLength: chosen.length })),
    );
    const decide = (chosen: ReadonlyArray<readonly [string, Vote["choice"]]>) => {
      const history = cast(submitted({ electorate }), chosen);
      return stateAfter(stateAfter(history)?.status === "active" ? closed(history) : history)?.status;
    };
    fc.assert(
      fc.property(orders, ([left, right]) => {
        expect(decide(right)).toBe(decide(left));
      }),
    );
  });
  test("and neither does its tally", () => {
    const ballots = [
      ["alice", "approve"],
      ["bob", "reject"],
    ] as const;
    const tallies = [ballots, ballots.toReversed()].map((order) => last(closed(cast(submitted(), order))));
    expect(tallies[0]).toEqual(tallies[1]);
  });
});

describe("conditions", () => {
  const condition = { text: "add a health check", changes: [{ type: "remove-node", id: "web" }] } as const;

  test("make an approval one with conditions, in the electorate's order", () => {
    const other = { text: "and a backup" };
    const withBob = Result.getOrThrow(
      given(submitted()).when(vote("approve", { conditions: [other] }), { principal: "bob" }),
    );
    const history = [...submitted(), ...withBob];
    expect(
      last(
        Result.getOrThrow(given(history).when(vote("approve", { conditions: [condition] }), { principal: "alice" })),
      ),
    ).toMatchObject({
      type: "proposal-approved-with-conditions",
      data: {
        conditions: [
          { voter: "alice", ...condition },
          { voter: "bob", ...other },
        ],
      },
    });
  });
  test("need an approval", () => {
    for (const choice of ["reject", "abstain"] as const) {
      expect(given(submitted()).refuses(vote(choice, { conditions: [condition] }), { principal: "alice" })).toBe(
        "conditions-need-approval",
      );
    }
  });
  test("that are an empty list are none", () => {
    const ballot = given(submitted({ electorate: ["alice"] })).when(vote("approve", { conditions: [] }), {
      principal: "alice",
    });
    expect(last(Result.getOrThrow(ballot))?.type).toBe("proposal-approved");
  });
  test("go with the ballot that is replaced", () => {
    const conditional = Result.getOrThrow(
      given(submitted()).when(vote("approve", { conditions: [condition] }), { principal: "alice" }),
    );
    expect(
      outcome(
        cast(
          [...submitted(), ...conditional],
          [
            ["alice", "approve"],
            ["bob", "approve"],
          ],
        ),
      ),
    ).toBe("proposal-approved");
  });
});

describe("closing", () => {
  test("is refused up to and including the deadline", () => {
    expect(given(submitted()).refuses(close)).toBe("too-early");
    expect(given(submitted()).refuses(close, { time: deadline })).toBe("too-early");
    expect(Result.isSuccess(given(submitted()).when(close, { time: afterDeadline }))).toBe(true);
  });
  test("again, or after an early decision, changes nothing", () => {
    const early = cast(submitted(), [
      ["alice", "approve"],
      ["bob", "approve"],
    ]);
    for (const history of [early, closed(submitted())]) {
      expect(given(history).when(close, { time: afterDeadline })).toEqual(Result.succeed([]));
    }
  });
  test("is not for people", () => {
    expect(proposalCommands["close-voting"].audience).toBe("internal");
  });
});

describe("calling off", () => {
  const withdraw = { type: "withdraw", payload: { reason: "mistake" } } as const;
  const cancel = { type: "cancel", payload: {} } as const;

  test.each([0, 30])("is possible before the end, with a discussion of %d s", (discussionSeconds) => {
    const history = submitted({ discussionSeconds });
    expect(given(history).when(withdraw)).toEqual(
      Result.succeed([{ type: "proposal-withdrawn", data: { reason: "mistake" } }]),
    );
    expect(given(history).when(cancel, { principal: "operator" })).toEqual(
      Result.succeed([{ type: "proposal-cancelled", data: { by: "operator" } }]),
    );
  });
  test("by withdrawal is the proposer's", () => {
    expect(given(submitted()).refuses(withdraw, { principal: "alice" })).toBe("not-the-proposer");
  });
  test("is too late after the end, also before it was counted", () => {
    for (const command of [withdraw, cancel]) {
      expect(given(closed(submitted())).refuses(command)).toBe("voting-closed");
      expect(given(submitted()).refuses(command, { time: afterDeadline })).toBe("voting-closed");
    }
  });
  test("ends the vote", () => {
    const history = [...submitted(), ...Result.getOrThrow(given(submitted()).when(cancel))];
    expect(given(history).refuses(vote("approve"), { principal: "alice" })).toBe("voting-closed");
    expect(given(history).when(close, { time: afterDeadline })).toEqual(Result.succeed([]));
  });
});

test("a ballot replayed on another proposal meets that one's own electorate", () => {
  const other = submitted({ electorate: ["dave"] });
  expect(given(other).refuses(vote("approve"), { principal: "alice" })).toBe("not-in-electorate");
});

test("a proposal that was not submitted is not found", () => {
  expect(given([]).refuses(vote("approve"))).toBe("not-found");
  expect(given([]).refuses(close)).toBe("not-found");
});
