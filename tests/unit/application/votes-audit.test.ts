import { describe, expect, test } from "@jest/globals";
import { Effect, Result, Schema } from "effect";
import { newSeed } from "../../../src/agents/kit/mod.ts";
import { signedText, signerOf } from "../../../src/agents/kit/signer.ts";
import { sealOf } from "../../../src/application/new-commit.ts";
import { verify } from "../../../src/application/operations/verify/mod.ts";
import type { Commit } from "../../../src/application/ports/mod.ts";
import { publishedViews } from "../../../src/contract/views/mod.ts";
import { atOnce, canonicalJson } from "../../../src/domain/kernel/mod.ts";
import { digests, digestsLayer } from "../../../src/infrastructure/digests.ts";
import { decodeCommit, encodeCommit } from "../../../src/infrastructure/nats/event-store/commits.ts";
import { decisionLines } from "../../../src/interfaces/cli/decision-text.ts";
import { logOf } from "../../support/memory.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const voters = ["ann", "bob", "cy"];
/** The voters, and one who has a veto and no vote. */
const signers = new Map([...voters, "vera"].map((id) => [id, signerOf(newSeed())]));

/** Gives a command signed with someone's key, as it comes in from outside. */
const giveSigned = (
  leaf: Leaf,
  principal: string,
  command: "vote" | "veto",
  proposal: string,
  payload: Payload,
  signer = principal,
) => {
  const key = signers.get(signer);
  if (key === undefined) throw new Error(`${signer} has no key`);
  const [commandId, body] = [`${principal}-${proposal}`, JSON.stringify(payload)];
  const text = signedText(commandId, `cim.cmd.${principal}.proposal.${proposal}.${command}`, body);
  const signed = { publicKey: key.publicKey, signature: key.sign(text), text, payload: body };
  return leaf.handle({
    aggregate: "proposal",
    id: proposal,
    command,
    payload,
    principal,
    audience: "public",
    commandId,
    signed,
  });
};
/** Casts a ballot signed with a voter's key. */
const castSigned = (leaf: Leaf, voter: string, proposal: string, payload: Payload, signer = voter) =>
  giveSigned(leaf, voter, "vote", proposal, payload, signer);

const withVoters = Effect.fnUntraced(function* (leaf: Leaf) {
  for (const [id, { publicKey }] of signers) {
    yield* leaf.grant(id, "voter");
    yield* leaf.join(id, { capabilities: [], publicKey }, () => Effect.void);
  }
  const rules = { signedBallots: true, quorum: "2/3", vetoHolders: ["vera"] };
  const electorate = voters.map((id) => ({ id, weight: 1 }));
  yield* leaf.give("cim", "policy", "default", "set", { ...rules, electorate });
});

const story = Effect.fnUntraced(function* (leaf: Leaf) {
  yield* withVoters(leaf);
  yield* leaf.give("ann", "proposal", "p1", "submit", { kind: "infrastructure", title: "Change", subject: {} });
  yield* castSigned(leaf, "ann", "p1", { choice: "approve", conditions: [] });
  yield* castSigned(leaf, "bob", "p1", { choice: "approve", reason: "fine" });
  yield* leaf.settle;
  return yield* leaf.commits;
});

/** One that is vetoed while it is voted on. */
const stopped = Effect.fnUntraced(function* (leaf: Leaf) {
  yield* withVoters(leaf);
  yield* leaf.give("ann", "proposal", "p1", "submit", { kind: "infrastructure", title: "Change", subject: {} });
  yield* castSigned(leaf, "ann", "p1", { choice: "approve" });
  yield* giveSigned(leaf, "vera", "veto", "p1", { reason: "freeze" });
  yield* leaf.settle;
  return yield* leaf.commits;
});

const run = <A>(body: (leaf: Leaf) => Effect.Effect<A>) => {
  let result: A | undefined;
  return inLeaf((leaf) =>
    Effect.map(body(leaf), (found) => {
      result = found;
    }),
  ).then(() => result as A);
};

const check = (commits: ReadonlyArray<Commit>, whole = true) =>
  Effect.runPromise(
    verify(logOf(commits), whole ? { seen: [] } : undefined).pipe(Effect.provide(digestsLayer), Effect.orDie),
  );

/** Changes a commit, and makes its content ids' chain and its seal fit again: what only the rules can find. */
const forged = (
  commits: ReadonlyArray<Commit>,
  pick: (commit: Commit) => boolean,
  change: (commit: Commit) => Commit,
) => {
  const last = new Map<string, string>();
  return commits.map((commit) => {
    const key = `${commit.aggregate}.${commit.id}`;
    const { previousCid: _, ...changed } = pick(commit) ? change(commit) : commit;
    let previous = last.get(key) ?? null;
    const start = previous;
    const events = changed.events.map((event, index) => {
      const { type, schemaVersion, data } = event;
      const content = { type, schemaVersion, data };
      previous = atOnce(digests.cid({ content, previous, sequence: commit.firstVersion + index }));
      return { ...event, cid: previous };
    });
    last.set(key, previous ?? "");
    const chained = { ...changed, ...(start === null ? {} : { previousCid: start }), events } as unknown as Commit;
    return { ...chained, seal: sealOf(chained, digests.sha256) };
  });
};

/** Why commands about an open proposal are refused. */
const refusalsOf = (attempts: (leaf: Leaf) => ReadonlyArray<ReturnType<Leaf["give"]>>) =>
  run(
    Effect.fnUntraced(function* (leaf: Leaf) {
      yield* withVoters(leaf);
      yield* leaf.give("ann", "proposal", "p1", "submit", { kind: "k", title: "t", subject: {} });
      const results = yield* Effect.forEach(attempts(leaf), (attempt) => attempt);
      return results.map((result) => (Result.isFailure(result) ? result.failure.details : undefined));
    }),
  );

const isVote = ({ command }: Commit) => command === "vote";

describe("a signed vote", () => {
  test("is found to be in order", async () => {
    const commits = await run(story);
    expect(commits.filter(isVote)).toHaveLength(2);
    expect(await check(commits)).toMatchObject({ ok: true, findings: [] });
  });

  test("is not taken with another's key, nor unsigned", async () => {
    const attempts = (leaf: Leaf) => [
      castSigned(leaf, "ann", "p1", { choice: "approve" }, "bob"),
      leaf.give("ann", "proposal", "p1", "vote", { choice: "approve" }),
    ];
    expect(await refusalsOf(attempts)).toMatchObject([{ reason: "wrong-key" }, { reason: "signature-required" }]);
  });

  test.each<[string, (commit: Commit) => boolean, (commit: Commit) => Commit, RegExp]>([
    [
      "another choice than was signed",
      isVote,
      (commit) => {
        const [first, ...rest] = commit.events;
        return { ...commit, events: [{ ...first, data: { ...(first.data as Payload), reason: "forged" } }, ...rest] };
      },
      /not what `\w+` signed/,
    ],
    ["a signature that is gone", isVote, ({ signed: _, ...commit }) => commit, /is not signed, as it must be/],
    ["another voter", isVote, (commit) => ({ ...commit, actor: "cy" }), /signed another command|gave it/],
    [
      "another payload",
      isVote,
      (commit) => ({ ...commit, signed: { ...(commit.signed as NonNullable<Commit["signed"]>), payload: "{}" } }),
      /signed another payload/,
    ],
    [
      "the digest of another payload",
      isVote,
      (commit) => ({ ...commit, payloadDigest: digests.sha256("{}") }),
      /payload digest is not that of the payload/,
    ],
    [
      "a policy that was not in force",
      ({ command }) => command === "submit",
      (commit) => {
        const [first, ...rest] = commit.events;
        const data = { ...(first.data as Payload), policy: { id: "default", version: 9, digest: "sha256-0" } };
        return { ...commit, events: [{ ...first, data }, ...rest] };
      },
      /was not set by an event number 9/,
    ],
    [
      "a policy's content",
      ({ aggregate }) => aggregate === "policy",
      (commit) => {
        const [first, ...rest] = commit.events;
        return { ...commit, events: [{ ...first, data: { ...(first.data as Payload), quorum: "1/3" } }, ...rest] };
      },
      /does not have the digest/,
    ],
  ])("%s is found even where every digest was made to fit", async (_, pick, change, expected) => {
    const found = await check(forged(await run(story), pick, change));
    expect(found.ok).toBe(false);
    expect(found.first?.problem).toMatch(expected);
    expect(found.first?.event).toMatch(/^(?:proposal\.p1|policy\.default)\.\d+$/);
  });
});

describe("a signed veto", () => {
  const isVeto = ({ command }: Commit) => command === "veto";

  test("is found to be in order", async () => {
    const commits = await run(stopped);
    expect(commits.find(isVeto)?.signed?.publicKey).toBe(signers.get("vera")?.publicKey);
    expect(await check(commits)).toMatchObject({ ok: true, findings: [] });
  });

  test("is not taken with another's key, nor unsigned", async () => {
    const attempts = (leaf: Leaf) => [
      giveSigned(leaf, "vera", "veto", "p1", { reason: "freeze" }, "bob"),
      leaf.give("vera", "proposal", "p1", "veto", { reason: "freeze" }),
    ];
    expect(await refusalsOf(attempts)).toMatchObject([{ reason: "wrong-key" }, { reason: "signature-required" }]);
  });

  const said = (change: Payload) => (commit: Commit) => {
    const [first, ...rest] = commit.events;
    return { ...commit, events: [{ ...first, data: { ...(first.data as Payload), ...change } }, ...rest] } as Commit;
  };
  test.each<[string, (commit: Commit) => boolean, (commit: Commit) => Commit, RegExp]>([
    ["another reason than was signed", isVeto, said({ reason: "forged" }), /the veto is not what `vera` signed/],
    ["another's veto", isVeto, said({ by: "cy" }), /the rules give `cy` no veto/],
    ["a signature that is gone", isVeto, ({ signed: _, ...commit }) => commit, /the veto is not signed, as it must be/],
    ["another giver", isVeto, (commit) => ({ ...commit, actor: "ann" }), /the veto is `vera`'s, but `ann` gave it/],
    [
      "a key that was never vera's",
      ({ aggregate, command }) => aggregate === "proposal" && command === "submit",
      said({ vetoKeys: [{ id: "vera", publicKey: signers.get("cy")?.publicKey ?? "" }] }),
      /is not the key that `vera` had/,
    ],
  ])("%s is found even where every digest was made to fit", async (_, pick, change, expected) => {
    const found = await check(forged(await run(stopped), pick, change));
    expect(found.ok).toBe(false);
    expect(found.findings.map(({ problem }) => problem)).toContainEqual(expect.stringMatching(expected));
  });

  test("is told in the story of the decision", async () => {
    const told = await run(
      Effect.fnUntraced(function* (leaf: Leaf) {
        yield* stopped(leaf);
        return yield* Effect.orDie(leaf.ask("audit", "decision", { proposal: "p1" }));
      }),
    );
    const signedWith = signers.get("vera")?.publicKey;
    expect(told).toMatchObject({
      vetoKeys: [{ id: "vera", publicKey: signedWith }],
      outcome: "vetoed",
      veto: { by: "vera", reason: "freeze", signedWith, cast: { event: "proposal.p1.4" } },
    });
    const text = decisionLines(Schema.decodeUnknownSync(publishedViews.audit.operations.decision.answer)(told)).join(
      "\n",
    );
    expect(text).toContain(`because freeze`);
    expect(text).toContain(`signed with ${signedWith}`);
  });
});

/** Not every byte of every commit in each run of the tests: one in so many. */
const stride = 5;

describe("the log", () => {
  test("shows any byte that was flipped", async () => {
    const commits = await run(story);
    const stored = commits.map(({ position: _, ...commit }) => atOnce(encodeCommit(commit)));
    const missed: Array<string> = [];
    for (const [at, bytes] of stored.entries()) {
      if (commits[at]?.aggregate === "agent") continue;
      for (let offset = at % stride; offset < bytes.length; offset += stride) {
        const flipped = Uint8Array.from(bytes);
        flipped[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 7));
        const read = decodeCommit(at + 1, `cim.evt.${commits[at]?.aggregate}.${commits[at]?.id}`, flipped, "cim.evt.");
        if (Result.isFailure(read)) continue;
        const { ok } = await check(commits.toSpliced(at, 1, read.success));
        if (ok) missed.push(`commit ${at}, byte ${offset}: ${String.fromCharCode(bytes[offset] ?? 0)}`);
      }
    }
    expect(missed).toEqual([]);
  });

  test("shows a commit that is gone, also the last one of its aggregate", async () => {
    const commits = await run(story);
    for (let at = 0; at < commits.length - 1; at++) expect((await check(commits.toSpliced(at, 1))).ok).toBe(false);
  });

  test("shows an end that is gone, by what others have seen", async () => {
    const commits = await run(story);
    const position = commits.length;
    const found = await Effect.runPromise(
      verify(logOf(commits.slice(0, -1)), { seen: [{ by: "the stream", position }] }).pipe(
        Effect.provide(digestsLayer),
      ),
    );
    expect(found.first?.problem).toBe(`the log ends at ${position - 1}, but the stream has seen ${position}`);
  });
});

describe("the story of a decision", () => {
  const told = (id: string) =>
    run(
      Effect.fnUntraced(function* (leaf: Leaf) {
        yield* story(leaf);
        return yield* Effect.result(leaf.ask("audit", "decision", { proposal: id }));
      }),
    );

  test("says who could vote, how each voted and signed, and what came of it", async () => {
    expect(Result.getOrThrow(await told("p1"))).toMatchObject({
      proposal: "p1",
      policy: { id: "default", version: 1 },
      electorate: voters.map((id) => ({ id, weight: 1, publicKey: signers.get(id)?.publicKey })),
      ballots: [
        { voter: "ann", choice: "approve", signedWith: signers.get("ann")?.publicKey },
        { voter: "bob", choice: "approve", reason: "fine", signedWith: signers.get("bob")?.publicKey },
      ],
      outcome: "approved",
      tally: { approve: 2, total: 3 },
      decided: { event: "proposal.p1.5" },
      enacted: { event: "proposal.p1.6" },
    });
  });

  test("has a hash that anyone can recompute from the result", async () => {
    const document = Result.getOrThrow(await told("p1")) as Payload;
    const result = document.result ?? null;
    expect(document.resultHash).toBe(digests.sha256(canonicalJson(result)));
    expect(result).toMatchObject({ proposal: "p1", outcome: "approved", enacted: true, rules: { quorum: "2/3" } });
  });

  test("is not there for a proposal that is not", async () => {
    const refused = await told("none");
    expect(Result.isFailure(refused) && refused.failure.details).toMatchObject({ reason: "not-found" });
  });
});

describe("a policy", () => {
  const changed = Effect.fnUntraced(function* (leaf: Leaf) {
    for (const id of ["ann", "bob"])
      yield* leaf.give("cim", "principal", id, "admit", { kind: "person", roles: ["voter"], owner: id });
    yield* leaf.give("ann", "policy", "repair", "propose", { quorum: "3/4" });
    yield* leaf.settle;
    yield* leaf.give("bob", "proposal", "policy=repair-1", "vote", { choice: "approve" });
    yield* leaf.settle;
    return yield* leaf.commits;
  });
  const isSet = ({ aggregate, command }: Commit) => aggregate === "policy" && command === "set";
  const withData = (data: Payload) => (commit: Commit) => {
    const [first, ...rest] = commit.events;
    return { ...commit, events: [{ ...first, data: { ...(first.data as Payload), ...data } }, ...rest] } as Commit;
  };

  test("that a vote has changed is found to be in order", async () => {
    const commits = await run(changed);
    expect(commits.filter(isSet)).toHaveLength(1);
    expect(await check(commits)).toMatchObject({ ok: true, findings: [] });
  });

  test.each([
    ["that says something else than was voted on", isSet, { quorum: "1/3" }, /without the approval of a vote/],
    [
      "whose vote was held by weaker rules than the policy for policies",
      ({ command, id }: Commit) => command === "submit" && id === "policy=repair-1",
      { threshold: "1/2" },
      /asks for more/,
    ],
  ])("%s is found", async (_, pick, data, expected) => {
    const found = await check(forged(await run(changed), pick, withData(data)));
    expect(found.findings.map(({ problem }) => problem)).toContainEqual(expect.stringMatching(expected));
  });
});
