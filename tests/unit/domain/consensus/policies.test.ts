import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import { type KnownPolicy, proposalCommands } from "../../../../src/domain/consensus/contract.ts";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { policy } from "../../../../src/domain/consensus/policy.ts";
import {
  type Policy,
  type PolicyDocument,
  policyFor,
  policyOf,
  shippedPolicies,
} from "../../../../src/domain/consensus/policy-document.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

const decode = Schema.decodeUnknownSync(policy.commands.set.schema);
const set = (document: object = {}) => ({ type: "set", payload: decode(document) }) as const;

const propose = (document: object = {}) =>
  ({ type: "propose", payload: Schema.decodeUnknownSync(policy.commands.propose.schema)(document) }) as const;
const inForce = (id: Policy["id"], document: Partial<PolicyDocument> = {}): KnownPolicy => ({
  id,
  version: 0,
  digest: `sha256-${id}`,
  document: { ...(policyOf(id, () => undefined)?.document ?? shippedPolicies.default), ...document },
});
const voting = (people: ReadonlyArray<string>, owners: Readonly<Record<string, string>> = {}) => ({
  aggregateId: "deployment",
  principal: "ann",
  known: {
    inForce: inForce("deployment"),
    ruling: inForce("policy"),
    people,
    owners: new Map(Object.entries(owners)),
  },
});

const spec = specification(policy, voting(["bob"]));
const written = Result.getOrThrow(spec.given([]).when(set({ protocol: "qualified-majority", quorum: 0.5 })));

describe("a policy", () => {
  test("is completed and in lowest terms when it is set", () => {
    expect(written).toEqual([
      {
        type: "policy-set",
        data: {
          protocol: "qualified-majority",
          threshold: "2/3",
          quorum: "1/2",
          votingSeconds: 60,
          discussionSeconds: 0,
          ballotsMayChange: true,
        },
      },
    ]);
  });
  test("that is set as it is changes nothing", () => {
    expect(spec.given(written).when(set({ protocol: "qualified-majority", quorum: "2/4" }))).toEqual(
      Result.succeed([]),
    );
  });
  test("that was retired can be set again", () => {
    const retired = Result.getOrThrow(spec.given(written).when({ type: "retire", payload: {} }));
    expect(retired.map(({ type }) => type)).toEqual(["policy-retired"]);
    const again = spec.given([...written, ...retired]).when(set({ protocol: "qualified-majority" }));
    expect(Result.getOrThrow(again)).toHaveLength(1);
    expect(spec.given([...written, ...retired]).when({ type: "retire", payload: {} })).toEqual(Result.succeed([]));
  });
  test.each([
    ["a threshold without a use", { protocol: "unanimous", threshold: "2/3" }, "rules-do-not-fit"],
    ["a way of counting without weights", { countedAs: "unanimous" }, "rules-do-not-fit"],
    ["voters without a vote", { electorate: [{ id: "a", weight: 0 }] }, "empty-electorate"],
  ])("with %s is refused", (_, document, reason) => {
    expect(spec.given([]).refuses(set(document))).toBe(reason);
  });
  test("that was never set cannot be retired", () => {
    expect(spec.given([]).refuses({ type: "retire", payload: {} })).toBe("not-found");
  });
});

describe("the proposal of a policy", () => {
  const [proposed] = Result.getOrThrow(
    spec.given([]).when(propose({ quorum: 0.75, reason: "more of us" }), voting(["ann", "bob", "cy"])),
  );
  test("has the whole document, what it replaces, and the people who vote on it, without who proposes it", () => {
    expect(proposed).toEqual({
      type: "policy-proposed",
      data: {
        proposal: "policy=deployment-1",
        document: { ...shippedPolicies.deployment, quorum: "3/4" },
        replaces: { id: "deployment", version: 0, digest: "sha256-deployment" },
        electorate: [
          { id: "bob", weight: 1 },
          { id: "cy", weight: 1 },
        ],
        by: "ann",
        reason: "more of us",
      },
    });
  });
  test("sets nothing by itself, and another one has another id", () => {
    if (proposed === undefined) throw new Error("nothing was proposed");
    expect(spec.stateAfter([proposed])).toEqual({ version: 0, retired: false, proposals: 1 });
    expect(Result.getOrThrow(spec.given([proposed]).when(propose(), voting(["bob"])))).toMatchObject([
      { data: { proposal: "policy=deployment-2" } },
    ]);
  });
  test.each([
    ["nobody has the role", voting([])],
    ["only the proposer has it", voting(["ann"])],
    ["only the proposer's owner has it", { ...voting(["bob"], { helper: "bob" }), principal: "helper" }],
    ["only an agent of the proposer's owner has it", voting(["helper"], { helper: "ann" })],
  ])("is refused if %s, and says how to admit voters", (_, context) => {
    const refused = spec.given([]).when(propose(), context);
    expect(refused).toMatchObject({
      failure: { reason: "nobody-may-vote", message: expect.stringContaining("cim agents grant NAME voter") },
    });
  });
  test("is decided by whom the policy for policies names", () => {
    const board = { ...voting(["bob"]), known: { ...voting(["bob"]).known } };
    board.known.ruling = inForce("policy", { electorate: [{ id: "board", weight: 2 }] });
    expect(Result.getOrThrow(spec.given([]).when(propose(), board))).toMatchObject([
      { data: { electorate: [{ id: "board", weight: 2 }] } },
    ]);
  });
  test("for a kind that there is not is refused, and lists those that there are", () => {
    expect(spec.given([]).when(propose(), { ...voting(["bob"]), aggregateId: "infrastructure" })).toMatchObject({
      failure: { reason: "unknown-kind", message: expect.stringContaining("deployment, repair, change, knowledge") },
    });
  });
  test.each([
    ["a field that means nothing for its kind", { voters: "people" }, "rules-do-not-fit"],
    ["a threshold without a use", { threshold: "3/4" }, "rules-do-not-fit"],
    ["nobody who could decide", { electorate: [] }, "empty-electorate"],
  ])("with %s is refused", (_, document, reason) => {
    expect(spec.given([]).refuses(propose(document), voting(["bob"]))).toBe(reason);
  });
  test("of a retirement needs a policy that was set", () => {
    const retire = { type: "propose-retirement", payload: {} } as const;
    expect(spec.given([]).refuses(retire, voting(["bob"]))).toBe("not-found");
    const [retirement] = Result.getOrThrow(spec.given(written).when(retire, voting(["bob"])));
    expect(retirement?.data).not.toHaveProperty("document");
  });
});

const base: PolicyDocument = shippedPolicies.default;
const setPolicies =
  (...ids: ReadonlyArray<string>) =>
  (id: string): Policy | undefined =>
    ids.includes(id) ? { id, version: 3, document: base } : undefined;

describe("the policy in force", () => {
  test.each([
    ["what was set for the kind", ["repair", "default"], { id: "repair", version: 3 }],
    ["what was set for all kinds", ["default"], { id: "default", version: 3 }],
    ["what is shipped for the kind", [], { id: "repair", version: 0 }],
  ])("is %s", (_, ids, expected) => {
    expect(policyFor("repair", setPolicies(...ids))).toMatchObject(expected);
  });
  test("for changes of policies is not replaced by one for all kinds", () => {
    expect(policyFor("policy", setPolicies("default"))).toMatchObject({ id: "policy", version: 0 });
    expect(policyFor("policy", setPolicies("default", "policy"))).toMatchObject({ id: "policy", version: 3 });
  });
  test("of an old log holds also for a kind that there is not any more", () => {
    expect(policyFor("rollback", setPolicies("rollback"))).toMatchObject({ id: "rollback", version: 3 });
  });
  test("of a kind that nobody knows is the default", () => {
    expect(policyFor("toString", setPolicies())).toMatchObject({ id: "default", version: 0 });
    expect(policyOf("toString", setPolicies())).toBeUndefined();
  });
});

const known = (document: Partial<PolicyDocument> = {}, id = "default"): KnownPolicy => ({
  id,
  version: 2,
  digest: "sha256-1",
  document: { ...base, ...document },
});
const matter = { kind: "infrastructure", title: "Change", subject: {} };
const submit = (extra: object = {}) =>
  ({
    type: "submit",
    payload: Schema.decodeUnknownSync(proposalCommands.submit.schema)({ ...matter, ...extra }),
  }) as const;
const { given } = specification(proposal, {
  principal: "proposer",
  known: { defaultElectorate: ["alice", "bob"], policy: known() },
});
const knowing = (policy: KnownPolicy, namedPolicy?: KnownPolicy) => ({
  known: { defaultElectorate: ["alice", "bob"], policy, ...defined({ namedPolicy }) },
});

describe("a proposal", () => {
  test("keeps the policy in force, and takes its rules", () => {
    const strict = known({ protocol: "unanimous", quorum: "1/1", vetoHolders: ["vera"], enactmentDelaySeconds: 5 });
    expect(Result.getOrThrow(given([]).when(submit(), knowing(strict)))[0]).toMatchObject({
      data: {
        policy: { id: "default", version: 2, digest: "sha256-1" },
        protocol: "unanimous",
        quorum: "1/1",
        vetoHolders: ["vera"],
        enactmentDelaySeconds: 5,
      },
    });
  });
  test("may say otherwise where the policy is not binding", () => {
    const own = given([]).when(submit({ protocol: "qualified-majority", quorum: "2/2" }));
    expect(Result.getOrThrow(own)[0]).toMatchObject({
      data: { protocol: "qualified-majority", threshold: "2/3", quorum: "1/1" },
    });
  });
  test("drops the threshold of its policy with the protocol", () => {
    const two = known({ protocol: "qualified-majority", threshold: "3/4" });
    const [submitted] = Result.getOrThrow(given([]).when(submit({ protocol: "unanimous" }), knowing(two)));
    expect(submitted?.data).not.toHaveProperty("threshold");
    const [weighted] = Result.getOrThrow(
      given([]).when(submit({ protocol: "weighted", countedAs: "qualified-majority" }), knowing(two)),
    );
    expect(weighted).toMatchObject({
      data: { protocol: "weighted", countedAs: "qualified-majority", threshold: "3/4" },
    });
  });
  test("cannot depart from a binding policy, except to wait for conditions", () => {
    const binding = known({ binding: true });
    expect(given([]).refuses(submit({ quorum: "1/3" }), knowing(binding))).toBe("policy-binding");
    expect(given([]).refuses(submit({ policy: "lax" }), knowing(binding, known({}, "lax")))).toBe("policy-binding");
    const same = submit({ quorum: "2/4", awaitConditions: true, policy: "default" });
    expect(Result.isSuccess(given([]).when(same, knowing(binding, binding)))).toBe(true);
  });
  test("names another policy, if it is not weaker than the one in force", () => {
    const strict = known({ quorum: "3/4" }, "strict");
    expect(Result.getOrThrow(given([]).when(submit({ policy: "strict" }), knowing(known(), strict)))[0]).toMatchObject({
      data: { policy: { id: "strict" }, quorum: "3/4" },
    });
    const lax = known({ quorum: "0/1" }, "lax");
    expect(given([]).refuses(submit({ policy: "lax" }), knowing(known(), lax))).toBe("weaker-than-policy");
    expect(given([]).refuses(submit({ policy: "none" }))).toBe("policy-not-found");
  });
  test.each(["policy", "unfreeze"])("of the kind %s is the backend's own", (kind) => {
    const asked = submit({ kind, electorate: ["mallory"] });
    const { document } = inForce(kind);
    const context = knowing({ ...known(document, kind), version: 0 });
    expect(given([]).refuses(asked, { ...context, principal: "mallory" })).toBe("reserved");
    expect(given([]).refuses(asked, { ...context, principal: "rule-votes" })).toBeUndefined();
  });
  test("has the electorate of its policy, whatever it says", () => {
    const board = known({ electorate: [{ id: "board", weight: 3 }] });
    const [, opened] = Result.getOrThrow(given([]).when(submit({ electorate: ["proposer"] }), knowing(board)));
    expect(opened).toMatchObject({ data: { electorate: [{ id: "board", weight: 3 }] } });
  });
});
