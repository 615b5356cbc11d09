import { describe, expect, test } from "@jest/globals";
import { createUser } from "@nats-io/nkeys";
import { Effect, Result } from "effect";
import { authority } from "../../../src/application/processes/authority.ts";
import { knowledge } from "../../../src/domain/knowledge/decider.ts";
import { entryOf } from "../../../src/domain/knowledge/record.ts";
import { principal } from "../../../src/domain/principal/decider.ts";
import { fact, minute, publicKey, sha256, space } from "../domain/knowledge/fixtures.ts";
import type { Payload } from "./leaf.ts";
import { inLeaf, type Leaf } from "./leaf.ts";
import { recorder } from "./recorded.ts";

const assert = (
  leaf: Leaf,
  author: string,
  subject: string,
  predicate: string,
  object: string | number,
  more: Payload = {},
) => leaf.give(author, "knowledge", "team", "assert-fact", { subject, predicate, object, ...more });

const facts = (leaf: Leaf, input: Payload = {}) =>
  Effect.map(Effect.andThen(leaf.settle, leaf.ask("knowledge", "facts", { space: "team", ...input })), (answer) => {
    const { items } = answer as { readonly items: ReadonlyArray<Payload & { readonly id: string }> };
    return items;
  });

const position = (outcome: Result.Result<{ readonly position: number }, unknown>) =>
  Result.isSuccess(outcome) ? outcome.success.position : 0;

const yes = (leaf: Leaf, self: string, { message }: { readonly message: unknown }) => {
  const { proposal } = message as { readonly proposal?: { readonly id: string } };
  return proposal === undefined
    ? Effect.void
    : Effect.asVoid(leaf.give(self, "proposal", proposal.id, "vote", { choice: "approve" }));
};

/** A user key that signs records as a replica does. */
const keyPair = () => {
  const user = createUser();
  const publicKey = user.getPublicKey();
  const sign = (id: string) => ({
    publicKey,
    signature: Buffer.from(user.sign(new TextEncoder().encode(id))).toString("base64url"),
  });
  return { publicKey, sign };
};

/** Asserts a fact that is signed; its stamp is of long ago, as a thief would choose it. */
const assertSigned = (leaf: Leaf, author: string, object: string, { sign }: ReturnType<typeof keyPair>) => {
  const triple = { subject: "web", predicate: "runs-on", object, confidence: 1 };
  const stamp = "1970-01-01T00:00:00.000Z-00000";
  const { id } = entryOf({ kind: "fact", ...triple, author, stamp }, sha256);
  return leaf.give(author, "knowledge", "team", "assert-fact", { ...triple, stamp, signature: sign(id) });
};

/** Two owners of one thing, of which a vote is to choose. */
const ownersDisagree = Effect.fnUntraced(function* (leaf: Leaf) {
  yield* leaf.give("ada", "knowledge", "team", "configure", { singleValued: { owner: "vote" } });
  yield* assert(leaf, "ada", "db", "owner", "data");
  yield* assert(leaf, "bob", "db", "owner", "web");
});

describe("a key that is revoked", () => {
  test.each([
    ["", false],
    [", also if it was rotated away", true],
  ])("strikes the facts that it signed after the moment named, by the log's time, and signs no more%s", (_, isFormer) =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const [key, bobs] = [keyPair(), keyPair()];
        const { publicKey } = key;
        yield* leaf.grant("op", "admin");
        yield* leaf.give("op", "principal", "ann", "admit", { roles: ["participant"], publicKey });
        yield* assertSigned(leaf, "ann", "leaf-1", key);
        yield* leaf.pass(10);
        const since = new Date(5_000).toISOString();
        yield* assertSigned(leaf, "ann", "leaf-2", key);
        yield* assertSigned(leaf, "bob", "leaf-3", bobs);
        yield* assert(leaf, "ann", "web", "port", 80);
        yield* leaf.pass(10);
        if (isFormer) {
          const payload = { publicKey: keyPair().publicKey };
          const rotate = { aggregate: "principal", id: "ann", command: "rotate-key", payload } as const;
          const signed = { publicKey, signature: "-", text: "-" };
          const rotated = yield* leaf.handle({ ...rotate, principal: "ann", audience: "public", signed });
          expect(Result.isSuccess(rotated)).toBe(true);
        }
        const reason = "it was copied";
        const revoked = yield* leaf.give("op", "principal", "ann", "revoke-key", { publicKey, since, reason });
        expect(Result.isSuccess(revoked)).toBe(true);
        expect((yield* facts(leaf)).map(({ object }) => object).sort()).toEqual([80, "leaf-1", "leaf-3"]);
        const [struck] = yield* facts(leaf, { object: "leaf-2", all: true });
        expect(struck).toMatchObject({
          holds: false,
          confidence: 0,
          revoked: `the key ${publicKey} was revoked: ${reason}`,
        });
        expect(yield* leaf.ask("knowledge", "why", { space: "team", fact: struck?.id ?? "" })).toMatchObject({
          text: expect.arrayContaining([`confidence 0: the key ${publicKey} was revoked: ${reason}`]),
        });
        // The past stays what it was.
        expect(yield* facts(leaf, { object: "leaf-2", time: new Date(10_000).toISOString() })).toHaveLength(1);
        expect(yield* assertSigned(leaf, "ann", "leaf-4", key)).toMatchObject({
          failure: { details: { reason: "key-revoked" } },
        });
      }),
    ),
  );
});

test("a record that reached the log after its key was revoked is struck when it is seen", () => {
  const recorded = recorder();
  const log = space();
  const key = { publicKey, since: new Date(0).toISOString(), reason: "it was copied" };
  const [late, another] = ["y", "z"].map((object) => {
    const { id } = fact("x", "is", object);
    const signed = object === "y" ? publicKey : `U${"B".repeat(55)}`;
    const signature = { publicKey: signed, signature: `${signed} signed ${id}` };
    const [event] = log.give({
      type: "assert-fact",
      payload: { subject: "x", predicate: "is", object, confidence: 1, stamp: minute(1), signature },
    });
    if (event === undefined || typeof event === "string") throw new Error("it was taken");
    return recorded(knowledge, "team", event);
  });
  if (late === undefined || another === undefined) throw new Error("there are two");
  const before = authority.initial;
  const revoked = authority.evolve(before, recorded(principal, "ada", { type: "key-revoked", data: key }));
  expect(authority.react(before, late)).toEqual([]);
  expect(authority.react(revoked, another)).toEqual([]);
  expect(authority.react(revoked, late)).toMatchObject([
    {
      aggregate: "knowledge",
      id: "team",
      command: "revoke-records",
      payload: { publicKey, records: [fact("x", "is", "y").id] },
    },
  ]);
});

describe("questions to a space", () => {
  test("patterns, and the past by position and by time", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const first = position(yield* assert(leaf, "ada", "web-api", "runs-on", "leaf-1"));
        yield* leaf.pass(10);
        const [fact] = yield* facts(leaf);
        yield* leaf.give("ada", "knowledge", "team", "retract-fact", { fact: fact?.id ?? "" });
        yield* assert(leaf, "ada", "web-api", "runs-on", "leaf-2");
        const objects = (input: Payload) =>
          Effect.map(facts(leaf, input), (found) => found.map(({ object }) => object).sort());
        expect(yield* objects({ subject: "web-api" })).toEqual(["leaf-2"]);
        expect(yield* objects({ subject: "web-api", all: true })).toEqual(["leaf-1", "leaf-2"]);
        expect(yield* objects({ subject: "web-api", position: first })).toEqual(["leaf-1"]);
        expect(yield* objects({ time: new Date(5_000).toISOString() })).toEqual(["leaf-1"]);
        expect(yield* objects({ position: 0 })).toEqual([]);
      }),
    ));

  test("why, history, search, path, beliefs", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assert(leaf, "ada", "web-api", "depends-on", "orders-db");
        yield* assert(leaf, "ada", "orders-db", "engine", "postgresql");
        const [fact] = yield* facts(leaf, { predicate: "engine" });
        const about = { space: "team", fact: fact?.id ?? "" };
        yield* leaf.give("bob", "knowledge", "team", "support-fact", { fact: about.fact, evidence: "ps" });
        yield* leaf.give("bob", "knowledge", "team", "state-belief", {
          subject: "db",
          predicate: "is",
          object: "slow",
          degree: 0.4,
        });
        yield* leaf.settle;
        expect(yield* leaf.ask("knowledge", "why", about)).toMatchObject({
          fact: { supports: 1 },
          trust: [{ author: "ada", supports: 1 }, { author: "bob" }],
        });
        const { items } = (yield* leaf.ask("knowledge", "history", about)) as {
          readonly items: ReadonlyArray<Payload>;
        };
        expect(items.map(({ record }) => (record as Payload).kind)).toEqual(["fact", "evidence"]);
        expect(yield* leaf.ask("knowledge", "search", { space: "team", question: "engine" })).toMatchObject({
          items: [{ fact: { object: "postgresql" } }, { fact: { subject: "web-api" } }],
        });
        expect(
          yield* leaf.ask("knowledge", "path", { space: "team", from: "web-api", to: "postgresql" }),
        ).toMatchObject({ found: true });
        expect(yield* leaf.ask("knowledge", "beliefs", { space: "team" })).toMatchObject({
          items: [{ author: "bob", degree: 0.4 }],
        });
        const unknown = yield* Effect.result(leaf.ask("knowledge", "why", { ...about, fact: "0".repeat(64) }));
        expect(unknown).toMatchObject({ failure: { details: { reason: "not-found" } } });
        const nowhere = yield* Effect.result(leaf.ask("knowledge", "facts", { space: "elsewhere" }));
        expect(nowhere).toMatchObject({ failure: { details: { reason: "not-found" } } });
      }),
    ));
});

test("a conflict by vote: the vote's outcome holds, and its space says why", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* leaf.join("eve", { capabilities: ["review"] }, yes);
      yield* ownersDisagree(leaf);
      expect(yield* facts(leaf)).toEqual([]);
      const [wanted] = yield* facts(leaf, { all: true, object: "data" });
      yield* leaf.give("ada", "knowledge", "team", "resolve", {
        subject: "db",
        predicate: "owner",
        fact: wanted?.id ?? "",
      });
      yield* leaf.pass(61);
      expect((yield* facts(leaf)).map(({ object }) => object)).toEqual(["data"]);
      expect(
        yield* leaf.ask("knowledge", "conflict", { space: "team", subject: "db", predicate: "owner" }),
      ).toMatchObject({
        winner: wanted?.id,
        why: expect.stringContaining("team=resolve-1 was approved"),
      });
    }),
  ));

test("a conflict that nobody can vote on stays open, and is decided once somebody can", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* ownersDisagree(leaf);
      const [wanted] = yield* facts(leaf, { all: true, object: "data" });
      const about = { subject: "db", predicate: "owner", fact: wanted?.id ?? "" };
      yield* leaf.give("ada", "knowledge", "team", "resolve", about);
      yield* leaf.pass(61);
      expect(yield* facts(leaf)).toEqual([]);
      const again = yield* leaf.give("ada", "knowledge", "team", "resolve", about);
      expect(again).toMatchObject({ failure: { details: { reason: "already-voting", proposal: "team=resolve-1" } } });
      expect(yield* leaf.document("knowledge", "team")).toMatchObject({ votes: [{ proposal: "team=resolve-1" }] });

      yield* leaf.join("eve", { capabilities: ["review"] }, yes);
      yield* leaf.pass(61);
      expect((yield* facts(leaf)).map(({ object }) => object)).toEqual(["data"]);
      expect(yield* leaf.document("knowledge", "team")).toMatchObject({ votes: [] });
    }),
  ));

test("a conflict that nobody could vote on is put to the vote under a policy that names who votes", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* ownersDisagree(leaf);
      const [wanted] = yield* facts(leaf, { all: true, object: "data" });
      const about = { subject: "db", predicate: "owner", fact: wanted?.id ?? "" };
      yield* leaf.give("ada", "knowledge", "team", "resolve", about);
      yield* leaf.give("cim", "policy", "repair", "set", {});
      yield* leaf.settle;
      expect(yield* leaf.document("proposals", "team=resolve-1")).toEqual({});

      yield* leaf.grant("eve", "voter");
      yield* leaf.give("cim", "policy", "knowledge", "set", { electorate: [{ id: "eve", weight: 1 }] });
      yield* leaf.settle;
      yield* leaf.give("eve", "proposal", "team=resolve-1", "vote", { choice: "approve" });
      yield* leaf.settle;
      expect((yield* facts(leaf)).map(({ object }) => object)).toEqual(["data"]);
      expect(yield* leaf.document("knowledge", "team")).toMatchObject({ votes: [] });
    }),
  ));

test("a conflict is put to the vote under a binding policy too", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* leaf.join("eve", { capabilities: ["review"] }, yes);
      yield* leaf.give("cim", "policy", "knowledge", "set", { quorum: "1/1", binding: true });
      yield* ownersDisagree(leaf);
      const [wanted] = yield* facts(leaf, { all: true, object: "data" });
      const about = { subject: "db", predicate: "owner", fact: wanted?.id ?? "" };
      yield* leaf.give("ada", "knowledge", "team", "resolve", about);
      yield* leaf.settle;
      expect((yield* facts(leaf)).map(({ object }) => object)).toEqual(["data"]);
    }),
  ));

test("a vote that does not come about leaves the conflict open, and it can be put to the vote again", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* leaf.join("eve", { capabilities: ["review"] }, () => Effect.void);
      yield* ownersDisagree(leaf);
      const about = { subject: "db", predicate: "owner" };
      yield* leaf.give("ada", "knowledge", "team", "resolve", about);
      yield* leaf.pass(61);
      expect(yield* leaf.document("proposals", "team=resolve-1")).toMatchObject({ status: "expired" });
      expect(yield* facts(leaf)).toEqual([]);
      yield* leaf.give("ada", "knowledge", "team", "resolve", about);
      yield* leaf.settle;
      expect(yield* leaf.document("proposals", "team=resolve-2")).toMatchObject({ status: "active" });
    }),
  ));
