import { expect, test } from "@jest/globals";
import { linesOfWays, openTo, waysAbout, waysOf } from "../../../../src/console/designer/firewall.ts";
import { layoutOf } from "../../../../src/console/designer/layout.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { admissionsIn } from "../../../../src/domain/nix/mod.ts";

const host = (id: string, address: string) =>
  ({ id, type: "host", system: "x86_64-linux", address, rootDevice: "/dev/vda1" }) as const;

const graph: GraphDocument = {
  id: "shop",
  nodes: [
    host("back", "10.0.0.2"),
    host("edge", "10.0.0.1"),
    { id: "db", type: "database", engine: "postgresql" },
    { id: "front", type: "load-balancer", strategy: "round-robin", port: 80, public: true },
    { id: "web", type: "service", command: "/run/current-system/sw/bin/web", port: 8080 },
  ],
  edges: [
    { from: "front", to: "edge", type: "runs-on" },
    { from: "web", to: "back", type: "runs-on" },
    { from: "db", to: "back", type: "runs-on" },
    { from: "front", to: "web", type: "load-balances" },
    { from: "front", to: "db", type: "connects-to", protocol: "postgresql", encrypted: true },
    { from: "web", to: "db", type: "connects-to", protocol: "postgresql" },
  ],
};

const ways = waysOf(admissionsIn(graph));

const said = (some: typeof ways) =>
  some.map(({ from, to, ports }) => `${from?.node ?? "everyone"} -> ${to.node}: ${ports.join(", ")}`);

test("what may reach what is what the firewalls of the flake let in; within a host nothing passes one", () => {
  expect(said(ways).toSorted()).toEqual([
    "everyone -> back: tcp 22",
    "everyone -> edge: tcp 22",
    "everyone -> front: tcp 80",
    "front -> db: tcp 5432 encrypted",
    "front -> web: tcp 8080",
  ]);
});

test("those of a node or a host alone", () => {
  expect(said(waysAbout(ways, new Set(["db"])))).toEqual(["front -> db: tcp 5432 encrypted"]);
  expect(waysAbout(ways, new Set(["edge"]))).toHaveLength(4);
  expect(waysAbout(ways, new Set())).toBe(ways);
});

test("what everyone may reach, without ssh, which every host has", () => {
  expect([...openTo(ways)]).toEqual([["edge/front", "open to everyone: tcp 80"]]);
});

test("an overview has one line between hosts, whatever the number of ways", () => {
  expect(linesOfWays(ways, layoutOf(graph).boxes)).toEqual([{ one: 0, other: 1 }]);
});
