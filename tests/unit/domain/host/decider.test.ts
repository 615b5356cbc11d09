import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import { hostCommands } from "../../../../src/domain/host/contract.ts";
import { host } from "../../../../src/domain/host/decider.ts";
import type { EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Event = EventOf<typeof host.events>;

const { given, stateAfter } = specification(host, { aggregateId: "leaf-1", known: undefined });

const report = (payload: unknown) =>
  ({ type: "report-state", payload: Schema.decodeUnknownSync(hostCommands["report-state"].schema)(payload) }) as const;
const enrolled: Event = {
  type: "host-enrolled",
  data: { address: "10.0.0.1", system: "x86_64-linux", graph: "web-shop" },
};
const deployed: Event = {
  type: "host-deployed",
  data: { deployment: "d1", closure: "/nix/store/new", previous: "/nix/store/old" },
};
const healthy = { closure: "/nix/store/new", deployment: "d1", health: "healthy", failing: [], drift: false } as const;
const nothing = Result.succeed([]);

describe("a report", () => {
  test("makes a host known", () => {
    expect(given([]).when(report({ health: "unreachable" }))).toEqual(
      Result.succeed([{ type: "host-state-reported", data: { health: "unreachable", failing: [], drift: false } }]),
    );
  });
  test("that says nothing new is no event", () => {
    const reported: Event = { type: "host-state-reported", data: healthy };
    expect(given([deployed, reported]).when(report({ health: "healthy" }))).toEqual(nothing);
    expect(given([deployed, reported]).when(report(healthy))).toEqual(nothing);
  });
  test("keeps the closure and the deployment it does not name", () => {
    expect(given([deployed]).when(report({ health: "healthy" }))).toEqual(
      Result.succeed([{ type: "host-state-reported", data: healthy }]),
    );
  });
  test("lists failing nodes without order", () => {
    const unhealthy: Event = {
      type: "host-state-reported",
      data: { ...healthy, health: "unhealthy", failing: ["db", "web"] },
    };
    expect(given([deployed]).when(report({ health: "unhealthy", failing: ["web", "db"] }))).toEqual(
      Result.succeed([unhealthy]),
    );
    expect(given([deployed, unhealthy]).when(report({ health: "unhealthy", failing: ["web", "db"] }))).toEqual(nothing);
  });
});

describe("a deployment", () => {
  test("is recorded once", () => {
    expect(given([enrolled]).when({ type: "record-deployed", payload: deployed.data })).toEqual(
      Result.succeed([deployed]),
    );
    expect(given([enrolled, deployed]).when({ type: "record-deployed", payload: deployed.data })).toEqual(nothing);
  });
  test("that is rolled back leaves the closure of before", () => {
    const reverted: Event = { type: "host-reverted", data: { deployment: "d1", closure: "/nix/store/old" } };
    expect(given([deployed]).when({ type: "record-reverted", payload: reverted.data })).toEqual(
      Result.succeed([reverted]),
    );
    expect(given([deployed, reverted]).when({ type: "record-reverted", payload: reverted.data })).toEqual(nothing);
    const after = stateAfter([deployed, reverted]);
    expect(after).toMatchObject({ deployment: "d1", closure: "/nix/store/old", health: "unknown", drift: false });
    expect(after).not.toHaveProperty("previous");
    expect(after.desired).toEqual({ deployment: "d1", closure: "/nix/store/old" });
  });
});

test("enrolling again is an event where the address or graph changed", () => {
  expect(given([enrolled]).when({ type: "enrol", payload: enrolled.data })).toEqual(nothing);
  const moved = { ...enrolled.data, address: "10.0.0.2" };
  expect(given([enrolled]).when({ type: "enrol", payload: moved })).toEqual(
    Result.succeed([{ type: "host-enrolled", data: moved }]),
  );
});
