import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import * as Y from "yjs";
import { knowledge } from "../../../../src/domain/knowledge/decider.ts";
import { resolutionOf } from "../../../../src/domain/knowledge/resolution.ts";
import { bytesOf, entryText, makeUpdate, recordsOf } from "../../../../src/domain/knowledge/update.ts";
import { assert, baseOf, entryIn, fact, minute, publicKey, sha256, space } from "./fixtures.ts";

const asserted = (one: ReturnType<typeof space>, command = assert("web-api", "runs-on", "leaf-1"), by = "ada") => {
  const events = one.give(command, by);
  if (typeof events === "string") throw new Error(events);
  return entryIn(events[0]);
};

describe("an accepted change", () => {
  test("has the record, its id, and an update that adds exactly it", () => {
    const one = space();
    const entry = asserted(one);
    expect(entry.record).toEqual({
      kind: "fact",
      subject: "web-api",
      predicate: "runs-on",
      object: "leaf-1",
      confidence: 1,
      author: "ada",
      stamp: "2026-01-01T12:00:00.000Z-00000",
    });
    const [event] = one.events;
    if (event?.type !== "fact-asserted") throw new Error("not asserted");
    const document = new Y.Doc();
    Y.applyUpdate(document, bytesOf(event.data.update, sha256) ?? new Uint8Array());
    expect([...recordsOf(document).entries()]).toEqual([[entry.id, entryText(entry)]]);
  });

  test("leaves no gap among the updates of the log", () => {
    const one = space();
    for (const object of ["a", "b", "c"]) asserted(one, assert("x", "is", object));
    const document = new Y.Doc();
    for (const event of one.events)
      if (event.type === "fact-asserted")
        Y.applyUpdate(document, bytesOf(event.data.update, sha256) ?? new Uint8Array());
    expect(document.store.pendingStructs).toBeNull();
    expect(recordsOf(document).size).toBe(3);
    expect(new Set(one.events.map((event) => ("update" in event.data ? event.data.update.client : 0))).size).toBe(1);
  });

  test("of many, leaves none either, and each is stamped after the one before", () => {
    const one = space();
    asserted(one, assert("x", "is", "0"));
    const facts = ["a", "b", "c"].map((object) => ({ subject: "x", predicate: "is", object, confidence: 1 }));
    const [first, ...more] = facts;
    if (first === undefined) throw new Error("no fact");
    expect(one.give({ type: "assert-facts", payload: { facts: [first, ...more] } })).toHaveLength(3);
    const changes = one.events.flatMap((event) => (event.type === "fact-asserted" ? [event.data] : []));
    expect(changes.map(({ update }) => update.clock)).toEqual([0, 1, 2, 3]);
    const stamps = changes.map(({ record }) => record.stamp);
    expect(new Set(stamps).size).toBe(4);
    expect([...stamps].sort()).toEqual(stamps);
  });

  test("is stamped after everything that was seen", () => {
    const one = space();
    const first = asserted(one);
    const second = asserted(one, assert("web-api", "runs-on", "leaf-2"));
    expect(second.record.stamp > first.record.stamp).toBe(true);
  });

  test("counts once", () => {
    const one = space();
    const again = {
      type: "assert-fact",
      payload: { subject: "web-api", predicate: "runs-on", object: "leaf-1", confidence: 1, stamp: minute(1) },
    } as const;
    expect(one.give(again)).toHaveLength(1);
    expect(one.give(again)).toEqual([]);
    expect(one.state().records).toBe(1);
  });
});

describe("a peer", () => {
  test("cannot retract another's fact", () => {
    const one = space();
    const { id } = asserted(one);
    expect(one.give({ type: "retract-fact", payload: { fact: id } }, "bob")).toBe("not-the-author");
    expect(one.give({ type: "retract-fact", payload: { fact: id } }, "ada")).toHaveLength(1);
    expect(one.give({ type: "retract-fact", payload: { fact: id } }, "ada")).toBe("already-retracted");
  });

  test("gives evidence once under a name, and none on its own facts", () => {
    const one = space();
    const { id } = asserted(one);
    const support = (evidence: string) => ({ type: "support-fact", payload: { fact: id, evidence } }) as const;
    expect(one.give(support("ping"), "ada")).toBe("own-fact");
    expect(one.give(support("ping"), "bob")).toHaveLength(1);
    expect(one.give({ ...support("ping"), type: "dispute-fact" }, "bob")).toBe("evidence-exists");
    expect(one.give(support("trace"), "bob")).toHaveLength(1);
    expect(one.give({ type: "support-fact", payload: { fact: "0".repeat(64), evidence: "x" } }, "bob")).toBe(
      "unknown-fact",
    );
  });

  test("cannot send an update that does anything else", () => {
    const one = space();
    const entry = fact("web-api", "runs-on", "leaf-1");
    const other = fact("web-api", "runs-on", "leaf-2");
    const place = { client: 7, clock: 0 };
    const send = (update: ReturnType<typeof makeUpdate>) =>
      one.give({
        type: "assert-fact",
        payload: {
          subject: "web-api",
          predicate: "runs-on",
          object: "leaf-1",
          confidence: 1,
          stamp: minute(1),
          update,
        },
      });
    expect(send(makeUpdate(other, place, sha256))).toBe("damaged-update");
    const good = makeUpdate(entry, place, sha256);
    expect(send({ ...good, checksum: sha256("something else") })).toBe("damaged-update");
    const more = new Y.Doc();
    recordsOf(more).set(entry.id, entryText(entry));
    recordsOf(more).set(other.id, entryText(other));
    const bytes = Buffer.from(Y.encodeStateAsUpdate(more)).toString("base64");
    expect(send({ bytes, checksum: sha256(bytes) })).toBe("damaged-update");
    expect(send(good)).toHaveLength(1);
  });

  test("any flipped bit of an update is refused", () => {
    const entry = fact("web-api", "runs-on", "leaf-1");
    const { bytes, checksum } = makeUpdate(entry, { client: 7, clock: 0 }, sha256);
    const raw = Buffer.from(bytes, "base64");
    for (let bit = 0; bit < raw.length * 8; bit++) {
      const flipped = Buffer.from(raw);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(bytesOf({ bytes: flipped.toString("base64"), checksum }, sha256)).toBeUndefined();
    }
  });
});

describe("a replica's update", () => {
  const send = (one: ReturnType<typeof space>, clock: number, object: string, client = 7) => {
    const entry = fact("web-api", "runs-on", object);
    return one.give({
      type: "assert-fact",
      payload: {
        subject: "web-api",
        predicate: "runs-on",
        object,
        confidence: 1,
        stamp: minute(1),
        update: makeUpdate(entry, { client, clock }, sha256),
      },
    });
  };

  test("waits for the one before it", () => {
    const one = space();
    expect(send(one, 1, "b")).toBe("missing-predecessor");
    expect(send(one, 0, "a")).toHaveLength(1);
    expect(send(one, 1, "b")).toHaveLength(1);
  });

  test("never comes under a client that wrote something else", () => {
    const one = space();
    send(one, 0, "a");
    expect(send(one, 0, "b")).toBe("client-reused");
    const [own] = one.give(assert("x", "is", "y")) as ReadonlyArray<{ readonly data: object }>;
    expect(own).toBeDefined();
    expect(send(one, 1, "c", one.state().writer)).toBe("client-reused");
  });

  test("begins anew with an epoch", () => {
    const one = space();
    send(one, 0, "a");
    const snapshot = { chunks: [], records: 1, content: one.state().content, version: 1, position: 1 };
    expect(one.give({ type: "start-epoch", payload: { epoch: 2, snapshot } })).toHaveLength(1);
    expect(one.give({ type: "start-epoch", payload: { epoch: 2, snapshot } })).toEqual([]);
    expect(send(one, 1, "b")).toBe("missing-predecessor");
    expect(send(one, 0, "b", 8)).toHaveLength(1);
  });

  test("cannot be dated into the future", () => {
    const one = space();
    const payload = { subject: "x", predicate: "is", object: "y", confidence: 1 };
    const at = (stamp: string) => one.give({ type: "assert-fact", payload: { ...payload, stamp } });
    expect(at("2026-01-01T12:01:00.001Z-00000")).toBe("from-the-future");
    expect(at("2026-01-01T12:01:00.000Z-00000")).toHaveLength(1);
    expect(at("2020-01-01T00:00:00.000Z-00000")).toHaveLength(1);
  });
});

describe("a space that requires signatures", () => {
  const signed = (publicKey: string) => {
    const entry = fact("web-api", "runs-on", "leaf-1");
    return {
      type: "assert-fact",
      payload: {
        subject: "web-api",
        predicate: "runs-on",
        object: "leaf-1",
        confidence: 1,
        stamp: minute(1),
        signature: { publicKey, signature: `${publicKey} signed ${entry.id}` },
      },
    } as const;
  };

  test("takes records that their author's key signed, and no others", () => {
    const one = space();
    one.give({ type: "configure", payload: { requireSignatures: true } });
    expect(one.give(assert("x", "is", "y"))).toBe("signature-missing");
    expect(one.give(signed("UA"))).toBe("key-unknown");
    expect(one.give(signed("UA"), "ada", { known: { publicKeyOf: () => "UB" } })).toBe("key-unknown");
    const wrong = { ...signed("UA"), payload: { ...signed("UA").payload, confidence: 0.5 } };
    expect(one.give(wrong, "ada", { known: { publicKeyOf: () => "UA" } })).toBe("signature-wrong");
    expect(one.give(signed("UA"), "ada", { known: { publicKeyOf: () => "UA" } })).toHaveLength(1);
  });

  test("is configured by its owner alone", () => {
    const one = space();
    expect(one.give({ type: "configure", payload: { trust: "eigentrust" } }, "ada")).toHaveLength(1);
    expect(one.give({ type: "configure", payload: { trust: "beta" } }, "bob")).toBe("not-the-owner");
    expect(one.give({ type: "configure", payload: { trust: "eigentrust" } }, "ada")).toEqual([]);
  });
});

describe("a conflict", () => {
  const conflicting = (strategy: "newest" | "vote") => {
    const one = space();
    one.give({ type: "configure", payload: { singleValued: { status: strategy } } });
    const first = asserted(one, assert("deployment-7", "status", "deploying"));
    const second = asserted(one, assert("deployment-7", "status", "succeeded"), "bob");
    const about = { subject: "deployment-7", predicate: "status" };
    const resolution = resolutionOf(baseOf(first, second), one.state().policy, about);
    const resolve = () =>
      one.give({ type: "resolve", payload: about }, "ada", resolution === undefined ? {} : { known: { resolution } });
    return { one, first, second, about, resolve };
  };

  test("is resolved with its reasons", () => {
    const { resolve, second } = conflicting("newest");
    const [event] = resolve() as ReadonlyArray<{ readonly data: object }>;
    expect(event?.data).toMatchObject({ winner: second.id, strategy: "newest", why: expect.stringContaining("newer") });
  });

  test("of many objects is none", () => {
    const one = space();
    asserted(one);
    expect(one.give({ type: "resolve", payload: { subject: "web-api", predicate: "runs-on" } })).toBe(
      "not-single-valued",
    );
  });

  test("is put to the vote once, and settled by it", () => {
    const { one, about, resolve, second } = conflicting("vote");
    const [asked] = resolve() as ReadonlyArray<{ readonly data: { readonly proposal: string; readonly fact: string } }>;
    expect(asked?.data).toMatchObject({ ...about, proposal: "team=resolve-1", fact: second.id });
    expect(resolve()).toBe("already-voting");
    const proposal = "team=resolve-1";
    const settled = one.give({ type: "settle", payload: { ...about, fact: second.id, proposal } }, "knowledge-votes");
    expect(settled).toMatchObject([{ type: "conflict-settled", data: { record: { kind: "settlement", proposal } } }]);
    expect(one.give({ type: "settle", payload: { ...about, fact: second.id, proposal } })).toEqual([]);
  });

  test("stays open where the vote rejects", () => {
    const { one, about, resolve } = conflicting("vote");
    resolve();
    expect(one.give({ type: "settle", payload: { ...about, proposal: "team=resolve-1" } })).toMatchObject([
      { type: "resolution-rejected" },
    ]);
    expect(one.state().votes).toEqual([]);
  });
});

describe("records of a revoked key", () => {
  const why = { publicKey, reason: "it was copied" };

  test("are struck once, and those that the space does not have are left out", () => {
    const one = space();
    const { id } = asserted(one);
    const revoke = { type: "revoke-records", payload: { ...why, records: [id, "0".repeat(64)] } } as const;
    expect(one.give(revoke, "authority")).toMatchObject([
      { type: "records-revoked", data: { record: { kind: "revocation", author: "authority", records: [id], ...why } } },
    ]);
    expect(one.give(revoke, "authority")).toEqual([]);
  });

  test("stand in nobody's way: what they retracted can be retracted, their evidence can be given again", () => {
    const one = space();
    const { id } = asserted(one);
    const support = { type: "support-fact", payload: { fact: id, evidence: "ping" } } as const;
    const retract = { type: "retract-fact", payload: { fact: id } } as const;
    one.give(support, "bob");
    one.give(retract);
    expect([one.give(support, "bob"), one.give(retract)]).toEqual(["evidence-exists", "already-retracted"]);
    const [evidence, retraction] = one.events.slice(-2).map(entryIn);
    if (evidence === undefined || retraction === undefined) throw new Error("there are two");
    one.give({ type: "revoke-records", payload: { ...why, records: [evidence.id, retraction.id] } }, "authority");
    expect([one.give(support, "bob"), one.give(retract)]).toMatchObject([
      [{ type: "fact-supported" }],
      [{ type: "fact-retracted" }],
    ]);
  });

  test("are not taken any more, whether or not the space requires signatures", () => {
    const entry = fact("x", "is", "y");
    const signature = { publicKey, signature: `${publicKey} signed ${entry.id}` };
    const signed = {
      type: "assert-fact",
      payload: { subject: "x", predicate: "is", object: "y", confidence: 1, stamp: minute(1), signature },
    } as const;
    const isRevoked = (principal: string, key: string) => principal === "ada" && key === publicKey;
    expect(space().give(signed, "ada", { known: { isRevoked } })).toBe("key-revoked");
    expect(space().give(signed, "ada", { known: { isRevoked: () => false } })).toHaveLength(1);
  });
});

test("the state of a space survives being stored", () => {
  const one = space();
  const { id } = asserted(one);
  one.give({ type: "support-fact", payload: { fact: id, evidence: "ping" } }, "bob");
  one.give({ type: "retract-fact", payload: { fact: id } });
  one.give({ type: "revoke-records", payload: { records: [id], publicKey, reason: "it was copied" } }, "authority");
  const codec = Schema.toCodecJson(knowledge.state);
  const stored: unknown = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(codec)(one.state())));
  expect(Schema.decodeUnknownSync(codec)(stored)).toEqual(one.state());
});
