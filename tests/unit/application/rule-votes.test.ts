import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const people = (leaf: Leaf, ...ids: ReadonlyArray<string>) =>
  Effect.forEach(ids, (id) =>
    leaf.give("cim", "principal", id, "admit", { kind: "person", roles: ["voter"], owner: id }),
  );
const propose = (leaf: Leaf, by: string, document: Payload) => leaf.give(by, "policy", "repair", "propose", document);
const vote = (leaf: Leaf, voter: string, proposal: string, choice: string) =>
  leaf.give(voter, "proposal", proposal, "vote", { choice });
const inForce = (leaf: Leaf) => leaf.ask("policies", "in-force", { kind: "repair" });

test("a policy that two thirds of the people approve is set, and who proposes it does not vote", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* people(leaf, "ann", "bob", "cy", "dee");
      yield* propose(leaf, "ann", { quorum: "3/4", reason: "repairs matter" });
      yield* leaf.settle;
      const id = "policy=repair-1";
      expect(yield* leaf.document("proposals", id)).toMatchObject({
        kind: "policy",
        policy: { id: "policy", version: 0 },
        subject: { policy: "repair", document: { quorum: "3/4" }, replaces: { id: "repair", version: 0 } },
        status: "active",
        protocol: "qualified-majority",
        threshold: "2/3",
      });
      expect(yield* vote(leaf, "ann", id, "approve")).toMatchObject({
        failure: { details: { reason: "not-permitted" } },
      });
      yield* vote(leaf, "bob", id, "approve");
      yield* leaf.settle;
      expect(yield* inForce(leaf)).toMatchObject({ shipped: true, quorum: "1/2" });
      yield* vote(leaf, "cy", id, "approve");
      yield* leaf.settle;
      expect(yield* inForce(leaf)).toMatchObject({ shipped: false, quorum: "3/4", version: 2 });

      yield* leaf.give("bob", "policy", "repair", "propose-retirement", {});
      yield* leaf.settle;
      for (const voter of ["ann", "cy", "dee"]) yield* vote(leaf, voter, "policy=repair-2", "approve");
      yield* leaf.settle;
      expect(yield* inForce(leaf)).toMatchObject({ shipped: true });
    }),
  ));

test("a ballot that is struck does not help a policy into force, and the vote goes on without it", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* people(leaf, "ann", "bob", "cy", "dee");
      yield* propose(leaf, "ann", { quorum: "3/4" });
      yield* leaf.settle;
      const id = "policy=repair-1";
      yield* vote(leaf, "bob", id, "approve");
      yield* leaf.give("cim", "principal", "bob", "revoke", { roles: ["voter"], reason: "left" });
      yield* leaf.settle;
      yield* vote(leaf, "cy", id, "approve");
      yield* leaf.settle;
      expect(yield* leaf.document("proposals", id)).toMatchObject({
        status: "active",
        struck: [{ voter: "bob" }],
        ballots: [{ voter: "cy" }],
      });
      expect(yield* inForce(leaf)).toMatchObject({ shipped: true });
      yield* vote(leaf, "dee", id, "approve");
      yield* leaf.settle;
      expect(yield* inForce(leaf)).toMatchObject({ shipped: false, quorum: "3/4" });
    }),
  ));

test("a policy that was rejected is not set", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* people(leaf, "ann", "bob");
      yield* propose(leaf, "ann", { quorum: "0/1" });
      yield* leaf.settle;
      yield* vote(leaf, "bob", "policy=repair-1", "reject");
      yield* leaf.settle;
      expect(yield* leaf.document("proposals", "policy=repair-1")).toMatchObject({ status: "rejected" });
      expect(yield* inForce(leaf)).toMatchObject({ shipped: true });
    }),
  ));

test("of two policies that would replace the same one the second is void once the first is set", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* people(leaf, "ann", "bob");
      yield* propose(leaf, "ann", { quorum: "3/4" });
      yield* propose(leaf, "ann", { quorum: "1/3" });
      yield* leaf.settle;
      yield* vote(leaf, "bob", "policy=repair-1", "approve");
      yield* leaf.settle;
      yield* vote(leaf, "bob", "policy=repair-2", "approve");
      yield* leaf.settle;
      expect(yield* leaf.document("proposals", "policy=repair-2")).toMatchObject({ status: "void" });
      expect(yield* inForce(leaf)).toMatchObject({ quorum: "3/4" });
    }),
  ));

test("nobody outside sets or retires a policy, or makes its proposal beforehand", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* people(leaf, "ann", "bob");
      for (const command of ["set", "retire"]) {
        const asked = { aggregate: "policy", id: "repair", command, payload: {}, principal: "mallory" };
        expect(yield* leaf.handle({ ...asked, audience: "public" })).toMatchObject({
          failure: { code: "unknown-command" },
        });
      }
      const payload = { kind: "x", title: "t", subject: {}, electorate: ["mallory"] };
      const squat = { aggregate: "proposal", id: "policy=repair-1", command: "submit", payload, principal: "mallory" };
      expect(yield* leaf.handle({ ...squat, audience: "public" })).toMatchObject({ _tag: "Failure" });
      yield* propose(leaf, "mallory", { electorate: ["mallory"], quorum: 0, votingSeconds: 5 });
      yield* leaf.settle;
      yield* vote(leaf, "mallory", "policy=repair-1", "approve");
      yield* leaf.pass(10);
      expect(yield* inForce(leaf)).toMatchObject({ shipped: true });
    }),
  ));
