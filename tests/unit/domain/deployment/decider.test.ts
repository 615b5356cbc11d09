import { describe, expect, test } from "@jest/globals";
import { Result, Struct } from "effect";
import type { Candidate } from "../../../../src/domain/deployment/request.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import {
  amendment,
  type Command,
  type Event,
  given,
  history,
  known,
  other,
  report,
  request,
  requested,
  reviewed,
  revision,
  rollbackStarted,
  stateAfter,
  step,
} from "./fixtures.ts";

const accepted = (...events: ReadonlyArray<Event>) => Result.succeed(events);
const review: Command = { type: "review", payload: { revision: revision.graphDigest, findings: [] } };
const as = (principal: string) => ({ principal });
const blocking = (reviewer: string): Event => ({
  type: "review-recorded",
  data: {
    reviewer,
    revision: revision.graphDigest,
    findings: [{ rule: "secrets", severity: "blocking", nodes: [], edges: [], message: "a password" }],
  },
});
const fail: Command = { type: "fail", payload: { reason: "check-failed", detail: "host back" } };
const cancel: Command = { type: "cancel", payload: { reason: "no need" } };
const timeOut: Command = { type: "time-out", payload: {} };
const rollBack: Command = { type: "roll-back", payload: {} };
const finishDeploying: Command = { type: "finish-deploying", payload: { task: "d1=monitor" } };
const finishRollback = (attempt: number, ...restored: ReadonlyArray<string>): Command => ({
  type: "finish-rollback",
  payload: { attempt, restored },
});

describe("a request", () => {
  test("pins what is deployed, who decides and how long it may take", () => {
    expect(given([]).when(request())).toEqual(accepted(requested));
    expect(given([]).when(request({ version: 7 }))).toMatchObject({
      success: [{ data: { pinnedVersion: true } }],
    });
  });

  const refused: ReadonlyArray<readonly [reason: string, Candidate]> = [
    ["graph-not-found", { is: "graph-not-found" }],
    ["version-not-found", { is: "version-not-found", newest: 3 }],
    ["archived", { is: "archived" }],
    ["invalid-graph", { is: "invalid-graph", problems: [] }],
  ];
  test.each(refused)("is refused: %s", (reason, candidate) => {
    expect(given([]).refuses(request(), { known: { ...known, candidate } })).toBe(reason);
  });

  test("lists every problem of an invalid graph", () => {
    const problem = { code: "no-host", severity: "error", nodes: [], edges: [], message: "there is no host" } as const;
    const candidate: Candidate = { is: "invalid-graph", problems: [problem] };
    expect(given([]).when(request(), { known: { ...known, candidate } })).toMatchObject({
      failure: { details: { problems: [problem] } },
    });
  });

  test("needs someone to decide", () => {
    expect(given([]).refuses(request(), { known: { ...known, reviewers: [] } })).toBe("no-reviewers");
    const crowd = Array.from({ length: 1_001 }, (_, index) => `reviewer-${index}`);
    expect(given([]).refuses(request(), { known: { ...known, reviewers: crowd } })).toBe("too-many-reviewers");
  });

  test("leaves room for discussion, all rounds of the vote, and monitoring", () => {
    expect(given([]).refuses(request({ monitorSeconds: 91 }))).toBe("timeout-too-short");
    expect(given([]).refuses(request({ monitorSeconds: 90 }))).toBeUndefined();
  });

  test("waits for deployments of the graph or on its hosts that are under way", () => {
    const beside = (fields: Parameters<typeof other>[0]) =>
      given([]).refuses(request(), { known: { ...known, others: [other(fields)] } });
    expect(beside({ status: "voting", hosts: [] })).toBe("deployment-in-progress");
    expect(beside({ status: "rolling-back", graph: "blog", hosts: ["front"] })).toBe("deployment-in-progress");
    expect(beside({ status: "deploying", graph: "blog", hosts: ["elsewhere"] })).toBeUndefined();
    const machine = { status: "deploying", graph: "blog", hosts: ["elsewhere"], machines: ["10.0.0.1 22"] } as const;
    expect(beside(machine)).toBeUndefined();
    const real = { known: { ...known, others: [other(machine)] } };
    expect(given([]).refuses(request({ target: "nixos" }), real)).toBe("deployment-in-progress");
    expect(beside({ status: "succeeded" })).toBeUndefined();
  });

  describe("of a revision that was rolled back", () => {
    const besides = (...others: ReadonlyArray<ReturnType<typeof other>>) => ({ known: { ...known, others } });
    const rolledBack = other({ status: "rolled-back" });
    test("needs someone to insist", () => {
      expect(given([]).refuses(request(), besides(rolledBack))).toBe("rolled-back-before");
      expect(given([]).refuses(request(), besides(other({ status: "rollback-incomplete" })))).toBe(
        "rolled-back-before",
      );
      expect(given([]).refuses(request({ insist: true }), besides(rolledBack))).toBe("reason-needed");
      expect(
        given([]).refuses(request({ insist: true, reason: "the disk was full" }), besides(rolledBack)),
      ).toBeUndefined();
    });
    test("is taken where the graph has changed, or the target is another one", () => {
      expect(given([]).refuses(request(), besides({ ...rolledBack, graphDigest: "sha256-older" }))).toBeUndefined();
      expect(given([]).refuses(request(), besides({ ...rolledBack, target: "nixos" }))).toBeUndefined();
    });
    test("is taken where it has succeeded since", () => {
      const since = other({ id: "d-since", status: "succeeded", requestedAt: "2025-12-31T01:00:00.000Z" });
      expect(given([]).refuses(request(), besides(rolledBack, since))).toBeUndefined();
      expect(
        given([]).refuses(request(), besides(since, { ...rolledBack, requestedAt: "2025-12-31T02:00:00.000Z" })),
      ).toBe("rolled-back-before");
    });
  });

  test("pins on the way to real hosts what is open and not named; a broken glass is for one revision", () => {
    const open = { known: { ...known, openInputs: { nixpkgs: "n", disko: "d" } } };
    const inputs = (fields: Parameters<typeof request>[0]) =>
      Result.match(given([]).when(request(fields), open), {
        onSuccess: ([event]) => Struct.pick(Object(event?.data), ["toPin", "unpinned"]),
        onFailure: ({ reason }) => reason,
      });
    const target = "nixos";
    expect(inputs({})).toEqual({});
    expect(inputs({ target })).toEqual({ toPin: { nixpkgs: "n", disko: "d" } });
    expect(inputs({ target, unpinned: ["disko", "other"] })).toEqual({ toPin: { nixpkgs: "n" }, unpinned: ["disko"] });
    expect(inputs({ target, unpinned: ["disko", "nixpkgs"] })).toEqual({ unpinned: ["nixpkgs", "disko"] });
    const breakGlass = { reason: "fire", graphDigest: "sha256-graph", flakeDigest: "sha256-flake" };
    expect(inputs({ target, breakGlass })).toBe("inputs-not-pinned");
  });

  test("takes no host that another graph has, and says whose it is and what to do", () => {
    const foreign = [{ host: "front", graph: "blog" }];
    expect(given([]).when(request(), { known: { ...known, foreign } })).toMatchObject({
      failure: {
        reason: "host-of-another-graph",
        message: expect.stringMatching(/host `front` belongs to graph `blog`.*`cim hosts release front/u),
        details: { host: "front", graph: "blog" },
      },
    });
    // Of the hosts that are deployed now, not of all that the graph has.
    expect(given([]).refuses(request({ hosts: ["back"] }), { known: { ...known, foreign } })).toBeUndefined();
  });

  test("takes over the hosts that it names, so that everybody sees them, and no others", () => {
    const foreign = [
      { host: "front", graph: "blog" },
      { host: "back", graph: "blog", as: "old-back" },
    ];
    const asking = (...takeOver: ReadonlyArray<string>) =>
      given([]).when(request({ takeOver }), { known: { ...known, foreign } });
    expect(asking("front")).toMatchObject({ failure: { reason: "host-of-another-graph", details: foreign[1] } });
    expect(asking("front", "back")).toMatchObject({ success: [{ data: { takeOver: foreign } }] });
    expect(asking("elsewhere")).toMatchObject({ failure: { reason: "unknown-host" } });
  });

  test("may give a machine of its own graph another id, unasked", () => {
    const foreign = [{ host: "front", graph: "shop", as: "old-front" }];
    expect(given([]).when(request(), { known: { ...known, foreign } })).toMatchObject({
      success: [{ data: { takeOver: foreign } }],
    });
  });

  test("needs its id for its own dialog and proposal", () => {
    expect(given([]).refuses(request(), { known: { ...known, taken: "dialog" } })).toBe("id-taken");
  });

  test("is made once", () => {
    expect(given(history.requested).refuses(request())).toBe("already-exists");
  });
});

describe("the discussion", () => {
  test("has a deadline", () => {
    expect(given(history.requested).when({ type: "begin-discussion", payload: { dialog: "d1" } })).toEqual(
      accepted({ type: "discussion-started", data: { dialog: "d1", deadline: "2026-01-01T00:00:30.000Z" } }),
    );
  });

  const allReviewed: Event = { type: "discussion-ended", data: { reason: "all-reviewed", silent: [] } };

  test("takes reviews from reviewers alone, and ends with the last one", () => {
    expect(given(history.discussing).when(review, as("ann"))).toEqual(accepted(reviewed("ann")));
    expect(given(history.discussing).refuses(review, as("eve"))).toBe("not-a-reviewer");
    const one = [...history.discussing, reviewed("ann")];
    expect(given(one).when(review, as("ann"))).toEqual(accepted(reviewed("ann")));
    expect(given(one).when(review, as("bob"))).toEqual(accepted(reviewed("bob"), allReviewed));
  });

  test("takes a review of this revision alone, and of what it became later", () => {
    const older: Command = { type: "review", payload: { revision: "sha256-older", findings: [] } };
    expect(given(history.discussing).refuses(older, as("ann"))).toBe("other-revision");
    expect(given(history.amended).refuses(review, as("ann"))).toBe("other-revision");
    const newer: Command = { type: "review", payload: { revision: "sha256-amended", findings: [] } };
    expect(given(history.amended).refuses(newer, as("ann"))).toBeUndefined();
  });

  test("reads what reviewers called info as notes", () => {
    const finding = { rule: "r", severity: "info", nodes: [], edges: [], message: "m" } as const;
    const old: Command = { type: "review", payload: { revision: revision.graphDigest, findings: [finding] } };
    expect(given(history.discussing).when(old, as("ann"))).toMatchObject({
      success: [{ data: { findings: [{ severity: "note" }] } }],
    });
  });

  test("may be over before it has begun", () => {
    const early = [...history.requested, reviewed("ann"), reviewed("bob")];
    expect(given(early).when({ type: "begin-discussion", payload: { dialog: "d1" } })).toMatchObject({
      success: [{ type: "discussion-started" }, allReviewed],
    });
  });

  test("ends at its deadline with those who said nothing, once", () => {
    const end: Command = { type: "end-discussion", payload: {} };
    expect(given([...history.discussing, reviewed("bob")]).when(end)).toEqual(
      accepted({ type: "discussion-ended", data: { reason: "deadline", silent: ["ann"] } }),
    );
    expect(given(history.discussed).when(end)).toEqual(accepted());
    expect(given(history.discussed).when(review, as("ann"))).toEqual(accepted(reviewed("ann")));
  });

  test("comes before the vote", () => {
    const begin: Command = { type: "begin-voting", payload: { proposal: "d1" } };
    expect(given(history.discussing).refuses(begin)).toBe("discussion-open");
    expect(given(history.discussed).when(begin)).toEqual(
      accepted({ type: "voting-started", data: { proposal: "d1" } }),
    );
  });
});

describe("the decision", () => {
  const tally = { approve: 2, reject: 0, abstain: 0, total: 2, quorumRequired: 1, quorumReached: true };
  const decide = (outcome: Extract<Command, { type: "record-decision" }>["payload"]["outcome"]): Command => ({
    type: "record-decision",
    payload: { outcome, tally, conditions: [] },
  });
  const counted = { graphDigest: revision.graphDigest, flakeDigest: revision.flakeDigest };
  const approve = (payload: Partial<Extract<Command, { type: "record-decision" }>["payload"]> = {}): Command => ({
    type: "record-decision",
    payload: { outcome: "approved", tally, conditions: [], counted, ...payload },
  });
  test.each(["approved", "approved-with-conditions"] as const)("%s goes on", (outcome) => {
    expect(given(history.voting).when(approve({ outcome }))).toEqual(
      accepted({ type: "deployment-approved", data: { tally, conditions: [] } }),
    );
  });
  test("is one of what the counted ballots were bound to, and of nothing else", () => {
    const { counted: _, ...unbound } = { counted, outcome: "approved", tally, conditions: [] } as const;
    expect(given(history.voting).refuses({ type: "record-decision", payload: unbound })).toBe("not-what-was-counted");
    for (const other of [{ graphDigest: "sha256-other" }, { flakeDigest: "sha256-other" }])
      expect(given(history.voting).refuses(approve({ counted: { ...counted, ...other } }))).toBe(
        "not-what-was-counted",
      );
    expect(given(history.amended).refuses(approve())).toBe("not-what-was-counted");
    const bound = { graphDigest: "sha256-amended", flakeDigest: "sha256-amended-flake" };
    expect(given(history.amended).refuses(approve({ counted: bound }))).toBeUndefined();
  });
  test("is none if it depends on changes that nobody has voted on", () => {
    const conditions = [{ voter: "bob", text: "smaller", changes: [{ type: "remove-node", id: "web" } as const] }];
    expect(given(history.voting).refuses(approve({ conditions }))).toBe("conditions-not-voted-on");
    expect(
      given(history.voting).refuses(approve({ conditions: [{ voter: "bob", text: "at night" }] })),
    ).toBeUndefined();
  });
  test("is a veto if a finding that came after the last ballot blocks", () => {
    const blocked = [...history.voting, blocking("ann")];
    expect(given(blocked).when(approve())).toEqual(
      accepted({
        type: "deployment-rejected",
        data: { outcome: "vetoed", tally, detail: "ann found secrets: a password" },
      }),
    );
    expect(given(blocked).refuses(approve({ blockingVetoes: false }))).toBeUndefined();
    expect(given([...blocked, reviewed("ann")]).when(approve())).toMatchObject({
      success: [{ type: "deployment-approved" }],
    });
  });
  test.each(["rejected", "expired", "withdrawn", "cancelled"] as const)("%s rejects it", (outcome) => {
    expect(given(history.voting).when(decide(outcome))).toEqual(
      accepted({ type: "deployment-rejected", data: { outcome, tally } }),
    );
  });
});

describe("the revision that came of conditions", () => {
  const amend: Command = { type: "amend", payload: amendment };
  const rolledBack = {
    known: { ...known, others: [other({ graphDigest: amendment.graphDigest, status: "rolled-back" })] },
  };

  test("takes the place of the last one while it is voted on, and never after", () => {
    expect(given(history.voting).when(amend)).toEqual(accepted({ type: "revision-amended", data: amendment }));
    expect(given(history.approved).refuses(amend)).toBe("wrong-state");
    expect(given(history.generated).refuses(amend)).toBe("wrong-state");
  });
  test("is refused if it is what was rolled back before, unless the request insists", () => {
    expect(given(history.voting).refuses(amend, rolledBack)).toBe("rolled-back-before");
    const [first, ...others] = history.voting;
    if (first?.type !== "deployment-requested") throw new Error("it does not begin with a request");
    const insisted: Event = { ...first, data: { ...first.data, insisted: { reason: "mended" } } };
    expect(given([insisted, ...others]).refuses(amend, rolledBack)).toBeUndefined();
  });
  test("is not reviewed yet", () => {
    const state = stateAfter([...history.voting, blocking("ann"), { type: "revision-amended", data: amendment }]);
    expect(state).toMatchObject({ reviewed: [], blocking: [] });
  });
});

describe("four eyes", () => {
  const data = (principal: string, more: Partial<typeof known>) =>
    Result.map(given([]).when(request(), { principal, known: { ...known, authors: new Map(), ...more } }), ([event]) =>
      event?.type === "deployment-requested" ? event.data.excluded : undefined,
    );
  test("leave out who requested it, who changed the graph, and who is one pair of eyes with them", () => {
    expect(data("eve", {})).toEqual(Result.succeed(undefined));
    expect(data("ann", {})).toEqual(Result.succeed([{ id: "ann", reason: "`ann` requested it" }]));
    expect(data("eve", { authors: new Map([["bob", "changed the graph"]]) })).toEqual(
      Result.succeed([{ id: "bob", reason: "`bob` changed the graph" }]),
    );
    expect(data("eve", { owners: new Map([["bob", "eve"]]) })).toEqual(
      Result.succeed([{ id: "bob", reason: "`bob` is one pair of eyes with `eve`, which requested it" }]),
    );
    const agents = new Map([
      ["bob", "carol"],
      ["eve", "carol"],
    ]);
    expect(data("eve", { owners: agents })).toMatchObject({ success: [{ id: "bob" }] });
  });
  test("need somebody else, and hold only if the policy does not say otherwise", () => {
    const both = { authors: new Map([["bob", "changed the graph"]]) };
    expect(given([]).refuses(request(), { principal: "ann", known: { ...known, ...both } })).toBe("no-other-eyes");
    expect(given([]).refuses(request(), { principal: "ann" })).toBeUndefined();
    if (known.policy === undefined) throw new Error("there is no policy");
    const document = { ...known.policy.document, electorate: [{ id: "dora", weight: 1 }] };
    const voters = { ...known, ...both, policy: { ...known.policy, document } };
    expect(given([]).refuses(request(), { principal: "ann", known: voters })).toBeUndefined();
  });
});

describe("generating", () => {
  const generated = { flakeDigest: "sha256-flake", files: 3, bytes: 100 };
  test("stores the flake that was decided on, and no other", () => {
    expect(given(history.approved).when({ type: "record-generated", payload: generated })).toEqual(
      accepted({ type: "flake-generated", data: generated }),
    );
    const another = { ...generated, flakeDigest: "sha256-another" };
    expect(given(history.approved).refuses({ type: "record-generated", payload: another })).toBe("digest-mismatch");
    expect(given(history.generated).when({ type: "record-generated", payload: generated })).toEqual(accepted());
  });

  test("comes before deploying", () => {
    const begin: Command = { type: "begin-deploying", payload: { task: "d1=deploy" } };
    expect(given(history.approved).refuses(begin)).toBe("not-generated");
    expect(given(history.generated).when(begin)).toEqual(
      accepted({ type: "deploying-started", data: { task: "d1=deploy" } }),
    );
  });
});

test("a host that a condition brought in, and that another graph has, ends it before any host is touched", () => {
  const begin: Command = { type: "begin-deploying", payload: { task: "d1=deploy" } };
  const foreign = [{ host: "front", graph: "blog" }];
  expect(given(history.generated).when(begin, { known: { ...known, foreign } })).toMatchObject({
    success: [{ type: "deployment-failed", data: { phase: "generating", reason: "host-of-another-graph" } }],
  });
});

test("a host whose change of hands was voted on is taken, and not if yet another graph has it by now", () => {
  const begin: Command = { type: "begin-deploying", payload: { task: "d1=deploy" } };
  const [first, ...others] = history.generated;
  if (first?.type !== "deployment-requested") throw new Error("a history begins with its request");
  const foreign = [{ host: "front", graph: "blog" }];
  const taking = given([{ ...first, data: { ...first.data, takeOver: foreign } }, ...others]);
  expect(taking.when(begin, { known: { ...known, foreign } })).toMatchObject({
    success: [{ type: "deploying-started" }],
  });
  expect(taking.when(begin, { known: { ...known, foreign: [{ host: "front", graph: "wiki" }] } })).toMatchObject({
    success: [{ type: "deployment-failed", data: { reason: "host-of-another-graph" } }],
  });
});

describe("reports of steps", () => {
  test("begin with the closure that the host runs", () => {
    expect(given(history.deploying).when(report("back", "recorded"))).toEqual(accepted(step("back", "recorded")));
    expect(given(history.deploying).refuses(report("back", "activated"))).toBe("not-recorded");
    const blind: Command = { type: "record-step", payload: { host: "back", step: "recorded" } };
    expect(given(history.deploying).refuses(blind)).toBe("no-previous");
    expect(given(history.deploying).refuses(report("elsewhere", "recorded"))).toBe("unknown-host");
  });

  test("only go on: late and repeated ones change nothing", () => {
    const activated = [...history.touched, step("back", "built"), step("back", "activated")];
    expect(given(activated).when(report("back", "healthy"))).toEqual(accepted(step("back", "healthy")));
    for (const name of ["recorded", "built", "copied", "activated"] as const)
      expect(given(activated).when(report("back", name))).toEqual(accepted());
  });

  test("cannot confirm a host whose closure nobody told", () => {
    expect(given(history.touched).refuses(report("back", "confirmed"))).toBe("no-closure");
  });

  test("are refused where nothing is deployed", () => {
    for (const state of ["requested", "voting", "generated", "monitoring", "succeeded", "rolledBack"] as const)
      expect(given(history[state]).refuses(report("back", "recorded"))).toBe("wrong-state");
    expect(given(history.touched).refuses(report("back", "reverted"))).toBe("wrong-state");
  });

  test("that were on their way when rolling back began still show what was touched", () => {
    expect(given(history.rollingBack).when(report("front", "recorded"))).toEqual(accepted(step("front", "recorded")));
    expect(given(history.rollingBack).when(report("back", "activated"))).toEqual(accepted());
  });

  test("of rolling back are about touched hosts, and a restored one stays restored", () => {
    expect(given(history.rollingBack).when(report("back", "unreachable"))).toEqual(
      accepted(step("back", "unreachable")),
    );
    expect(given(history.rollingBack).refuses(report("front", "reverted"))).toBe("not-recorded");
    const reverted = [...history.rollingBack, step("back", "reverted")];
    expect(given(reverted).when(report("back", "unreachable"))).toEqual(accepted());
  });
});

describe("the end of deploying", () => {
  test("is monitoring, where every host is confirmed", () => {
    expect(given(history.allConfirmed).when(finishDeploying)).toEqual(
      accepted({ type: "monitoring-started", data: { task: "d1=monitor", seconds: 30 } }),
    );
  });
  test("is a failure, where one is not", () => {
    const detail = "not confirmed: back, front";
    expect(given(history.touched).when(finishDeploying)).toEqual(
      accepted(rollbackStarted({ reason: "hosts-unconfirmed", detail })),
    );
    expect(given(history.deploying).when(finishDeploying)).toEqual(
      accepted({ type: "deployment-failed", data: { phase: "deploying", reason: "hosts-unconfirmed", detail } }),
    );
  });
  test("and the end of monitoring is success", () => {
    expect(given(history.monitoring).when({ type: "finish-monitoring", payload: {} })).toEqual(
      accepted({ type: "deployment-succeeded", data: {} }),
    );
  });
});

describe("what stops a deployment", () => {
  test.each(["requested", "discussing", "voting", "approved"] as const)(
    "before a deployer was asked (%s) it ends",
    (state) => {
      const phase = stateAfter(history[state])?.status;
      expect(given(history[state]).when(fail)).toEqual(
        accepted({ type: "deployment-failed", data: { phase, reason: "check-failed", detail: "host back" } } as Event),
      );
      expect(given(history[state]).when(timeOut)).toEqual(
        accepted({ type: "deployment-failed", data: { phase, reason: "timeout" } } as Event),
      );
      expect(given(history[state]).when(cancel)).toEqual(
        accepted({ type: "deployment-cancelled", data: { by: "ada", reason: "no need" } }),
      );
      expect(given(history[state]).refuses(rollBack)).toBe("wrong-state");
    },
  );

  test("a deployer that has failed before it touched a host ends it", () => {
    expect(given(history.deploying).when(fail)).toEqual(
      accepted({
        type: "deployment-failed",
        data: { phase: "deploying", reason: "check-failed", detail: "host back" },
      }),
    );
  });

  test("while the deployer may be touching a host it waits for what there is to put back", () => {
    for (const command of [cancel, timeOut, rollBack])
      expect(given(history.deploying).when(command)).toMatchObject({
        success: [{ type: "rollback-started", data: { hosts: [], task: "d1=rollback-1" } }],
      });
    const stopped = (by?: string): ReadonlyArray<Event> => [
      ...history.deploying,
      rollbackStarted({ reason: "timeout", hosts: [], ...defined({ by }) }),
    ];
    expect(given(stopped()).when(finishRollback(1))).toEqual(
      accepted({ type: "deployment-failed", data: { phase: "deploying", reason: "timeout" } }),
    );
    expect(given(stopped("ada")).when(finishRollback(1))).toEqual(
      accepted({ type: "deployment-cancelled", data: { by: "ada" } }),
    );
  });

  test("touched hosts go back, the last one first", () => {
    expect(given([...history.touched, step("front", "recorded")]).when(fail)).toEqual(
      accepted(rollbackStarted({ detail: "host back", hosts: ["front", "back"] })),
    );
    expect(given(history.monitoring).when(cancel)).toEqual(
      accepted(
        rollbackStarted({
          reason: "cancelled",
          detail: "no need",
          by: "ada",
          phase: "monitoring",
          hosts: ["front", "back"],
        }),
      ),
    );
  });
});

describe("rolling back", () => {
  test("is over when every touched host is restored, as reported or as the result says", () => {
    const rolledBack: Event = { type: "deployment-rolled-back", data: { hosts: ["back"] } };
    const reverted: Event = {
      type: "host-step-recorded",
      data: { host: "back", step: "reverted", closure: "/old/back" },
    };
    expect(given([...history.rollingBack, step("back", "reverted")]).when(finishRollback(1))).toEqual(
      accepted(rolledBack),
    );
    expect(given(history.rollingBack).when(finishRollback(1, "back"))).toEqual(accepted(reverted, rolledBack));
  });

  test("is incomplete otherwise, and names the hosts", () => {
    const both = [...history.touched, step("front", "recorded"), rollbackStarted({ hosts: ["front", "back"] })];
    expect(given(both).when(finishRollback(1, "front"))).toMatchObject({
      success: [
        { data: { host: "front", step: "reverted" } },
        { type: "rollback-incomplete", data: { hosts: ["back"] } },
      ],
    });
  });

  test("an earlier attempt's end does not end a later one", () => {
    const again = [...history.incomplete, rollbackStarted({ attempt: 2, task: "d1=rollback-2" })];
    expect(given(again).when(finishRollback(1, "back"))).toEqual(accepted());
  });

  test("can be asked for again where it was incomplete, for what is left", () => {
    expect(given(history.incomplete).when(rollBack)).toEqual(
      accepted(
        rollbackStarted({
          reason: "rollback-requested",
          by: "ada",
          phase: "rollback-incomplete",
          attempt: 2,
          task: "d1=rollback-2",
          hosts: ["back"],
        }),
      ),
    );
  });

  test("can be asked for after success, unless the hosts have moved on", () => {
    expect(given(history.succeeded).when(rollBack)).toMatchObject({
      success: [{ type: "rollback-started", data: { phase: "succeeded", hosts: ["front", "back"] } }],
    });
    const beside = (fields: Parameters<typeof other>[0]) =>
      given(history.succeeded).refuses(rollBack, { known: { ...known, others: [other(fields)] } });
    const later = "2026-01-02T00:00:00.000Z";
    expect(beside({ status: "succeeded", requestedAt: later })).toBe("superseded");
    expect(beside({ status: "rolled-back", requestedAt: later })).toBeUndefined();
    expect(beside({ status: "succeeded" })).toBeUndefined();
    expect(beside({ status: "deploying", requestedAt: later })).toBe("deployment-in-progress");
  });

  test("cannot be stopped", () => {
    for (const command of [cancel, fail, timeOut, rollBack])
      expect(given(history.rollingBack).refuses(command)).toBe("wrong-state");
  });
});

describe("nothing leaves an end but rolling back", () => {
  const everything: ReadonlyArray<Command> = [
    { type: "begin-discussion", payload: { dialog: "d1" } },
    review,
    { type: "end-discussion", payload: {} },
    { type: "begin-voting", payload: { proposal: "d1" } },
    { type: "record-decision", payload: { outcome: "approved", conditions: [] } },
    { type: "amend", payload: { ...revision, changes: [] } },
    { type: "record-generated", payload: { flakeDigest: "sha256-flake", files: 1, bytes: 1 } },
    { type: "begin-deploying", payload: { task: "d1=deploy" } },
    report("back", "recorded"),
    finishDeploying,
    { type: "finish-monitoring", payload: {} },
    finishRollback(1),
    fail,
    timeOut,
    cancel,
  ];
  test.each(["rejected", "failed", "cancelled", "rolledBack", "succeeded", "incomplete"] as const)("%s", (state) => {
    for (const command of everything) expect(given(history[state]).refuses(command)).toBe("wrong-state");
    const mayRollBack = state === "succeeded" || state === "incomplete";
    expect(given(history[state]).refuses(rollBack)).toBe(mayRollBack ? undefined : "wrong-state");
  });

  test("and there is nothing to do before a request", () => {
    for (const command of [...everything, rollBack]) expect(given([]).refuses(command)).toBe("not-found");
  });
});
