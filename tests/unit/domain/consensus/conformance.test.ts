import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import { type KnownToProposals, proposalCommands } from "../../../../src/domain/consensus/contract.ts";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { policy } from "../../../../src/domain/consensus/policy.ts";
import type { ProposalState } from "../../../../src/domain/consensus/state.ts";
import {
  addSeconds,
  type CommandOf,
  defined,
  type EventOf,
  millisecondsBetween,
} from "../../../../src/domain/kernel/mod.ts";

/** A case as the files have it; tests/conformance/README.md says what the fields mean. */
interface Case {
  readonly name: string;
  readonly policy: object;
  readonly electorate: ReadonlyArray<{ readonly id: string; readonly weight: number; readonly publicKey?: string }>;
  readonly steps: ReadonlyArray<{
    readonly at: number;
    readonly by: string;
    readonly do?: "vote" | "veto" | "withdraw" | "cancel";
    readonly signedBy?: string;
    readonly choice?: string;
    readonly reason?: string;
    readonly conditions?: ReadonlyArray<object>;
  }>;
  readonly subjectChangesAt?: number;
  readonly expected: object;
}

type Command = CommandOf<typeof proposal.commands>;

const folder = new URL("../../../conformance/votes/", import.meta.url);
const opened = "2026-01-01T00:00:00.000Z";
const at = (milliseconds: number) => addSeconds(opened, milliseconds / 1000);
const since = (instant: string | undefined) =>
  instant === undefined ? undefined : millisecondsBetween(opened, instant);
const forever = 10 ** 12;

const policyDocument = (written: object) => {
  const payload = Schema.decodeUnknownSync(policy.commands.set.schema)(written);
  const context = { aggregateId: "p", commandId: "c", principal: "operator", time: opened, known: undefined };
  const [set] = Result.getOrThrow(policy.decide({ type: "set", payload }, policy.initial, context));
  if (set?.type !== "policy-set") throw new Error("the policy was not set");
  return set.data;
};

/** A proposal that time passes over: what is due happens before whatever is done next. */
class Run {
  readonly #case: Case;
  readonly #known: KnownToProposals;
  readonly told: Record<string, unknown> = {};
  #state: ProposalState = null;

  constructor(one: Case) {
    this.#case = one;
    const keys = one.electorate.flatMap(({ id, publicKey }) =>
      publicKey === undefined ? [] : [[id, publicKey] as const],
    );
    this.#known = {
      defaultElectorate: [],
      publicKeys: new Map(keys),
      policy: { id: "p", version: 1, digest: "sha256-1", document: policyDocument(one.policy) },
    };
  }

  give(command: Command, by: string, time: number, signedBy?: string): string | undefined {
    const changed = this.#case.subjectChangesAt;
    const decided = proposal.decide(command, this.#state, {
      aggregateId: "p1",
      commandId: "c",
      principal: by,
      time: at(time),
      ...defined({ signedBy }),
      known: {
        ...this.#known,
        ...defined({ changed: changed !== undefined && changed <= time ? "it has changed" : undefined }),
      },
    });
    if (Result.isFailure(decided)) return decided.failure.reason;
    for (const event of decided.success) this.#take(event, by, time);
    return undefined;
  }

  #take(event: EventOf<typeof proposal.events>, actor: string, time: number) {
    this.#state = proposal.evolve(this.#state, event, { aggregateId: "p1", version: 1, actor, time: at(time) });
    if ("tally" in event.data && event.type !== "proposal-enacted")
      Object.assign(this.told, { decidedAt: time, tally: event.data.tally });
    if (event.type === "voting-opened" || event.type === "voting-extended")
      this.told.deadline = since(event.data.deadline);
    if (event.type === "proposal-rejected") this.told.reason = event.data.reason;
    if (event.type === "proposal-approved-with-conditions") this.told.conditions = event.data.conditions;
    if (event.type === "proposal-enacted") this.told.enactedAt = time;
    this.told.status = this.#state?.status;
  }

  /** Closes the vote and enacts what was approved, as their times come. */
  pass(until: number) {
    if (this.#state?.status === "active") {
      const closes = (since(this.#state.deadline) ?? 0) + 1;
      if (closes <= until) this.give({ type: "close-voting", payload: {} }, "timers", closes);
    }
    if (this.#state !== null && "enactAt" in this.#state) {
      const due = since(this.#state.enactAt) ?? 0;
      if (due <= until) this.give({ type: "enact", payload: { subject: {} } }, "timers", due);
    }
  }
}

const decode = (type: "vote" | "veto" | "withdraw" | "cancel", payload: object) =>
  ({ type, payload: Schema.decodeUnknownSync(proposalCommands[type].schema as never)(payload) }) as Command;

const resultOf = (one: Case): object => {
  const run = new Run(one);
  const electorate = one.electorate.map(({ id, weight }) => ({ id, weight }));
  const submission = { kind: "conformance", title: one.name, subject: {}, electorate };
  const refused = run.give({ type: "submit", payload: submission }, "proposer", 0);
  if (refused !== undefined) return { refusedSubmission: refused };
  const refusals = one.steps.flatMap(({ at: time, by, do: what = "vote", signedBy, ...payload }, step) => {
    run.pass(time);
    const reason = run.give(decode(what, payload), by, time, signedBy);
    run.pass(time);
    return reason === undefined ? [] : [{ step, reason }];
  });
  run.pass(forever);
  return { ...run.told, ...(refusals.length === 0 ? {} : { refused: refusals }) };
};

const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const casesIn = (file: string) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as ReadonlyArray<Case>;

describe.each(files)("%s", (file) => {
  test.each(casesIn(file).map((one) => [one.name, one] as const))("%s", (_, one) => {
    expect(resultOf(one)).toEqual(one.expected);
  });
});

test("there are cases for everything that can go wrong", () => {
  expect(files.flatMap(casesIn).length).toBeGreaterThanOrEqual(150);
});
