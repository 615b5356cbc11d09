import { expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { deployment } from "../../../../src/domain/deployment/decider.ts";
import type { DeploymentState } from "../../../../src/domain/deployment/state.ts";
import { deployingSteps, revertingSteps } from "../../../../src/domain/deployment/steps.ts";
import { type Command, type Event, known, report, request, revision } from "./fixtures.ts";

const host = fc.constantFrom("back", "front");
const some = (...commands: ReadonlyArray<Command>) => fc.constantFrom(...commands);

/** Any command at any time, those that go on more often than those that stop. */
const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: some(
      { type: "begin-discussion", payload: { dialog: "d1" } },
      { type: "end-discussion", payload: {} },
      { type: "begin-voting", payload: { proposal: "d1" } },
      { type: "record-decision", payload: { outcome: "approved", conditions: [], counted: revision } },
      { type: "record-generated", payload: { flakeDigest: revision.flakeDigest, files: 1, bytes: 1 } },
      { type: "begin-deploying", payload: { task: "d1=deploy" } },
      { type: "finish-deploying", payload: { task: "d1=monitor" } },
      { type: "finish-monitoring", payload: {} },
    ),
  },
  { weight: 12, arbitrary: fc.tuple(host, fc.constantFrom(...deployingSteps)).map(([one, step]) => report(one, step)) },
  { weight: 3, arbitrary: fc.tuple(host, fc.constantFrom(...revertingSteps)).map(([one, step]) => report(one, step)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 1, 2), fc.subarray(["back", "front"]))
      .map(([attempt, restored]): Command => ({ type: "finish-rollback", payload: { attempt, restored } })),
  },
  {
    weight: 4,
    arbitrary: some(
      { type: "fail", payload: { reason: "broken" } },
      { type: "time-out", payload: {} },
      { type: "cancel", payload: {} },
      { type: "roll-back", payload: {} },
    ),
  },
);

const through = (one: string): ReadonlyArray<Command> => deployingSteps.map((step) => report(one, step));

/** Mostly single commands, sometimes what belongs together, so that runs get far. */
const stretch: fc.Arbitrary<ReadonlyArray<Command>> = fc.oneof(
  { weight: 6, arbitrary: commands.map((command) => [command]) },
  { weight: 2, arbitrary: host.map(through) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1, 2, 3)
      .map(
        (attempt): ReadonlyArray<Command> => [
          { type: "finish-rollback", payload: { attempt, restored: ["back", "front"] } },
        ],
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<ReadonlyArray<Command>>([
      ...through("back"),
      ...through("front"),
      { type: "finish-deploying", payload: { task: "d1=monitor" } },
    ]),
  },
);

/** How a host stands, from the events alone. */
const hostsOf = (events: ReadonlyArray<Event>) => {
  const hosts = new Map<string, string>();
  for (const event of events) if (event.type === "host-step-recorded") hosts.set(event.data.host, event.data.step);
  return hosts;
};

/** The first commands of a deployment, so that most runs come to where hosts are touched. */
const opening: ReadonlyArray<Command> = [
  request(),
  { type: "begin-discussion", payload: { dialog: "d1" } },
  { type: "end-discussion", payload: {} },
  { type: "begin-voting", payload: { proposal: "d1" } },
  { type: "record-decision", payload: { outcome: "approved", conditions: [], counted: revision } },
  { type: "record-generated", payload: { flakeDigest: revision.flakeDigest, files: 1, bytes: 1 } },
  { type: "begin-deploying", payload: { task: "d1=deploy" } },
];

test("no order of commands ends a deployment in a state that is not true", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: opening.length }), fc.constant(opening.length)),
      fc.array(stretch, { minLength: 1, maxLength: 30, size: "max" }),
      (opened, more) => {
        let state: DeploymentState = deployment.initial;
        const events: Array<Event> = [];
        for (const command of [...opening.slice(0, opened), ...more.flat()]) {
          const time = "2026-01-01T00:00:00.000Z";
          const context = { aggregateId: "d1", commandId: "c", principal: "ada", time, known };
          const decided = deployment.decide(command, state, context);
          for (const event of Result.isSuccess(decided) ? decided.success : []) {
            events.push(event);
            const version = events.length;
            state = deployment.evolve(state, event, { aggregateId: "d1", version, actor: "ada", time });
          }
          const hosts = hostsOf(events);
          switch (state?.status) {
            case "succeeded":
            case "monitoring":
              expect([hosts.get("back"), hosts.get("front")]).toEqual(["confirmed", "confirmed"]);
              break;
            case "failed":
            case "cancelled":
            case "rejected":
              expect(hosts.size).toBe(0);
              break;
            case "rolled-back":
              expect(hosts.size).toBeGreaterThan(0);
              expect([...hosts.values()].every((step) => step === "reverted")).toBe(true);
              break;
            case "rollback-incomplete":
              expect([...hosts.values()].some((step) => step !== "reverted")).toBe(true);
              break;
          }
          seen.add(state?.status ?? "none");
        }
      },
    ),
    { numRuns: 1_000 },
  );
  // The property is worth something only if the runs come this far.
  for (const status of ["succeeded", "failed", "cancelled", "rolled-back", "rollback-incomplete"])
    expect(seen).toContain(status);
});
