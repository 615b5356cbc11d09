import { expect, test } from "@jest/globals";
import type { HostDocument } from "../../../../src/contract/views/hosts.ts";
import { unknownHost } from "../../../../src/domain/host/state.ts";
import { hostListing } from "../../../../src/interfaces/cli/hosts.ts";
import { listLines } from "../../../../src/interfaces/cli/listing.ts";

const host: HostDocument = {
  ...unknownHost,
  id: "leaf-1",
  version: 1,
  position: 1,
  graph: "shop",
  health: "healthy",
  failing: [],
  stopped: [],
  drifts: [],
  closure: "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-leaf-1",
  desired: {
    deployment: "shop-1",
    closure: "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-leaf-1",
    placement: { graph: "shop", graphVersion: 1, nodes: [], checks: [] },
  },
  observed: {
    failedUnits: [],
    load: 0.25,
    disk: { totalBytes: 100e9, freeBytes: 75e9 },
    by: "monitor",
    at: "2026-01-01T00:00:00.000Z",
  },
  reportedAt: "2026-01-01T00:00:00.000Z",
};

test("the list of hosts shows what they should run, what they run, and how the two differ", () => {
  const difference = { expected: "one", observed: "another", detail: "they differ" };
  const drifted: HostDocument = {
    ...host,
    id: "leaf-2",
    health: "unhealthy",
    failing: ["web"],
    stopped: ["worker"],
    closure: "/nix/store/zzzzzzzz456789abcdfghijklmnpqrsv-nixos-system-leaf-2",
    drifts: [
      { ...difference, drift: 1, kind: "closure", since: "2026-01-02T00:00:00.000Z" },
      { ...difference, drift: 2, kind: "unit", unit: "db.service", since: "2026-01-03T00:00:00.000Z" },
    ],
  };
  const all = [host, drifted, { ...unknownHost, id: "leaf-3", version: 1, position: 1 }];
  const now = Date.parse("2026-01-02T00:05:00.000Z");
  const [headings, ...rows] = listLines("hosts", hostListing, all, { now });
  const cells = (line = "") => line.split(/ {2,}/);
  expect(cells(headings)).toEqual(["ID", "HEALTH", "SHOULD RUN", "RUNS", "DRIFT", "LOAD", "DISK", "SINCE", "GRAPH"]);
  expect(cells(rows[0])).toEqual([
    "leaf-1",
    "healthy",
    "01234567",
    "01234567",
    "0.25",
    "25 % of 100 GB",
    "1 d ago",
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
    "5 min ago",
    "shop",
  ]);
  expect(cells(rows[2])).toEqual(["leaf-3", "unknown"]);
});
