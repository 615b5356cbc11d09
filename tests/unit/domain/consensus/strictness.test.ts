import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import type { KnownPolicy } from "../../../../src/domain/consensus/contract.ts";
import { type PolicyDocument, shippedPolicies } from "../../../../src/domain/consensus/policy-document.ts";
import { resultOf } from "../../../../src/domain/consensus/result.ts";
import type { Rules } from "../../../../src/domain/consensus/rules.ts";
import { rulesUnder, weaknesses } from "../../../../src/domain/consensus/strictness.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";

const base: PolicyDocument = shippedPolicies.default;
const counting = fc
  .record({
    protocol: fc.constantFrom("simple-majority", "qualified-majority", "unanimous", "weighted" as const),
    countedAs: fc.constantFrom("simple-majority", "qualified-majority", "unanimous" as const),
    threshold: fc.constantFrom("1/2", "3/5", "2/3", "9/10", "1/1"),
    quorum: fc.constantFrom("0/1", "1/3", "1/2", "2/3", "1/1"),
  })
  .map(({ protocol, countedAs, threshold, quorum }): Rules => {
    const { binding: _, ...rules } = base;
    const counts = protocol === "weighted" ? countedAs : protocol;
    return {
      ...rules,
      protocol,
      quorum,
      ...defined({
        countedAs: protocol === "weighted" ? countedAs : undefined,
        threshold: counts === "qualified-majority" ? threshold : undefined,
      }),
    };
  });
const voters = fc.array(
  fc.record({
    weight: fc.integer({ min: 0, max: 4 }),
    choice: fc.constantFrom("approve", "reject", "abstain", undefined),
  }),
  { minLength: 1, maxLength: 7 },
);

describe("rules that are not weaker than a policy", () => {
  test("approve nothing that the policy's would not approve by the same ballots", () => {
    fc.assert(
      fc.property(counting, counting, voters, (own, policy, cast) => {
        fc.pre(weaknesses(own, policy).length === 0);
        const electorate = cast.map(({ weight }, index) => ({ id: `v${index}`, weight }));
        const ballots = cast.flatMap(({ weight, choice }, index) =>
          choice === undefined ? [] : [{ voter: `v${index}`, weight, choice }],
        );
        fc.pre(resultOf(own, electorate, ballots).outcome === "approved");
        expect(resultOf(policy, electorate, ballots).outcome).toBe("approved");
      }),
      { numRuns: 2000 },
    );
  });
  test("are the policy's own", () => {
    fc.assert(fc.property(counting, (rules) => expect(weaknesses(rules, rules)).toEqual([])));
  });
});

const strict: KnownPolicy = {
  id: "deployment",
  version: 4,
  digest: "sha256-4",
  document: {
    ...base,
    protocol: "qualified-majority",
    threshold: "2/3",
    minimumVotingSeconds: 30,
    discussionSeconds: 10,
    enactmentDelaySeconds: 5,
    lateQuorum: { withinSeconds: 5, extensionSeconds: 5 },
    vetoHolders: ["vera"],
    signedBallots: true,
    awaitConditions: true,
  },
};

describe("a proposal under a policy", () => {
  test.each<[string, object]>([
    ["a weaker protocol", { protocol: "simple-majority" }],
    ["a lower threshold", { threshold: "3/5" }],
    ["a weighted vote that is counted weaker", { protocol: "weighted", countedAs: "simple-majority" }],
    ["a lower quorum", { quorum: 0.3 }],
    ["less time than the least to vote", { votingSeconds: 29 }],
    ["less discussion", { discussionSeconds: 9 }],
    ["less delay", { enactmentDelaySeconds: 4 }],
    ["a shorter extension", { lateQuorum: { withinSeconds: 5, extensionSeconds: 4 } }],
    ["one veto holder less", { vetoHolders: ["bob"] }],
    ["ballots that need not be signed", { signedBallots: false }],
    ["an end before everyone could add a condition", { awaitConditions: false }],
  ])("is refused with %s", (_, own) => {
    expect(rulesUnder(strict, own, "proposal `p`")).toMatchObject({
      failure: { reason: "weaker-than-policy", details: { policy: "deployment" } },
    });
  });
  test.each<[string, object]>([
    ["nothing of its own", {}],
    ["unanimity", { protocol: "unanimous" }],
    ["a higher threshold and quorum", { threshold: 0.75, quorum: "3/4" }],
    ["less time than usual, but not than the least", { votingSeconds: 30 }],
    ["one veto holder more", { vetoHolders: ["bob", "vera"] }],
  ])("is taken with %s", (_, own) => {
    expect(Result.isSuccess(rulesUnder(strict, own, "proposal `p`"))).toBe(true);
  });
  test("may say anything under the shipped default: nothing but its voters waits for it", () => {
    const shipped = { ...strict, id: "default", document: base };
    expect(Result.isSuccess(rulesUnder({ ...shipped, version: 0 }, { quorum: 0 }, "p"))).toBe(true);
    expect(Result.isFailure(rulesUnder({ ...shipped, version: 1 }, { quorum: 0 }, "p"))).toBe(true);
  });
});
