import { describe, expect, test } from "@jest/globals";
import { hostAccountOf } from "../../../../src/domain/deployment/account/arrival.ts";
import type { host } from "../../../../src/domain/host/decider.ts";
import type { EventOf, RecordedEventOf } from "../../../../src/domain/kernel/mod.ts";

type Event = EventOf<typeof host.events>;

const recorded = (event: Event, index: number): RecordedEventOf<typeof host.events> => ({
  ...event,
  eventId: `host.leaf-1.${index + 1}`,
  aggregate: "host",
  id: "leaf-1",
  schemaVersion: 1,
  version: index + 1,
  position: index + 1,
  lastOfCommit: true,
  time: "2026-11-24T00:00:00.000Z",
  cid: `cid-${index + 1}`,
  actor: event.type === "host-state-reported" ? "monitor" : "workflow",
  commandId: `c${index}`,
  correlationId: "",
});

const account = (...events: ReadonlyArray<Event>) => hostAccountOf(events.map(recorded));

const deployed = (deployment: string, closure: string, previous: string): Event => ({
  type: "host-deployed",
  data: { deployment, closure, previous },
});
const reverted = (deployment: string, closure: string): Event => ({
  type: "host-reverted",
  data: { deployment, closure },
});
const reported = (closure: string): Event => ({
  type: "host-state-reported",
  data: { closure, health: "healthy", failing: [], drift: false },
});

describe("what a host runs", () => {
  test("was put there by the last deployment, and is there since its first word", () => {
    const told = account(deployed("d1", "/a", "/first"), deployed("d2", "/b", "/a"), reported("/b"));
    expect(told).toMatchObject({
      running: { closure: "/b", since: { position: 2, actor: "workflow" } },
      deployed: { closure: "/b" },
      arrival: { deployment: "d2", previous: "/a", confirmed: { event: "host.leaf-1.2" } },
      departures: [],
    });
    expect(told).not.toHaveProperty("earlier");
  });

  test("after a rollback was put there by the deployment before", () => {
    expect(account(deployed("d1", "/a", "/first"), deployed("d2", "/b", "/a"), reverted("d2", "/a"))).toMatchObject({
      running: { closure: "/a", since: { position: 3 } },
      deployed: { closure: "/a" },
      arrival: { deployment: "d1" },
      departures: [{ deployment: "d2", closure: "/a", reverted: { position: 3 } }],
    });
  });

  test("after a rollback of a deployment that was never confirmed is the same as before", () => {
    expect(account(deployed("d1", "/a", "/first"), reverted("d2", "/a"))).toMatchObject({
      running: { closure: "/a", since: { position: 1 } },
      arrival: { deployment: "d1" },
      departures: [{ deployment: "d2" }],
    });
  });

  test("was there before the first deployment, where all were rolled back", () => {
    const told = account(deployed("d1", "/a", "/first"), reverted("d1", "/first"));
    expect(told).toMatchObject({ deployed: { closure: "/first" }, departures: [{ deployment: "d1" }] });
    expect(told).not.toHaveProperty("arrival");
  });

  test("owes nothing to what was rolled back before it came", () => {
    const told = account(
      deployed("d1", "/a", "/first"),
      reverted("d2", "/a"),
      deployed("d3", "/c", "/a"),
      reverted("d4", "/c"),
      reverted("d5", "/c"),
    );
    expect(told.arrival?.deployment).toBe("d3");
    expect(told.departures.map(({ deployment }) => deployment)).toEqual(["d5", "d4"]);
  });

  test("may be what nobody deployed, since the first report of it", () => {
    const told = account(deployed("d1", "/a", "/first"), reported("/by-hand"), reported("/by-hand"));
    expect(told).toMatchObject({
      running: { closure: "/by-hand", since: { position: 2, actor: "monitor" } },
      deployed: { closure: "/a" },
      arrival: { deployment: "d1" },
    });
    expect(told).not.toHaveProperty("earlier");
  });

  test("may be what an earlier deployment had put there", () => {
    expect(account(deployed("d1", "/a", "/first"), deployed("d2", "/b", "/a"), reported("/a"))).toMatchObject({
      running: { closure: "/a" },
      arrival: { deployment: "d2" },
      earlier: "d1",
    });
  });

  test("is known from reports alone, where there was no deployment", () => {
    expect(account(reported("/first"))).toEqual({
      running: { closure: "/first", since: expect.objectContaining({ position: 1 }) },
      departures: [],
    });
    expect(account()).toEqual({ departures: [] });
  });
});
