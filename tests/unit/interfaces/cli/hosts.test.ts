import { expect, test } from "@jest/globals";
import { hostListing } from "../../../../src/interfaces/cli/hosts.ts";
import { listText } from "../../../../src/interfaces/cli/views.ts";

const host = {
  id: "leaf-1",
  graph: "shop",
  health: "healthy",
  failing: [],
  stopped: [],
  drifts: [],
  closure: "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-leaf-1",
  desired: {
    closure: "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-leaf-1",
    placement: { graph: "shop" },
  },
  observed: { load: 0.25, disk: { totalBytes: 100e9, freeBytes: 75e9 } },
  reportedAt: "2026-01-01T00:00:00.000Z",
};

test("the list of hosts shows what they should run, what they run, and how the two differ", () => {
  const drifted = {
    ...host,
    id: "leaf-2",
    health: "unhealthy",
    failing: ["web"],
    stopped: ["worker"],
    closure: "/nix/store/zzzzzzzz456789abcdfghijklmnpqrsv-nixos-system-leaf-2",
    drifts: [
      { kind: "closure", since: "2026-01-02T00:00:00.000Z" },
      { kind: "unit", unit: "db.service" },
    ],
  };
  const [headings, ...rows] = listText("hosts", hostListing, [
    host,
    drifted,
    { id: "leaf-3", health: "unknown" },
  ]).split("\n");
  const cells = (line = "") => line.split(/ {2,}/);
  expect(cells(headings)).toEqual(["ID", "HEALTH", "SHOULD RUN", "RUNS", "DRIFT", "LOAD", "DISK", "SINCE", "GRAPH"]);
  expect(cells(rows[0])).toEqual([
    "leaf-1",
    "healthy",
    "01234567",
    "01234567",
    "0.25",
    "25 % of 100 GB",
    host.reportedAt,
    "shop",
  ]);
  expect(cells(rows[1])).toEqual([
    "leaf-2",
    "unhealthy (failing: web; stopped: worker)",
    "01234567",
    "zzzzzzzz",
    "closure, unit db.service",
    "0.25",
    "25 % of 100 GB",
    "2026-01-02T00:00:00.000Z",
    "shop",
  ]);
  expect(cells(rows[2])).toEqual(["leaf-3", "unknown"]);
});
