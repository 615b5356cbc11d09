import { expect, test } from "@jest/globals";
import { host } from "../../../src/domain/host/decider.ts";
import { hosts } from "../../../src/projections/hosts.ts";
import { makeLog, timeAt } from "./log.ts";

test("a host is what each source says of it", () => {
  const log = makeLog();
  log.commit(host, "leaf-1", [
    { type: "host-enrolled", data: { address: "10.0.0.1", system: "x86_64-linux", graph: "web" } },
  ]);
  log.commit(host, "leaf-1", [
    { type: "host-deployed", data: { deployment: "d1", closure: "/nix/store/new", previous: "/nix/store/old" } },
  ]);
  log.commit(
    host,
    "leaf-1",
    [
      {
        type: "host-state-reported",
        data: { closure: "/nix/store/new", deployment: "d1", health: "unhealthy", failing: ["web"], drift: false },
      },
    ],
    "monitor",
  );
  const reported = {
    id: "leaf-1",
    address: "10.0.0.1",
    system: "x86_64-linux",
    graph: "web",
    closure: "/nix/store/new",
    previous: "/nix/store/old",
    deployment: "d1",
    health: "unhealthy",
    failing: ["web"],
    drift: false,
    reportedBy: "monitor",
    reportedAt: timeAt(3),
    version: 3,
    position: 3,
  };
  expect(log.documents(hosts).get("leaf-1")).toMatchObject(reported);

  log.commit(host, "leaf-1", [{ type: "host-reverted", data: { deployment: "d1", closure: "/nix/store/old" } }]);
  const { previous: _, ...rest } = reported;
  const after = log.documents(hosts).get("leaf-1");
  expect(after).toMatchObject({ ...rest, closure: "/nix/store/old", version: 4, position: 4 });
  expect(after).not.toHaveProperty("previous");
});

test("nothing is known of the health of a host that nobody reported on", () => {
  const log = makeLog();
  log.commit(host, "leaf-1", [
    { type: "host-enrolled", data: { address: "10.0.0.1", system: "x86_64-linux", graph: "web" } },
  ]);
  expect(log.documents(hosts).get("leaf-1")).toMatchObject({ health: "unknown", failing: [], drift: false });
});

test("a host shows what it should run, what was seen by whom, and how the two differ since when", () => {
  const log = makeLog();
  const placement = { graph: "web", graphVersion: 3, nodes: [{ node: "web", units: ["web.service"] }], checks: [] };
  const deployed = { deployment: "d1", closure: "/nix/store/new", previous: "/nix/store/old", placement };
  log.commit(host, "leaf-1", [{ type: "host-deployed", data: deployed }]);
  const observed = { boot: "/nix/store/new", generation: 7, failedUnits: ["web.service"], load: 0.5 };
  const report = { closure: "/nix/store/new", health: "healthy", failing: [], drift: false, observed } as const;
  const difference = {
    kind: "unit",
    unit: "web.service",
    expected: "active",
    observed: "failed",
    detail: "d",
  } as const;
  log.commit(
    host,
    "leaf-1",
    [
      { type: "host-state-reported", data: report },
      { type: "host-drift-detected", data: { drift: 1, ...difference } },
    ],
    "monitor",
  );
  expect(log.documents(hosts).get("leaf-1")).toMatchObject({
    desired: { deployment: "d1", closure: "/nix/store/new", placement: { graph: "web", graphVersion: 3 } },
    observed: { ...observed, by: "monitor", at: timeAt(2) },
    drifts: [{ drift: 1, ...difference, since: timeAt(2) }],
  });
  // What is reported without a new observation leaves the last one as it was.
  log.commit(host, "leaf-1", [
    { type: "host-state-reported", data: { health: "unreachable", failing: [], drift: false } },
  ]);
  expect(log.documents(hosts).get("leaf-1")).toMatchObject({ observed: { by: "monitor", at: timeAt(2) } });
});
