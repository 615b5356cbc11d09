import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import type { PolicyDocument } from "../../../../src/domain/consensus/policy-document.ts";
import type { KnownToBreakGlass } from "../../../../src/domain/deployment/break-glass.ts";
import type { KnownToDeployments } from "../../../../src/domain/deployment/request.ts";
import type { Role } from "../../../../src/domain/kernel/mod.ts";
import { amendment, type Command, type Event, given, history, known, policy, request, revision } from "./fixtures.ts";

const { graphDigest, flakeDigest } = revision;
const key = `U${"A".repeat(55)}`;
const frozenSince = "2026-01-01T00:00:00.000Z";
const frozen = { id: "everything", reason: "an incident", by: "olga", since: frozenSince };
const admin: ReadonlySet<Role> = new Set(["admin"]);

const words = { reason: "production is down", graphDigest, flakeDigest };
const breakGlass: Command = { type: "break-glass", payload: words };
const ofAmended: Command = {
  type: "break-glass",
  payload: { ...words, graphDigest: amendment.graphDigest, flakeDigest: amendment.flakeDigest },
};
const closeReview: Command = { type: "close-review", payload: { conclusion: "the alarm was right" } };

const knowing = (fields: Partial<KnownToBreakGlass> = {}): KnownToDeployments => ({
  ...known,
  breakGlass: { policy, roles: admin, publicKey: key, freezes: [frozen], ...fields },
});
/** The admin, who signs with the registered key. */
const ada = (fields: Partial<KnownToBreakGlass> = {}) => ({ principal: "ada", signedBy: key, known: knowing(fields) });
const under = (document: Partial<PolicyDocument>) => ({
  policy: { ...policy, document: { ...policy.document, ...document } },
});

const finding = { rule: "secrets", severity: "blocking", nodes: [], edges: [], message: "a password" } as const;
const blocked: Event = {
  type: "review-recorded",
  data: { reviewer: "ann", revision: graphDigest, findings: [finding] },
};
const broken = (fields: object = {}): Event => ({
  type: "glass-broken",
  data: {
    by: "ada",
    ...words,
    signedBy: key,
    findings: [],
    freezes: [{ freeze: "everything", since: frozenSince }],
    ...fields,
  },
});
const decision = (digests: { readonly graphDigest: string; readonly flakeDigest: string }): Command => ({
  type: "record-decision",
  payload: { outcome: "approved", conditions: [], counted: digests },
});
const begin: Command = { type: "begin-deploying", payload: { task: "d1=deploy" } };
const types = (decided: ReturnType<ReturnType<typeof given>["when"]>) =>
  Result.getOrThrow(decided).map(({ type }) => type);

describe("the glass is broken", () => {
  test("with a reason and a signature, and the event says what is passed by", () => {
    expect(given([...history.voting, blocked]).when(breakGlass, ada())).toEqual(
      Result.succeed([
        broken({ findings: [{ reviewer: "ann", rule: "secrets", message: "a password", mendable: false }] }),
      ]),
    );
  });

  test.each<readonly [string, object, string | undefined]>([
    ["an admin by the shipped policy", {}, undefined],
    ["an operator", { roles: new Set<Role>(["operator"]) }, "may-not-break-glass"],
    [
      "a principal whom the policy names",
      { roles: new Set(), ...under({ breakGlass: { principals: ["ada"] } }) },
      undefined,
    ],
    ["an admin where the policy names nobody", under({ breakGlass: {} }), "may-not-break-glass"],
    ["somebody without a key", { publicKey: undefined }, "no-registered-key"],
    ["somebody with another key", { publicKey: `U${"B".repeat(55)}` }, "wrong-key"],
  ])("by %s", (_, fields, refused) => {
    expect(given(history.waiting).refuses(breakGlass, ada(fields))).toBe(refused);
  });

  test("never unsigned", () => {
    expect(given(history.waiting).refuses(breakGlass, { principal: "ada", known: knowing() })).toBe(
      "signature-required",
    );
  });

  test("for one revision alone", () => {
    expect(given(history.amended).refuses(breakGlass, ada())).toBe("other-revision");
    expect(given(history.amended).refuses(ofAmended, ada())).toBeUndefined();
    expect(
      given(history.voting).refuses({ type: "break-glass", payload: { ...words, flakeDigest: "sha256-x" } }, ada()),
    ).toBe("other-revision");
  });

  test("only if something is in the way, as far as that can be known", () => {
    const free = ada({ freezes: [] });
    expect(given(history.voting).refuses(breakGlass, free)).toBeUndefined();
    expect(given(history.waiting).refuses(breakGlass, free)).toBe("nothing-in-the-way");
    expect(given(history.deploying).refuses(breakGlass, free)).toBe("nothing-in-the-way");
    expect(given(history.deploying).refuses(breakGlass, ada())).toBeUndefined();
    const changeWindows = [{ days: ["sun"], from: "03:00", to: "04:00", timeZone: "UTC" }] as const;
    expect(
      given(history.waiting).refuses(breakGlass, ada({ freezes: [], ...under({ changeWindows }) })),
    ).toBeUndefined();
  });

  test.each(["monitoring", "succeeded", "rollingBack", "rejected", "failed", "cancelled", "rolledBack"] as const)(
    "not if the deployment is %s",
    (name) => {
      expect(given(history[name]).refuses(breakGlass, ada())).toBe("wrong-state");
    },
  );

  test("not before the review of the last one is closed", () => {
    const open = { deployment: "d0", by: "olga" };
    expect(given(history.waiting).when(breakGlass, ada({ open }))).toMatchObject({
      failure: { reason: "glass-review-open", message: expect.stringContaining("cim review close d0") },
    });
    const own = [...history.voting, broken()];
    expect(given(own).refuses(breakGlass, ada())).toBe("glass-review-open");
  });

  test("once more for the revision that came of conditions, under the same review", () => {
    const later: ReadonlyArray<Event> = [...history.voting, broken(), { type: "revision-amended", data: amendment }];
    expect(given(later).refuses(ofAmended, ada({ open: { deployment: "d1", by: "ada" } }))).toBeUndefined();
    expect(given(later).refuses(ofAmended, ada({ open: { deployment: "d0", by: "ada" } }))).toBe("glass-review-open");
  });

  test("with the request, before any agent can answer", () => {
    const asked = request({ breakGlass: words });
    expect(types(given([]).when(asked, ada({ freezes: [] })))).toEqual(["deployment-requested", "glass-broken"]);
    expect(given([]).refuses(asked, { principal: "ada", known: knowing() })).toBe("signature-required");
    expect(given([]).refuses(request({ breakGlass: { ...words, graphDigest: "sha256-x" } }), ada())).toBe(
      "other-revision",
    );
    expect(given([]).refuses(asked, ada({ open: { deployment: "d0", by: "olga" } }))).toBe("glass-review-open");
  });
});

describe("a broken glass", () => {
  test("passes blocking findings of its revision, and of no other", () => {
    const outcome = (...events: ReadonlyArray<Event>) =>
      types(given([...history.voting, ...events]).when(decision({ graphDigest, flakeDigest })));
    expect(outcome(blocked)).toEqual(["deployment-rejected"]);
    expect(outcome(blocked, broken())).toEqual(["deployment-approved"]);
    expect(outcome(broken(), blocked)).toEqual(["deployment-approved"]);
    const amended: Event = { type: "revision-amended", data: amendment };
    const again: Event = { ...blocked, data: { ...blocked.data, revision: amendment.graphDigest } } as Event;
    expect(types(given([...history.voting, broken(), amended, again]).when(decision(amendment)))).toEqual([
      "deployment-rejected",
    ]);
  });

  test("passes neither the vote nor what its ballots are bound to", () => {
    const events = [...history.voting, broken()];
    expect(
      types(given(events).when({ type: "record-decision", payload: { outcome: "rejected", conditions: [] } })),
    ).toEqual(["deployment-rejected"]);
    expect(given(events).refuses(decision({ graphDigest: "sha256-x", flakeDigest }))).toBe("not-what-was-counted");
    expect(given(events).refuses(begin)).toBe("wrong-state");
  });

  const knownToBegin = (freezes: KnownToBreakGlass["freezes"], document: Partial<PolicyDocument> = {}) => ({
    known: { ...known, activation: { policy: document, freezes } },
  });
  const changeWindows = [{ days: ["sun"], from: "03:00", to: "04:00", timeZone: "UTC" }] as const;

  test("passes windows and the freezes that stood then, and waits for a later one", () => {
    const events = [...history.generated, broken()];
    expect(types(given(events).when(begin, knownToBegin([frozen], { changeWindows })))).toEqual(["deploying-started"]);
    const later = { ...frozen, since: "2026-01-01T00:00:05.000Z" };
    expect(types(given(events).when(begin, knownToBegin([later])))).toEqual(["activation-awaited"]);
    expect(types(given(events).when(begin, knownToBegin([frozen, { ...frozen, id: "host-back" }])))).toEqual([
      "activation-awaited",
    ]);
  });

  test("does not pass the age of an approval", () => {
    const events = [...history.generated, broken()];
    const late = { ...knownToBegin([frozen], { approvalExpiresSeconds: 60 }), time: "2026-01-01T00:02:00.000Z" };
    expect(Result.getOrThrow(given(events).when(begin, late))).toMatchObject([
      { type: "deployment-failed", data: { reason: "approval-expired" } },
    ]);
  });
});

describe("the review of a broken glass", () => {
  const succeeded = [...history.waiting, broken(), ...history.succeeded.slice(history.generated.length)];
  const by = (principal: string, owners: ReadonlyArray<readonly [string, string]> = [], isPerson = true) => ({
    principal,
    known: { ...known, closeReview: { isPerson, owners: new Map(owners) } },
  });

  test("is closed by somebody else, with a conclusion, once the deployment is over", () => {
    expect(given(succeeded).when(closeReview, by("olga"))).toEqual(
      Result.succeed([{ type: "glass-review-closed", data: { by: "olga", conclusion: "the alarm was right" } }]),
    );
    expect(given([...history.waiting, broken()]).refuses(closeReview, by("olga"))).toBe("not-over");
  });

  test("is not closed by who broke it, their agents, or the owner of an agent that did", () => {
    expect(given(succeeded).refuses(closeReview, by("ada"))).toBe("same-eyes");
    expect(given(succeeded).refuses(closeReview, by("robot", [["robot", "ada"]]))).toBe("same-eyes");
    expect(given(succeeded).refuses(closeReview, by("boss", [["ada", "boss"]]))).toBe("same-eyes");
    expect(given(succeeded).refuses(closeReview, by("robot", [], false))).toBe("not-a-person");
  });

  test("is open once, and not there without a broken glass", () => {
    expect(given(history.succeeded).refuses(closeReview, by("olga"))).toBe("no-glass-broken");
    const closed: Event = { type: "glass-review-closed", data: { by: "olga", conclusion: "x" } };
    expect(given([...succeeded, closed]).when(closeReview, by("rob"))).toEqual(Result.succeed([]));
  });

  test("is about everybody who broke it", () => {
    const twice: ReadonlyArray<Event> = [
      ...history.voting,
      broken(),
      { type: "revision-amended", data: amendment },
      broken({ by: "bea", graphDigest: amendment.graphDigest, flakeDigest: amendment.flakeDigest }),
      { type: "deployment-rejected", data: { outcome: "rejected" } },
    ];
    expect(given(twice).refuses(closeReview, by("ada"))).toBe("same-eyes");
    expect(given(twice).refuses(closeReview, by("bea"))).toBe("same-eyes");
    expect(given(twice).refuses(closeReview, by("olga"))).toBeUndefined();
  });
});
