import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { type Ballot, type Choice, changesGraph } from "../../../../src/domain/consensus/ballot.ts";
import type { KnownToProposals } from "../../../../src/domain/consensus/contract.ts";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { shippedPolicies } from "../../../../src/domain/consensus/policy-document.ts";
import { resultOf } from "../../../../src/domain/consensus/result.ts";
import type { NotedReview } from "../../../../src/domain/consensus/rounds.ts";
import type { ProposalState } from "../../../../src/domain/consensus/state.ts";
import type { GraphChange } from "../../../../src/domain/graph/contract.ts";
import { addSeconds, type CommandOf, canonicalJson, defined, type EventOf } from "../../../../src/domain/kernel/mod.ts";

/**
 * Rounds against a simple book-keeper: it writes down what everybody saw when they voted, and shares nothing with the
 * rules of rounds but the pure tally.
 */

type Event = EventOf<typeof proposal.events>;
type Command = CommandOf<typeof proposal.commands>;

const members = ["ann", "bob", "cy", "security"] as const;
const holder = "hal";
const votingSeconds = 60;
/** Changes of the graph that somebody may want or offer. */
const remedies = ["web", "db"].map(
  (id): ReadonlyArray<GraphChange> => [{ type: "update-node", id, changes: { port: 1 } }],
);
const subjectOf = (revision: number) => ({ graph: "shop", graphDigest: `g-${revision}`, flakeDigest: `f-${revision}` });

interface Rules {
  readonly maxRounds: number;
  readonly fourEyes: boolean;
  readonly ballotsMayChange: boolean;
  readonly requiredReviews: ReadonlyArray<string>;
  readonly protocol: "simple-majority" | "unanimous";
  readonly late: boolean;
  readonly delay: number;
}

const anyRules: fc.Arbitrary<Rules> = fc.record({
  maxRounds: fc.integer({ min: 1, max: 3 }),
  fourEyes: fc.boolean(),
  ballotsMayChange: fc.boolean(),
  requiredReviews: fc.constantFrom([], ["security"]),
  protocol: fc.constantFrom("simple-majority", "unanimous"),
  late: fc.boolean(),
  delay: fc.constantFrom(0, 30),
});

type Story = (vote: World) => readonly [by: string, command: Command];

const member = fc.constantFrom(...members);
/** The round that is meant: this one, the one before, the next one, or whichever it is. */
const meant = fc.constantFrom(0, 0, 0, -1, 1, undefined);
const ballot: fc.Arbitrary<Story> = fc
  .record({
    by: fc.constantFrom(...members, "stranger"),
    choice: fc.constantFrom<Choice>("approve", "approve", "approve", "approve", "reject", "abstain"),
    wants: fc.constantFrom(undefined, undefined, [], ...remedies),
    acceptsRemedies: fc.boolean(),
    meant,
  })
  .map(({ by, choice, wants, acceptsRemedies, meant: off }) => (world) => {
    const conditions = choice === "approve" && wants !== undefined ? [{ text: "only so", changes: wants }] : undefined;
    const round = off === undefined ? undefined : Math.max(1, world.round + off);
    const payload = { choice, conditions, acceptsRemedies: choice === "approve" && acceptsRemedies, round } as const;
    return [by, { type: "vote", payload: defined(payload) }];
  });
const review: fc.Arbitrary<Story> = fc
  .record({
    reviewer: member,
    blocks: fc.constantFrom(false, false, false, true),
    offered: fc.constantFrom([], ...remedies.map((one) => [one])),
    stale: fc.constantFrom(false, false, true),
  })
  .map(({ reviewer, blocks, offered, stale }) => (world) => {
    const blocking = blocks ? [{ rule: "r", message: "m", mendable: offered.length > 0 }] : [];
    const subject = subjectOf(stale ? world.revision - 1 : world.revision);
    return ["cim", { type: "note-review", payload: { subject, review: { reviewer, blocking, remedies: offered } } }];
  });
const nextRound: fc.Arbitrary<Story> = fc
  .record({ skips: fc.constantFrom(1, 1, 1, 2), changed: fc.constantFrom(true, true, true, false) })
  .map(({ skips, changed }) => (world) => {
    const subject = subjectOf(changed ? world.revision + 1 : world.revision);
    return ["cim", { type: "open-round", payload: { round: world.round + skips, subject } }];
  });
const others: fc.Arbitrary<Story> = fc.oneof(
  member.map(
    (voter): Story =>
      () => ["cim", { type: "strike-ballot", payload: { voter, reason: "suspended" } }],
  ),
  member.map(
    (voter): Story =>
      () => ["cim", { type: "change-voter-key", payload: { voter } }],
  ),
  fc.constantFrom(holder, ...members).map(
    (by): Story =>
      () => [by, { type: "veto", payload: { reason: "no" } }],
  ),
  fc.constant<Story>(() => ["cim", { type: "close-voting", payload: {} }]),
  fc.constantFrom(0, 1).map(
    (old): Story =>
      (world) => ["cim", { type: "enact", payload: { subject: subjectOf(world.revision - old) } }],
  ),
);
const act = fc.record({
  story: fc.oneof(
    { arbitrary: ballot, weight: 8 },
    { arbitrary: nextRound, weight: 3 },
    { arbitrary: review, weight: 2 },
    { arbitrary: others, weight: 1 },
  ),
  seconds: fc.constantFrom(0, 0, 0, 0, 0, 1, 20, 61),
});

/** What the book-keeper knows of a ballot: what it says, what it was cast for, and which remedies its voter had seen. */
interface Kept {
  readonly ballot: Ballot;
  readonly revision: number;
  readonly seen: ReadonlySet<string>;
}

/** A vote, and the book-keeper beside it. */
class World {
  round = 1;
  revision = 1;
  time = "2026-01-01T00:00:00.000Z";
  state: ProposalState = null;
  ended = false;
  approved: number | undefined;
  private electorate: ReadonlyArray<{ readonly id: string; readonly weight: number }> = [];
  private kept = new Map<string, Kept>();
  private offered = new Set<string>();
  private reviews = new Map<string, NotedReview>();
  /** Those who have changed the graph by a condition that nobody had offered. */
  private readonly authors = new Set<string>();
  private readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
    const { late, delay, maxRounds, fourEyes, ballotsMayChange, requiredReviews, protocol } = rules;
    const document = {
      ...shippedPolicies.deployment,
      maxRounds,
      fourEyes,
      ballotsMayChange,
      requiredReviews,
      protocol,
      votingSeconds,
      vetoHolders: [holder],
      enactmentDelaySeconds: delay,
      ...defined({ lateQuorum: late ? { withinSeconds: 30, extensionSeconds: 40 } : undefined }),
    };
    const payload = { electorate: [...members], excluded: [], reviews: [], subject: subjectOf(1) };
    const put = { kind: "deployment", title: "t", ...payload };
    const policy = { id: "deployment", version: 0, digest: "", document };
    this.give("cim", { type: "put-to-vote", payload: put } as Command, { policy, defaultElectorate: [] });
  }

  give(principal: string, command: Command, known: KnownToProposals = { defaultElectorate: [], owners: new Map() }) {
    const context = { aggregateId: "d1", commandId: "c", principal, time: this.time, known };
    const decided = proposal.decide(command, this.state, context);
    for (const event of Result.isSuccess(decided) ? decided.success : []) {
      this.check(event);
      this.state = proposal.evolve(this.state, event, { ...context, version: 1, actor: principal });
    }
    return decided;
  }

  private check(event: Event): void {
    expect(this.ended).toBe(false);
    switch (event.type) {
      case "voting-opened":
        this.electorate = event.data.electorate;
        return;
      case "ballot-cast": {
        const { replaces: _, ...cast } = event.data;
        expect(cast.round ?? this.round).toBe(this.round);
        expect(this.electorate.map(({ id }) => id)).toContain(cast.voter);
        const seen = new Set(cast.acceptsRemedies === true ? this.offered : []);
        this.kept.delete(cast.voter);
        this.kept.set(cast.voter, { ballot: cast, revision: this.revision, seen });
        return;
      }
      case "ballot-struck":
        this.kept.delete(event.data.voter);
        return;
      case "review-noted": {
        this.reviews.set(event.data.reviewer, event.data);
        const isAuthor = this.rules.fourEyes && this.authors.has(event.data.reviewer);
        if (!isAuthor) for (const remedy of event.data.remedies) this.offered.add(canonicalJson(remedy));
        return;
      }
      case "round-opened":
        this.openRound(event.data);
        return;
      case "round-ended":
        this.bearsOut("approved", event.data.tally);
        return;
      case "proposal-approved":
      case "proposal-approved-with-conditions":
        this.approve(event.data.tally);
        return;
      case "proposal-enacted":
        expect(this.approved).toBe(this.revision);
        expect(event.data.subject).toEqual(subjectOf(this.revision));
        this.ended = true;
        return;
      case "proposal-rejected":
      case "proposal-expired":
      case "proposal-vetoed":
      case "proposal-cancelled":
        this.ended = true;
    }
  }

  /** The ballots that the book-keeper has come to that by the pure tally. */
  private bearsOut(outcome: string, tally: unknown) {
    const { protocol } = this.rules;
    const ballots = [...this.kept.values()].map(({ ballot }) => ballot);
    const result = resultOf({ protocol, quorum: "1/2" }, this.electorate, ballots);
    expect(result).toMatchObject({ outcome, tally });
    return result;
  }

  private openRound({ round, subject, electorate, carried }: (Event & { type: "round-opened" })["data"]) {
    const isSame = subject.graphDigest === subjectOf(this.revision).graphDigest;
    const made = [...this.kept.values()].flatMap(({ ballot: { voter, conditions = [] } }) =>
      conditions.filter(changesGraph).map(({ changes = [] }) => ({ voter, change: canonicalJson(changes) })),
    );
    expect(round).toBe(this.round + 1);
    expect(round).toBeLessThanOrEqual(this.rules.maxRounds);
    if (!isSame) for (const { voter, change } of made) if (!this.offered.has(change)) this.authors.add(voter);
    const still = new Map<string, Kept>();
    for (const voter of carried) {
      const one = this.kept.get(voter);
      expect(one).toBeDefined();
      if (one === undefined) continue;
      if (!isSame) {
        expect(one.ballot.choice).toBe("approve");
        expect(made.map(({ change }) => change).filter((change) => !one.seen.has(change))).toEqual([]);
      }
      const { conditions = [], ...said } = one.ballot;
      const words = conditions.filter((condition) => !changesGraph(condition));
      still.set(voter, { ...one, ballot: words.length === 0 ? said : { ...said, conditions: words }, revision: round });
    }
    if (this.rules.fourEyes) expect(electorate.filter(({ id }) => this.authors.has(id))).toEqual([]);
    else expect(electorate).toEqual(this.electorate);
    if (!isSame) {
      this.revision += 1;
      this.offered = new Set();
      this.reviews = new Map();
    }
    this.kept = new Map([...still].map(([id, one]) => [id, { ...one, revision: this.revision }]));
    this.round = round;
    this.electorate = electorate;
  }

  private approve(tally: unknown) {
    const { conditions } = this.bearsOut("approved", tally);
    expect(conditions.filter(changesGraph)).toEqual([]);
    expect([...this.kept.values()].filter(({ revision }) => revision !== this.revision)).toEqual([]);
    expect([...this.reviews.values()].flatMap(({ blocking }) => blocking)).toEqual([]);
    for (const required of this.rules.requiredReviews) {
      expect(this.reviews.has(required)).toBe(true);
      if (this.rules.fourEyes) expect(this.authors.has(required)).toBe(false);
    }
    this.approved = this.revision;
  }

  pass(seconds: number): void {
    this.time = addSeconds(this.time, seconds);
  }

  /**
   * What the backend does by itself, as time passes, and whether all who may vote approve what it puts to the vote. Returns
   * how many steps it took to the end.
   */
  untilEnd(isAgreed: boolean): number {
    for (let steps = 1; steps <= 20; steps += 1) {
      if (this.ended) return steps;
      if (isAgreed && this.state?.status === "active")
        for (const voter of members) this.give(voter, { type: "vote", payload: { choice: "approve" } });
      this.pass(200);
      const status = this.state?.status;
      if (status === "amending") {
        const round = { round: this.round + 1, subject: subjectOf(this.revision + 1) };
        const opened = this.give("cim", { type: "open-round", payload: round });
        // Nobody is left who may vote: the deployment fails, and its proposal is cancelled.
        if (Result.isFailure(opened)) this.give("cim", { type: "cancel", payload: { reason: "no-other-eyes" } });
      } else if (status === "active") this.give("cim", { type: "close-voting", payload: {} });
      else this.give("cim", { type: "enact", payload: { subject: subjectOf(this.revision) } });
    }
    return Number.POSITIVE_INFINITY;
  }
}

describe("whatever happens in the rounds of a vote", () => {
  test("only what the ballots for this revision bear out is approved and enacted; it ends, after maxRounds at most", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(anyRules, fc.array(act, { maxLength: 40 }), fc.boolean(), (rules, acts, isAgreed) => {
        const world = new World(rules);
        for (const { story, seconds } of acts) {
          world.pass(seconds);
          world.give(...story(world));
        }
        expect(world.untilEnd(isAgreed)).toBeLessThanOrEqual(2 * rules.maxRounds + 2);
        const end = `${world.state?.status} in round ${world.round}`;
        seen.set(end, (seen.get(end) ?? 0) + 1);
      }),
      { numRuns: 800 },
    );
    // The stories are worth something: approvals and other ends, in more than the first round.
    for (const end of ["enacted in round 1", "enacted in round 2", "rejected in round 1", "expired in round 2"])
      expect([end, (seen.get(end) ?? 0) > 0]).toEqual([end, true]);
  });
});
