import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import type { Action } from "../../../src/application/action.ts";
import type { CommandError } from "../../../src/application/command-error.ts";
import type { CommandAccepted } from "../../../src/application/command-request.ts";
import { verify } from "../../../src/application/operations/verify/mod.ts";
import { authority } from "../../../src/application/processes/authority.ts";
import { processes } from "../../../src/application/processes/mod.ts";
import type { ProposalEvent } from "../../../src/domain/consensus/contract.ts";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import { type EventOf, isOwnPrincipal } from "../../../src/domain/kernel/mod.ts";
import { principal } from "../../../src/domain/principal/decider.ts";
import { digestsLayer } from "../../../src/infrastructure/digests.ts";
import { logOf } from "../../support/memory.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";
import { recorder } from "./recorded.ts";

const refusal = (result: Result.Result<CommandAccepted, CommandError>) =>
  Result.isFailure(result) ? { code: result.failure.code, message: result.failure.message } : undefined;

const graph = { id: "shop", nodes: [], edges: [] };

test("every process manager acts under a name that nobody outside can speak as", () => {
  expect(processes.map(({ name }) => name).filter((name) => !isOwnPrincipal(name))).toEqual([]);
});

describe("a command", () => {
  test("is refused without a role or relation of its row; the refusal names who may, and the remedy", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        expect(refusal(yield* leaf.give("bob", "principal", "bob", "grant", { roles: ["voter"] }))).toEqual({
          code: "unauthorized",
          message:
            "`bob` may not give `principal.grant` to `bob`, which is for the role `admin`; `bob` has `viewer`, `participant`, `designer`, `operator`; an admin can give the role: `cim agents grant bob admin`",
        });
        yield* leaf.give("ada", "graph", "shop", "import", graph);
        expect(refusal(yield* leaf.give("bob", "graph", "shop", "archive"))).toMatchObject({
          code: "unauthorized",
          message: expect.stringContaining("which is for its owner"),
        });
        expect(refusal(yield* leaf.give("ada", "graph", "shop", "archive"))).toBeUndefined();
      }),
    ));

  test("may need one role to make an aggregate, and a relation to change it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.give("cim", "principal", "vera", "admit", { roles: ["viewer"] });
        expect(refusal(yield* leaf.give("vera", "graph", "shop", "import", graph))?.code).toBe("unauthorized");
        yield* leaf.give("ada", "graph", "shop", "import", graph);
        yield* leaf.grant("vera", "designer");
        expect(refusal(yield* leaf.give("vera", "graph", "shop", "import", graph))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("vera", "graph", "own", "import", { ...graph, id: "own" }))).toBeUndefined();
      }),
    ));

  test("is judged by the roles of the moment: what changes them is answered when it holds", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        const host = { health: "healthy" };
        expect(refusal(yield* leaf.give("watch", "host", "h1", "report-state", host))?.code).toBe("unauthorized");
        yield* leaf.give("op", "principal", "watch", "grant", { roles: ["monitor"] });
        expect(refusal(yield* leaf.give("watch", "host", "h1", "report-state", host))).toBeUndefined();
        yield* leaf.give("op", "principal", "watch", "suspend", { reason: "it lies" });
        expect(refusal(yield* leaf.give("watch", "host", "h1", "report-state", { health: "unhealthy" }))).toEqual({
          code: "unauthorized",
          message: "`watch` may not give `host.report-state`: it is suspended by `op`: it lies",
        });
        yield* leaf.give("op", "principal", "watch", "reinstate");
        expect(
          refusal(yield* leaf.give("watch", "host", "h1", "report-state", { health: "unhealthy" })),
        ).toBeUndefined();
      }),
    ));

  test("of the backend's own proposals, tasks and dialogs is not given by an admin either", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        yield* leaf.grant("ann", "voter");
        const electorate = [{ id: "ann", weight: 1 }];
        const subject = { kind: "any", title: "t", subject: {}, electorate };
        yield* leaf.give("deployment-workflow", "proposal", "d1", "submit", subject);
        yield* leaf.give("bob", "proposal", "p1", "submit", subject);
        expect(refusal(yield* leaf.give("op", "proposal", "d1", "cancel"))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("bob", "proposal", "d1", "withdraw"))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("op", "proposal", "p1", "cancel"))).toBeUndefined();
      }),
    ));
});

test("the first start makes the admin and admits the agents, once in the life of a log", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const security = { id: "security", kind: "agent", roles: ["voter"] } as const;
      yield* leaf.firstStart([security]);
      expect(yield* leaf.document("principals", "security")).toMatchObject({ owner: "cim", roles: ["voter"] });
      yield* leaf.give("admin", "principal", "security", "revoke", { roles: ["voter"], reason: "it sleeps" });
      yield* leaf.firstStart([security]);
      expect(yield* leaf.document("principals", "security")).toMatchObject({ admitted: true, roles: [] });
      expect(yield* leaf.events("principal", "admin")).toHaveLength(1);
    }),
  ));

const person = { metadata: { kind: "person" } };

/** A vote of ann and bob that goes on, and a key of each. */
const openVote = Effect.fnUntraced(function* (leaf: Leaf, more: Payload = {}) {
  yield* leaf.grant("op", "admin");
  for (const id of ["ann", "bob"]) {
    yield* leaf.grant(id, "voter");
    yield* leaf.give(id, "agent", id, "register", { capabilities: ["review"], publicKey: keyOf(id), ...person });
  }
  yield* leaf.settle;
  const matter = { kind: "any", title: "t", subject: {}, electorate: ["ann", "bob"], votingSeconds: 600 };
  yield* leaf.give("ada", "proposal", "p1", "submit", { ...matter, ...more });
});

/** The form of a public nkey; in memory nobody verifies. */
const keyOf = (id: string, number = 1) =>
  `U${`${id}${number}`
    .toUpperCase()
    .replaceAll(/[^A-Z2-7]/g, "A")
    .padEnd(55, "A")}`;

const signed = (
  leaf: Leaf,
  principal: string,
  to: readonly [string, string],
  command: string,
  payload: Payload,
  publicKey: string,
) =>
  leaf.handle({
    aggregate: to[0],
    id: to[1],
    command,
    payload,
    principal,
    audience: "public",
    signed: { publicKey, signature: "-", text: "-" },
  });

describe("capabilities of consequence", () => {
  test("are asked for until a role grants them, and are gone when the role is", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        const capabilities = ["steel", "deploy", "review"];
        const registered = yield* leaf.give("ann", "agent", "ann", "register", { capabilities });
        expect(Result.getOrThrow(registered)).toMatchObject({ askedFor: ["deploy", "review"] });
        expect(yield* leaf.document("agents", "ann")).toMatchObject({
          capabilities: ["steel"],
          askedFor: ["deploy", "review"],
        });
        yield* leaf.give("op", "principal", "ann", "grant", { roles: ["deployer", "voter"] });
        yield* leaf.settle;
        const granted = yield* leaf.document("agents", "ann");
        expect(granted).toMatchObject({ capabilities: ["steel", "deploy", "review"] });
        expect(granted).not.toHaveProperty("askedFor");
        yield* leaf.give("op", "principal", "ann", "revoke", { roles: ["deployer"], reason: "it fell asleep" });
        yield* leaf.settle;
        expect(yield* leaf.document("agents", "ann")).toMatchObject({
          capabilities: ["steel", "review"],
          askedFor: ["deploy"],
        });
      }),
    ));

  test("that the installation guards are granted by name; guarding and taking them acts at once", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        const document = leaf.document("agents", "ann");
        yield* leaf.give("ann", "agent", "ann", "register", { capabilities: ["steel", "paint"] });
        expect(refusal(yield* leaf.give("ann", "capability", "steel", "guard", { reason: "r" }))?.code).toBe(
          "unauthorized",
        );
        yield* leaf.give("op", "capability", "steel", "guard", { reason: "it costs money" });
        yield* leaf.settle;
        expect(yield* document).toMatchObject({ capabilities: ["paint"], askedFor: ["steel"] });
        yield* leaf.give("op", "principal", "ann", "grant", { capabilities: ["steel"] });
        yield* leaf.settle;
        expect(yield* document).toMatchObject({ capabilities: ["paint", "steel"] });
        const late = yield* leaf.give("bob", "agent", "bob", "register", { capabilities: ["steel"] });
        expect(Result.getOrThrow(late)).toMatchObject({ askedFor: ["steel"] });
        yield* leaf.give("op", "principal", "ann", "revoke", { capabilities: ["steel"], reason: "it spent too much" });
        yield* leaf.settle;
        expect(yield* document).toMatchObject({ capabilities: ["paint"], askedFor: ["steel"] });
        yield* leaf.give("op", "capability", "steel", "unguard", { reason: "it is cheap now" });
        yield* leaf.settle;
        expect(yield* document).toMatchObject({ capabilities: ["paint", "steel"] });
      }),
    ));

  test("of strangers make no electorate larger", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.join("ann", { capabilities: ["review"] }, () => Effect.void);
        for (const id of ["ghost-1", "ghost-2"])
          yield* leaf.give(id, "agent", id, "register", { capabilities: ["review"], ...person });
        yield* leaf.give("ada", "proposal", "p1", "submit", { kind: "any", title: "t", subject: {} });
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ electorate: [{ id: "ann" }] });
        const named = { kind: "any", title: "t", subject: {}, electorate: ["ann", "ghost-1"] };
        expect(yield* leaf.give("ada", "proposal", "p2", "submit", named)).toMatchObject({
          failure: { details: { reason: "not-a-voter", strangers: ["ghost-1"] } },
        });
      }),
    ));
});

describe("a suspension acts at once", () => {
  test("on open votes: the ballot is struck, told with its reason, and the rest counted again", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf);
        yield* leaf.give("ann", "proposal", "p1", "vote", { choice: "approve" });
        yield* leaf.give("op", "principal", "ann", "suspend", { reason: "its key is lost" });
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ ballots: [], tally: { approve: 0 } });
        expect((yield* leaf.events("proposal", "p1")).at(-1)).toMatchObject({
          type: "ballot-struck",
          actor: "authority",
          data: { voter: "ann", reason: "`ann` may not vote: its key is lost" },
        });
        expect(refusal(yield* leaf.give("ann", "proposal", "p1", "vote", { choice: "approve" }))?.code).toBe(
          "unauthorized",
        );
        const commits = yield* leaf.commits;
        const found = yield* verify(logOf(commits), { seen: [] }).pipe(Effect.provide(digestsLayer), Effect.orDie);
        expect(found).toMatchObject({ ok: true, findings: [] });
      }),
    ));

  test("on tasks, which go to others, and on the agent, which is signed off until it registers again", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        yield* leaf.join("ann", { capabilities: ["steel"] }, () => Effect.void);
        yield* leaf.give("ada", "task", "t", "submit", { type: "weld", requiredCapabilities: ["steel"] });
        yield* leaf.settle;
        yield* leaf.join("bob", { capabilities: ["steel"] }, () => Effect.void);
        yield* leaf.give("op", "principal", "ann", "suspend", { reason: "odd" });
        yield* leaf.settle;
        expect(yield* leaf.document("tasks", "t")).toMatchObject({ agent: "bob" });
        expect(refusal(yield* leaf.give("ann", "agent", "ann", "register", { capabilities: [] }))?.code).toBe(
          "unauthorized",
        );
        yield* leaf.give("op", "principal", "ann", "reinstate");
        expect(refusal(yield* leaf.give("ann", "agent", "ann", "register", { capabilities: [] }))).toBeUndefined();
      }),
    ));

  test("and so does an admin's sign-off of somebody else: it neither votes nor submits until it is admitted again", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf);
        yield* leaf.give("ann", "proposal", "p1", "vote", { choice: "approve" });
        expect(yield* leaf.give("op", "agent", "ann", "deregister")).toMatchObject({
          failure: { details: { reason: "reason-needed" } },
        });
        yield* leaf.give("op", "agent", "ann", "deregister", { reason: "it left" });
        const vote = { choice: "reject" };
        expect(refusal(yield* leaf.give("ann", "proposal", "p1", "vote", vote))?.code).toBe("unauthorized");
        const matter = { kind: "any", title: "t", subject: {} };
        expect(refusal(yield* leaf.give("ann", "proposal", "p2", "submit", matter))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("ann", "agent", "ann", "register", { capabilities: [] }))?.code).toBe(
          "unauthorized",
        );
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ ballots: [] });
        yield* leaf.give("op", "principal", "ann", "admit", { roles: ["participant", "voter"] });
        expect(refusal(yield* leaf.give("ann", "proposal", "p1", "vote", vote))).toBeUndefined();
      }),
    ));
});

describe("a key", () => {
  test("comes with the first registration; another one is signed with it, or by an admin", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf);
        const other = { capabilities: ["review"], publicKey: keyOf("eve") };
        expect(yield* leaf.give("ann", "agent", "ann", "register", other)).toMatchObject({
          failure: { details: { reason: "another-key" } },
        });
        const rotate = ["principal", "ann"] as const;
        const next = { publicKey: keyOf("ann", 2) };
        expect(yield* signed(leaf, "ann", rotate, "rotate-key", next, keyOf("eve"))).toMatchObject({
          failure: { details: { reason: "signature-required" } },
        });
        expect(refusal(yield* signed(leaf, "ann", rotate, "rotate-key", next, keyOf("ann")))).toBeUndefined();
        yield* leaf.settle;
        expect(yield* leaf.document("agents", "ann")).toMatchObject(next);
        // An admin without a key of their own cannot give keys to others; with one, they sign.
        const third = { publicKey: keyOf("ann", 3) };
        expect(yield* leaf.give("op", "principal", "ann", "rotate-key", third)).toMatchObject({
          failure: { details: { reason: "signature-required" } },
        });
        yield* leaf.give("op", "principal", "op", "rotate-key", { publicKey: keyOf("op") });
        expect(refusal(yield* signed(leaf, "op", rotate, "rotate-key", third, keyOf("op")))).toBeUndefined();
      }),
    ));

  test("that is rotated holds in open votes at once, the old one no more", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf, { signedBallots: true });
        const [vote, ballot] = [["proposal", "p1"] as const, { choice: "approve" }];
        const next = { publicKey: keyOf("ann", 2) };
        yield* signed(leaf, "ann", ["principal", "ann"], "rotate-key", next, keyOf("ann"));
        yield* leaf.settle;
        expect(yield* signed(leaf, "ann", vote, "vote", ballot, keyOf("ann"))).toMatchObject({
          failure: { details: { reason: "wrong-key" } },
        });
        expect(refusal(yield* signed(leaf, "ann", vote, "vote", ballot, keyOf("ann", 2)))).toBeUndefined();
      }),
    ));

  test("that is revoked strikes the ballots that it signed after the moment named, and no others", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf);
        yield* leaf.give("ada", "proposal", "p2", "submit", {
          kind: "any",
          title: "t",
          subject: {},
          electorate: ["ann", "bob"],
          votingSeconds: 600,
        });
        yield* signed(leaf, "ann", ["proposal", "p1"], "vote", { choice: "approve" }, keyOf("ann"));
        const [cast] = (yield* leaf.events("proposal", "p1")).slice(-1);
        yield* leaf.pass(2);
        yield* signed(leaf, "ann", ["proposal", "p2"], "vote", { choice: "approve" }, keyOf("ann"));
        const revoked = { publicKey: keyOf("ann"), since: cast?.time ?? "", reason: "it was copied" };
        expect(refusal(yield* leaf.give("op", "principal", "ann", "revoke-key", revoked))).toBeUndefined();
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ ballots: [{ voter: "ann" }] });
        expect(yield* leaf.document("proposals", "p2")).toMatchObject({ ballots: [] });
        expect(yield* leaf.document("agents", "ann")).not.toHaveProperty("publicKey");
        // Nobody but an admin gives it another one.
        expect(yield* leaf.give("ann", "principal", "ann", "rotate-key", { publicKey: keyOf("ann", 2) })).toMatchObject(
          {
            failure: { details: { reason: "signature-required" } },
          },
        );
      }),
    ));

  test("that was rotated away can still be revoked: what it signed is struck, and the new one stays", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf);
        yield* leaf.give("ada", "proposal", "p2", "submit", {
          kind: "any",
          title: "t",
          subject: {},
          electorate: ["ann", "bob"],
          votingSeconds: 600,
          vetoHolders: ["ann"],
        });
        const [old, next] = [keyOf("ann"), keyOf("ann", 2)];
        yield* signed(leaf, "ann", ["proposal", "p1"], "vote", { choice: "approve" }, old);
        yield* signed(leaf, "ann", ["proposal", "p2"], "veto", { reason: "no" }, old);
        // The key of a vetoed vote changes too: the vote may go on.
        yield* signed(leaf, "ann", ["principal", "ann"], "rotate-key", { publicKey: next }, old);
        yield* leaf.settle;
        const revoked = { publicKey: old, since: "1969-01-01T00:00:00.000Z", reason: "it was copied" };
        expect(refusal(yield* leaf.give("op", "principal", "ann", "revoke-key", revoked))).toBeUndefined();
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ ballots: [] });
        expect(yield* leaf.document("proposals", "p2")).toMatchObject({ status: "active", vetoStruck: { by: "ann" } });
        expect(yield* leaf.document("principals", "ann")).toMatchObject({ publicKey: next, revokedKeys: [old] });
        for (const id of ["p1", "p2"]) {
          const vote = ["proposal", id] as const;
          expect(yield* signed(leaf, "ann", vote, "vote", { choice: "reject" }, old)).toMatchObject({
            failure: { details: { reason: "wrong-key" } },
          });
          expect(refusal(yield* signed(leaf, "ann", vote, "vote", { choice: "reject" }, next))).toBeUndefined();
        }
      }),
    ));

  test("that is revoked while a vote is vetoed, and a role that is lost then, do not come back with the vote", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* openVote(leaf, { vetoHolders: ["ann"] });
        yield* leaf.give("bob", "proposal", "p1", "vote", { choice: "approve" });
        yield* signed(leaf, "ann", ["proposal", "p1"], "veto", { reason: "no" }, keyOf("ann"));
        yield* leaf.give("op", "principal", "bob", "suspend", { reason: "odd" });
        yield* leaf.settle;
        const revoked = { publicKey: keyOf("ann"), since: "1969-01-01T00:00:00.000Z", reason: "it was copied" };
        yield* leaf.give("op", "principal", "ann", "revoke-key", revoked);
        yield* leaf.settle;
        const after = yield* leaf.document("proposals", "p1");
        expect(after).toMatchObject({ status: "active", ballots: [], struck: [{ voter: "bob" }] });
        expect(after.electorate).toEqual([expect.not.objectContaining({ publicKey: keyOf("ann") }), expect.anything()]);
        expect(
          yield* signed(leaf, "ann", ["proposal", "p1"], "vote", { choice: "approve" }, keyOf("ann")),
        ).toMatchObject({
          failure: { details: { reason: "no-registered-key" } },
        });
        const found = yield* verify(logOf(yield* leaf.commits), { seen: [] }).pipe(
          Effect.provide(digestsLayer),
          Effect.orDie,
        );
        // The signatures are none, in memory.
        expect(found.findings.filter(({ problem }) => !problem.includes("sign"))).toEqual([]);
      }),
    ));

  test("that is revoked strikes the vetoes that it signed: the vote goes on, with the other ballots", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const vetoing = { vetoHolders: ["ann"] };
        yield* openVote(leaf, vetoing);
        yield* leaf.give("ada", "proposal", "p2", "submit", {
          kind: "repair",
          title: "t",
          subject: {},
          electorate: ["ann", "bob"],
          votingSeconds: 600,
          ...vetoing,
        });
        yield* signed(leaf, "ann", ["proposal", "p1"], "vote", { choice: "approve" }, keyOf("ann"));
        for (const id of ["p1", "p2"])
          yield* signed(leaf, "ann", ["proposal", id], "veto", { reason: "no" }, keyOf("ann"));
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ status: "vetoed", by: "ann" });
        const revoked = { publicKey: keyOf("ann"), since: "1969-01-01T00:00:00.000Z", reason: "it was copied" };
        yield* leaf.give("op", "principal", "ann", "revoke-key", revoked);
        yield* leaf.settle;
        const reason = `the key ${keyOf("ann")} was revoked: it was copied`;
        const after = yield* leaf.document("proposals", "p1");
        expect(after).toMatchObject({
          status: "active",
          ballots: [],
          vetoStruck: { by: "ann", veto: "no", reason },
          struck: [{ voter: "ann", reason }],
        });
        expect(after).not.toHaveProperty("by");
        // What waited for a repair has ended with the veto.
        expect(yield* leaf.document("proposals", "p2")).toMatchObject({ status: "vetoed" });
        yield* leaf.give("bob", "proposal", "p1", "vote", { choice: "approve" });
        yield* leaf.pass(601);
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({ status: "enacted", tally: { approve: 1 } });
        const found = yield* verify(logOf(yield* leaf.commits), { seen: [] }).pipe(
          Effect.provide(digestsLayer),
          Effect.orDie,
        );
        // The signatures are none, in memory.
        expect(found.findings.filter(({ problem }) => !problem.includes("sign"))).toEqual([]);
      }),
    ));
});

describe("what a backend took that did not know yet of a lost key or role", () => {
  const key = { publicKey: keyOf("ann"), since: "1969-01-01T00:00:00.000Z", reason: "it was copied" };

  /** What the process does with an event of a proposal, once it has seen those of ann. */
  const reactionTo = (
    event: ProposalEvent,
    ...ofAnn: ReadonlyArray<EventOf<typeof principal.events>>
  ): ReadonlyArray<Action> => {
    const recorded = recorder();
    const seen = ofAnn.reduce(
      (state, one) => authority.evolve(state, recorded(principal, "ann", one)),
      authority.initial,
    );
    return authority.react(seen, recorded(proposal, "p1", event));
  };
  const voter = { type: "roles-granted", data: { roles: ["voter"] } } as const;
  const revoked = { type: "key-revoked", data: key } as const;
  const demoted = { type: "roles-revoked", data: { roles: ["voter"], reason: "odd" } } as const;
  const ballot = {
    type: "ballot-cast",
    data: { voter: "ann", weight: 1, choice: "approve", replaces: false, signedBy: key.publicKey },
  } as const;
  const vetoed = { type: "proposal-vetoed", data: { by: "ann", reason: "no", signedBy: key.publicKey } } as const;
  const blocked = { type: "proposal-vetoed", data: { by: "ann", reason: "no", findings: [] } } as const;

  test("is struck when it is seen: ballots and vetoes, but no blocking finding", () => {
    for (const event of [ballot, vetoed, blocked]) expect(reactionTo(event, voter)).toEqual([]);
    expect(reactionTo(blocked, voter, revoked)).toEqual([]);
    expect(reactionTo(ballot, voter, revoked)).toMatchObject([{ command: "strike-ballot", payload: { voter: "ann" } }]);
    expect(reactionTo(ballot, voter, demoted)).toMatchObject([{ command: "strike-ballot", payload: { voter: "ann" } }]);
    const late = { proposal: "p1", holder: "ann" };
    expect(reactionTo(vetoed, voter, revoked)).toMatchObject([
      { operation: "strike-late-veto", input: { ...late, signedBy: key.publicKey } },
    ]);
    const [ofRole] = reactionTo(vetoed, voter, demoted);
    expect(ofRole).toMatchObject({ operation: "strike-late-veto", input: late });
    expect(ofRole).not.toHaveProperty("input.signedBy");
  });

  test("is struck at once, unless what waited for the vote has ended with the veto", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const vetoing = { vetoHolders: ["ann"] };
        yield* openVote(leaf, vetoing);
        const repair = { kind: "repair", title: "t", subject: {}, electorate: ["ann", "bob"], votingSeconds: 600 };
        yield* leaf.give("ada", "proposal", "p2", "submit", { ...repair, ...vetoing });
        yield* leaf.give("op", "principal", "ann", "revoke", { roles: ["voter"], reason: "odd" });
        // A command that does not ask for roles is one that a backend took which did not know of their end.
        const late = { aggregate: "proposal", principal: "ann", audience: "internal" } as const;
        for (const id of ["p1", "p2"]) {
          yield* leaf.handle({ ...late, id, command: "vote", payload: { choice: "approve" } });
          yield* leaf.handle({ ...late, id, command: "veto", payload: { reason: "no" } });
        }
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "p1")).toMatchObject({
          status: "active",
          ballots: [],
          vetoStruck: { by: "ann", veto: "no", reason: "`ann` may not vote" },
        });
        expect(yield* leaf.document("proposals", "p2")).toMatchObject({ status: "vetoed" });
        const found = yield* verify(logOf(yield* leaf.commits), { seen: [] }).pipe(
          Effect.provide(digestsLayer),
          Effect.orDie,
        );
        expect(found).toMatchObject({ ok: true, findings: [] });
      }),
    ));
});
