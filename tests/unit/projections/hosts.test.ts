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
  expect(log.documents(hosts).get("leaf-1")).toEqual(reported);

  log.commit(host, "leaf-1", [{ type: "host-reverted", data: { deployment: "d1", closure: "/nix/store/old" } }]);
  const { previous: _, ...rest } = reported;
  expect(log.documents(hosts).get("leaf-1")).toEqual({ ...rest, closure: "/nix/store/old", version: 4, position: 4 });
});

test("nothing is known of the health of a host that nobody reported on", () => {
  const log = makeLog();
  log.commit(host, "leaf-1", [
    { type: "host-enrolled", data: { address: "10.0.0.1", system: "x86_64-linux", graph: "web" } },
  ]);
  expect(log.documents(hosts).get("leaf-1")).toMatchObject({ health: "unknown", failing: [], drift: false });
});
