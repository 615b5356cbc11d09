import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { type Phase, saga } from "../../../src/application/processes/deployment-workflow/saga.ts";
import { DeploymentStatus } from "../../../src/domain/deployment/contract.ts";
import { deployment } from "../../../src/domain/deployment/decider.ts";
import { isOver, statusAfter } from "../../../src/domain/deployment/lifecycle.ts";
import { type Command, history, known, report, revision, stateAfter } from "../domain/deployment/fixtures.ts";

const phases = Object.entries(saga);

/** A deployment in each state. */
const states = new Map(
  Object.values(history).flatMap((events) => {
    const state = stateAfter(events);
    return state === null ? [] : [[state.status, state] as const];
  }),
);

const decide = (phase: DeploymentStatus, command: Command) =>
  deployment.decide(command, states.get(phase) ?? null, {
    aggregateId: "d1",
    commandId: "c1",
    principal: "ada",
    time: "2026-01-01T00:00:00.000Z",
    known,
  });

/** One of each command that only the backend gives. */
const commands: ReadonlyArray<Command> = [
  { type: "begin-discussion", payload: { dialog: "d1" } },
  { type: "end-discussion", payload: {} },
  { type: "begin-voting", payload: { proposal: "d1" } },
  { type: "record-decision", payload: { outcome: "approved", conditions: [], counted: revision } },
  { type: "amend", payload: { ...revision, changes: [] } },
  { type: "record-generated", payload: { flakeDigest: revision.flakeDigest, files: 1, bytes: 1 } },
  { type: "begin-deploying", payload: { task: "d1=deploy" } },
  report("back", "recorded"),
  { type: "finish-deploying", payload: { task: "d1=monitor" } },
  { type: "finish-monitoring", payload: {} },
  { type: "fail", payload: { reason: "broken" } },
  { type: "time-out", payload: {} },
  { type: "finish-rollback", payload: { attempt: 1, restored: [] } },
];

/** Whether the decider takes a command in a phase, be it that other rules refuse this one. */
const isAllowed = (phase: DeploymentStatus, command: Command): boolean =>
  Result.match(decide(phase, command), { onSuccess: () => true, onFailure: ({ reason }) => reason !== "wrong-state" });

const stepsOf = ({ does = [], on = {} }: Phase) => [...does, ...Object.values(on).flat()];

/** What the table gives in a phase. The time limit of the whole deployment starts in the first one and goes on. */
const given = (name: string, phase: Phase): ReadonlyArray<string> =>
  stepsOf(phase)
    .flatMap(({ gives }) => gives)
    .filter((type) => type !== "time-out" || name === "requested");

describe("the saga", () => {
  test("has a phase for each state of a deployment, in the order of its way", () => {
    expect(new Set(phases.map(([name]) => name))).toEqual(new Set(DeploymentStatus.literals));
    expect(states.size).toBe(phases.length);
  });

  test.each(phases)("%s begins with the event that leads there", (name, { begins }) => {
    expect(statusAfter(begins)).toBe(name);
  });

  test.each(phases)("%s gives exactly the commands that a deployment takes there", (name, phase) => {
    const allowed = commands.filter((command) => isAllowed(name as DeploymentStatus, command)).map(({ type }) => type);
    const inTable = new Set<string>(given(name, phase));
    if (name !== "rolling-back" && !isOver(name as DeploymentStatus)) inTable.add("time-out");
    // A deployment can fail anywhere on its way; the table says where something is known that can go wrong.
    for (const type of allowed) if (type !== "fail") expect([...inTable]).toContain(type);
    for (const type of inTable) expect(allowed).toContain(type);
  });

  test.each(phases)("%s is taken back as the deployment says", (name, { undoneBy }) => {
    const stops: ReadonlyArray<Command> = [
      { type: "cancel", payload: {} },
      { type: "roll-back", payload: {} },
    ];
    const leadsTo = stops.flatMap((command) =>
      Result.match(decide(name as DeploymentStatus, command), {
        onSuccess: (events) => events.map(({ type }) => statusAfter(type)),
        onFailure: () => [],
      }),
    );
    expect(leadsTo.includes("rolling-back")).toBe(undoneBy === "rolling-back");
  });
});
