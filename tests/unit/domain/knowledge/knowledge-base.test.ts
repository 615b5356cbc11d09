import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { emptyContent, withMember } from "../../../../src/domain/knowledge/content-hash.ts";
import { Knowledge } from "../../../../src/domain/knowledge/described.ts";
import { canonicalExport } from "../../../../src/domain/knowledge/knowledge-base.ts";
import type { Policy } from "../../../../src/domain/knowledge/policy.ts";
import { historyOf, matching } from "../../../../src/domain/knowledge/queries.ts";
import type { Entry } from "../../../../src/domain/knowledge/record.ts";
import { whyOf } from "../../../../src/domain/knowledge/why.ts";
import { baseOf, evidence, fact, minute, publicKey, record, retraction, revocation } from "./fixtures.ts";
import { anyEntries } from "./records.ts";

const policy: Policy = {
  singleValued: { status: "newest", owner: "most-trusted", "runs-on": "vote" },
  requireSignatures: false,
  synonyms: [],
  trust: "beta",
};

/** Everything that anyone can ask of a space. */
const everything = (knowledge: Knowledge) => ({
  records: canonicalExport(knowledge.base),
  content: knowledge.base.content,
  facts: matching(knowledge, { all: true, limit: 1000 }),
  why: [...knowledge.base.facts()]
    .map(({ id }) => whyOf(knowledge, id))
    .sort((a, b) => ((a?.fact.id ?? "") < (b?.fact.id ?? "") ? -1 : 1)),
  beliefs: [...knowledge.base.beliefs()].sort((a, b) => (a.id < b.id ? -1 : 1)),
});

test("records in any order, and any number of times, are the same knowledge, to the last bit", () => {
  fc.assert(
    fc.property(
      anyEntries.chain((entries) =>
        fc.tuple(
          fc.constant(entries),
          fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2 }),
          fc.constantFrom("beta" as const, "eigentrust" as const),
        ),
      ),
      ([entries, shuffled, trust]) => {
        const one = everything(new Knowledge(baseOf(...entries), { ...policy, trust }));
        const other = everything(new Knowledge(baseOf(...shuffled), { ...policy, trust }));
        expect(other).toEqual(one);
      },
    ),
    { numRuns: 60 },
  );
});

test("the content digest tells sets apart, and is the same when counted one by one", () => {
  const entries = [fact("a", "is", "b"), fact("a", "is", "c")];
  const counted = entries.reduce((sum, { id }) => withMember(sum, id), emptyContent);
  expect(baseOf(...entries).content).toBe(counted);
  expect(baseOf(...entries.slice(1)).content).not.toBe(counted);
});

test("what another retracts stays", () => {
  const one = fact("web", "runs-on", "leaf-1");
  const base = baseOf(one, retraction(one, "mallory"));
  expect(base.isRetracted(one.id)).toBe(false);
  expect(baseOf(retraction(one), one).isRetracted(one.id)).toBe(true);
});

test("a pattern tells 8080 from the text 8080", () => {
  const knowledge = new Knowledge(baseOf(fact("web", "port", 8080), fact("web", "port", "8080")), policy);
  expect(matching(knowledge, { object: 8080, limit: 10 }).items.map(({ object }) => object)).toEqual([8080]);
});

test("pages are complete and hold what does not hold only where that is asked", () => {
  const facts = Array.from({ length: 25 }, (_, index) => fact(`s${index}`, "is", "o"));
  const [first = fact("x", "y", "z")] = facts;
  const knowledge = new Knowledge(baseOf(...facts, retraction(first)), policy);
  const pages: Array<string> = [];
  let cursor: string | undefined;
  do {
    const page = matching(knowledge, { predicate: "is", limit: 7, ...defined({ cursor }) });
    pages.push(...page.items.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(pages).toEqual(
    facts
      .slice(1)
      .map(({ id }) => id)
      .sort(),
  );
  expect(matching(knowledge, { all: true, limit: 100 }).items).toHaveLength(25);
});

describe("what a revoked key signed", () => {
  const older = fact("d", "status", "up", { stamp: minute(1) });
  const newer = fact("d", "status", "down", { stamp: minute(2), author: "bob" });
  const described = (knowledge: Knowledge, of: Entry) => whyOf(knowledge, of.id)?.fact;

  test("stays visible, but neither holds nor is a candidate, and its confidence is 0", () => {
    const knowledge = new Knowledge(baseOf(older, newer, revocation([newer])), policy);
    expect(matching(knowledge, { subject: "d", limit: 10 }).items.map(({ object }) => object)).toEqual(["up"]);
    expect(described(knowledge, newer)).toMatchObject({ confidence: 0, holds: false, retracted: false });
    expect(whyOf(knowledge, newer.id)?.text).toContain(`confidence 0: the key ${publicKey} was revoked: it was copied`);
    expect(knowledge.resolution("d", "status")?.candidates.map(({ id }) => id)).toEqual([older.id]);
    expect(historyOf(knowledge.base, newer.id)?.map((entry) => entry.record.kind)).toEqual(["fact", "revocation"]);
  });

  test("counts for nobody: neither evidence that it gave, nor evidence that others gave on it", () => {
    const [good, bad] = [evidence(older, "bob", "support"), evidence(newer, "ada", "dispute")];
    const knowledge = new Knowledge(baseOf(older, newer, good, bad, revocation([newer, good])), policy);
    expect(knowledge.base.countsOf("ada")).toEqual({ supports: 0, disputes: 0 });
    expect(knowledge.base.countsOf("bob")).toEqual({ supports: 0, disputes: 0 });
    expect(whyOf(knowledge, older.id)?.text).toContain(
      `\`bob\`'s support by \`seen\` does not count: the key ${publicKey} was revoked: it was copied`,
    );
  });

  test("displaces nothing: a fact that it retracted holds, an earlier belief counts again, evidence may be given again", () => {
    const believes = (degree: number, at: number) =>
      record({ kind: "belief", subject: "d", predicate: "is", object: "x", degree, author: "ada", stamp: minute(at) });
    const [taken, first, second] = [retraction(older), believes(0.9, 1), believes(0.1, 5)];
    const [stolen, own] = [evidence(older, "bob", "dispute", "ping", 2), evidence(older, "bob", "support", "ping", 3)];
    const { base } = new Knowledge(
      baseOf(older, taken, first, second, stolen, own, revocation([taken, second, stolen])),
      policy,
    );
    expect(base.isRetracted(older.id)).toBe(false);
    expect([...base.beliefs()].map(({ belief }) => belief.degree)).toEqual([0.9]);
    expect(base.countsOf("ada")).toEqual({ supports: 1, disputes: 0 });
  });
});

describe("conflicts", () => {
  const older = fact("d", "status", "deploying", { stamp: minute(1) });
  const newer = fact("d", "status", "succeeded", { stamp: minute(2), author: "bob" });
  const holding = (predicate: string, ...entries: ReadonlyArray<Entry>) => {
    const knowledge = new Knowledge(baseOf(...entries), policy);
    return matching(knowledge, { predicate, limit: 10 }).items.map(({ object }) => object);
  };

  test("newest: the newest holds until it is retracted", () => {
    expect(holding("status", older, newer)).toEqual(["succeeded"]);
    expect(holding("status", older, newer, retraction(newer, "bob"))).toEqual(["deploying"]);
  });

  test("newest: of one moment, the higher id", () => {
    const twin = fact("d", "status", "failed", { stamp: minute(2), author: "bob" });
    const winner = twin.id > newer.id ? "failed" : "succeeded";
    expect(holding("status", twin, newer)).toEqual([winner]);
  });

  test("most-trusted: evidence outweighs age", () => {
    const ada = fact("db", "owner", "data", { stamp: minute(1) });
    const bob = fact("db", "owner", "web", { stamp: minute(2), author: "bob" });
    expect(holding("owner", ada, bob)).toEqual(["web"]);
    expect(holding("owner", ada, bob, evidence(ada, "cyd", "support"))).toEqual(["data"]);
    expect(holding("owner", ada, bob, evidence(ada, "bob", "dispute"))).toEqual(["web"]);
  });

  test("vote: nothing holds until a vote has decided", () => {
    const one = fact("web", "runs-on", "leaf-1");
    const other = fact("web", "runs-on", "leaf-2");
    expect(holding("runs-on", one)).toEqual(["leaf-1"]);
    expect(holding("runs-on", one, other)).toEqual([]);
  });
});

test("how a fact came about is shown, explained, and can be asked for", () => {
  const [told, counted] = [
    fact("web", "port", 80, { provenance: { model: "m-1", promptDigest: `sha256-${"0".repeat(64)}` } }),
    fact("web", "port", 81, { provenance: { tool: "census" } }),
  ];
  const knowledge = new Knowledge(baseOf(told, counted, fact("web", "port", 82)), policy);
  const idsOf = (query: { readonly model?: string; readonly tool?: string }) =>
    matching(knowledge, { ...query, all: true, limit: 10 }).items.map(({ id }) => id);
  expect([idsOf({ model: "m-1" }), idsOf({ tool: "census" }), idsOf({ model: "m-1", tool: "census" })]).toEqual([
    [told.id],
    [counted.id],
    [],
  ]);
  expect(whyOf(knowledge, told.id)?.fact.provenance?.model).toBe("m-1");
  expect(whyOf(knowledge, counted.id)?.text).toContain("`ada` says that it is by tool census");
});

describe("trust and confidence", () => {
  test("follow the formula, which `why` spells out", () => {
    const claim = fact("web", "port", 80, { confidence: 0.8 });
    const knowledge = new Knowledge(
      baseOf(
        claim,
        evidence(claim, "bob", "support"),
        evidence(claim, "cyd", "dispute"),
        evidence(claim, "bob", "support", "again"),
      ),
      policy,
    );
    // ada: two supports, one dispute → 3/5; bob and cyd: nothing known of them → 1/2.
    const [supports, disputes] = [0.6 * 0.8 + 0.5 + 0.5, 0.6 * 0.2 + 0.5];
    const account = whyOf(knowledge, claim.id);
    expect(account?.fact.confidence).toBeCloseTo((supports + 1) / (supports + disputes + 2), 12);
    expect(account?.trust).toContainEqual({ author: "ada", trust: 0.6, supports: 2, disputes: 1 });
    expect(account?.text.join("\n")).toContain("trust in `ada` 0.600 = (2 + 1) / (2 + 1 + 2)");
  });

  test("repeated evidence and one's own count for nothing", () => {
    const claim = fact("web", "port", 80);
    const confidence = (...entries: ReadonlyArray<Entry>) =>
      whyOf(new Knowledge(baseOf(claim, ...entries), policy), claim.id)?.fact.confidence;
    const [ping, again, own] = [
      evidence(claim, "bob", "support", "ping", 2),
      evidence(claim, "bob", "support", "ping", 3),
      evidence(claim, "ada", "support", "self"),
    ];
    expect(confidence(ping, again, own)).toBe(confidence(ping));
    expect(confidence(ping)).toBeGreaterThan(confidence() ?? 1);
  });

  test("EigenTrust: the one whom the trusted support is trusted most, a clique gains little", () => {
    const [ada, bob, cyd, mal, mo] = ["ada", "bob", "cyd", "mal", "mo"].map((author) =>
      fact("x", "is", author, { author }),
    );
    if (!ada || !bob || !cyd || !mal || !mo) throw new Error("no facts");
    const base = baseOf(
      ada,
      bob,
      cyd,
      mal,
      mo,
      ...["bob", "cyd"].map((by) => evidence(ada, by, "support")),
      evidence(bob, "ada", "support"),
      evidence(mal, "mo", "support"),
      evidence(mo, "mal", "support"),
      evidence(mal, "ada", "dispute"),
    );
    const trust = new Knowledge(base, { ...policy, trust: "eigentrust" }).trust;
    expect(trust("ada")).toBe(1);
    expect(trust("bob")).toBeGreaterThan(trust("cyd"));
    expect(trust("mal")).toBeLessThan(trust("ada"));
  });
});
