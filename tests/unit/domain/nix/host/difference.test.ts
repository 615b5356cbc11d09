import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { GraphDocument } from "../../../../../src/domain/graph/document.ts";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { Node } from "../../../../../src/domain/graph/node.ts";
import {
  type HostDifference,
  hostDifferences,
  hostPartsOf,
  storedHostParts,
} from "../../../../../src/domain/nix/host/difference.ts";
import { type Pins, renderFlake } from "../../../../../src/domain/nix/mod.ts";
import { everything, graph, host, postgresql, runsOn, service } from "../graphs.ts";

const compare = (before: GraphDocument, after: GraphDocument): ReadonlyArray<HostDifference> =>
  hostDifferences(hostPartsOf(before), hostPartsOf(after));

const connectsTo = (from: string, to: string): Edge => ({ from, to, type: "connects-to", protocol: "tcp" });

const nodesOfShop: ReadonlyArray<Node> = [
  host("leaf-1"),
  host("leaf-2"),
  service("web", { port: 80 }),
  service("api", { port: 8080 }),
  postgresql("db"),
];

/** The shop with nodes that come, or replace those of the same id, and with more edges. */
const shop = (nodes: ReadonlyArray<Node> = [], edges: ReadonlyArray<Edge> = []): GraphDocument =>
  graph(
    [...new Map([...nodesOfShop, ...nodes].map((node) => [node.id, node])).values()],
    runsOn("web", "leaf-1"),
    runsOn("api", "leaf-1"),
    runsOn("db", "leaf-2"),
    edges,
  );

const unchanged = {
  change: "unchanged",
  units: { started: [], stopped: [], restarted: [] },
  firewall: { opened: [], closed: [] },
  settings: [],
};
/** Among others, as the database is rendered. */
const postgresqlUnits = expect.arrayContaining(["postgresql-setup.service", "postgresql.service", "postgresql.target"]);

/** The base of a host with one module. */
const base = (digit: string) => ({
  imports: ["./disk.nix"],
  files: { "disk.nix": `sha256-${digit.repeat(64)}` },
});

describe("the parts of a host in a stored flake", () => {
  const sops = { "sops-nix": { url: "github:Mic92/sops-nix", follows: ["nixpkgs"] } };
  const document = graph([host("leaf-1", { inputs: sops }), service("web")], runsOn("web", "leaf-1"));
  const settings = (stored: Pins, now: Pins) =>
    hostDifferences(storedHostParts(document, renderFlake(document, stored).files), hostPartsOf(document, now)).map(
      (difference) => difference.settings,
    );

  test.each(["path:/nixpkgs", 'path:/a"b', "path:/\u0024{a}", "path:/a\\b", "github:a/b/c?narHash=sha256-x%3D"])(
    "know where inputs came from, such as %s",
    (reference) => {
      for (const pins of [{ nixpkgs: reference }, { "sops-nix": reference }, { nixpkgs: reference, other: "x" }])
        expect(settings(pins, pins)).toEqual([[]]);
      expect(settings({}, { nixpkgs: reference, "sops-nix": reference })).toEqual([["pins.nixpkgs", "pins.sops-nix"]]);
      expect(settings({ "sops-nix": reference }, {})).toEqual([["pins.sops-nix"]]);
    },
  );
});

describe("hostDifferences", () => {
  test("an equal graph changes nothing, in whatever order it is written", () => {
    const reversed = { ...everything, nodes: everything.nodes.toReversed(), edges: everything.edges.toReversed() };
    expect(compare(everything, reversed)).toEqual(
      ["leaf-1", "leaf-2", "leaf-3"].map((id) => ({ host: id, ...unchanged })),
    );
  });

  test("a service that changes is restarted, and it alone", () => {
    expect(compare(shop(), shop([service("web", { port: 80, args: ["--fast"] })]))).toEqual([
      {
        host: "leaf-1",
        ...unchanged,
        change: "changed",
        units: { started: [], stopped: [], restarted: ["web.service"] },
      },
      { host: "leaf-2", ...unchanged },
    ]);
  });

  test("a node that comes is started, one that goes is stopped", () => {
    const more = shop([service("extra")], runsOn("extra", "leaf-2"));
    expect(compare(shop(), more)[1]?.units).toEqual({ started: ["extra.service"], stopped: [], restarted: [] });
    expect(compare(more, shop())[1]?.units).toEqual({ started: [], stopped: ["extra.service"], restarted: [] });
  });

  test("what NixOS makes several units of restarts them all", () => {
    expect(compare(shop(), shop([postgresql("db", { backupSchedule: "0 2 * * *" })]))).toMatchObject([
      { host: "leaf-1", ...unchanged },
      { host: "leaf-2", change: "changed", units: { stopped: [], restarted: postgresqlUnits } },
    ]);
  });

  test("a path is opened where its target runs", () => {
    const [leaf1, leaf2] = compare(shop(), shop([], [connectsTo("web", "db")]));
    const way = { from: "web", address: "10.0.0.1", to: "db", transport: "tcp", port: 5432 };
    expect(leaf2).toMatchObject({ units: { restarted: postgresqlUnits }, firewall: { opened: [way], closed: [] } });
    expect(leaf1).toEqual({ host: "leaf-1", ...unchanged, change: "changed", settings: ["networking.hosts"] });
  });

  test("a client that moves closes its path and opens another", () => {
    const before = shop([], [connectsTo("web", "db")]);
    const after = shop([host("leaf-1", { address: "10.0.9.9" })], [connectsTo("web", "db")]);
    expect(compare(before, after)[1]?.firewall).toMatchObject({
      opened: [{ from: "web", address: "10.0.9.9" }],
      closed: [{ from: "web", address: "10.0.0.1" }],
    });
  });

  test("a public port is opened to everyone", () => {
    const [leaf1] = compare(shop(), shop([service("web", { port: 80, public: true })]));
    expect(leaf1?.firewall).toEqual({ opened: [{ to: "web", transport: "tcp", port: 80 }], closed: [] });
    expect(leaf1?.units.restarted).toEqual([]);
  });

  test("options of the host itself are settings", () => {
    const [leaf1] = compare(shop(), shop([host("leaf-1", { ssh: { port: 2222 }, ...base("a") })]));
    expect(leaf1).toMatchObject({ change: "changed", units: unchanged.units });
    expect(leaf1?.settings).toEqual(["files.disk.nix", "imports", "services.openssh.ports"]);
  });

  test("another pin is a change of every host", () => {
    const pinned = (nixpkgs: string) => ({ ...shop(), pins: { nixpkgs } });
    for (const one of compare(pinned("github:NixOS/nixpkgs/a"), pinned("github:NixOS/nixpkgs/b")))
      expect(one).toMatchObject({ change: "changed", settings: ["pins.nixpkgs"] });
  });

  test("another text of a module, or another flake, is a change of the host", () => {
    const [text] = compare(shop([host("leaf-1", base("a"))]), shop([host("leaf-1", base("b"))]));
    expect(text).toMatchObject({ change: "changed", settings: ["files.disk.nix"] });
    const inputs = { disko: { url: "github:nix-community/disko" } };
    const [flake] = compare(shop([host("leaf-1", base("a"))]), shop([host("leaf-1", { ...base("a"), inputs })]));
    expect(flake).toMatchObject({ change: "changed", settings: ["inputs.disko"] });
  });

  test("a host that comes starts everything; one that goes is left as it is", () => {
    const more = graph([host("leaf-9"), service("far", { public: true, port: 80 })], runsOn("far", "leaf-9"));
    const none = graph([]);
    expect(compare(none, more)).toEqual([
      {
        host: "leaf-9",
        change: "added",
        units: { started: ["far.service"], stopped: [], restarted: [] },
        firewall: { opened: [{ to: "far", transport: "tcp", port: 80 }], closed: [] },
        settings: [],
      },
    ]);
    expect(compare(more, none)).toEqual([{ host: "leaf-9", ...unchanged, change: "removed" }]);
  });
});

/** The graph of everything, without some of its edges and with other values in some of its nodes. */
const variant: fc.Arbitrary<GraphDocument> = fc
  .record({
    kept: fc.array(fc.boolean(), { minLength: everything.edges.length, maxLength: everything.edges.length }),
    port: fc.integer({ min: 1, max: 65535 }),
    text: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 5 }),
    changed: fc.subarray(everything.nodes.map(({ id }) => id)),
  })
  .map(({ kept, port, text, changed }) => ({
    ...everything,
    nodes: everything.nodes.map((node): Node => {
      if (!changed.includes(node.id)) return node;
      if (node.type === "service") return { ...node, port, args: [text] };
      return node.type === "host" ? { ...node, ssh: { port } } : node;
    }),
    edges: everything.edges.filter((edge, index) => edge.type === "runs-on" || kept[index]),
  }));

const detailsOf = ({ units, firewall, settings }: HostDifference) =>
  [...Object.values(units), ...Object.values(firewall), settings].flat();

describe("the differences of any two graphs", () => {
  test("have a detail for each host that changes, and none for the others", () => {
    fc.assert(
      fc.property(variant, variant, (before, after) => {
        for (const difference of compare(before, after))
          expect(detailsOf(difference).length > 0).toBe(difference.change === "changed");
      }),
      { numRuns: 50 },
    );
  });

  test("are mirrored the other way round", () => {
    fc.assert(
      fc.property(variant, variant, (before, after) => {
        const mirrored = compare(after, before).map(({ units, firewall, ...rest }) => ({
          ...rest,
          units: { started: units.stopped, stopped: units.started, restarted: units.restarted },
          firewall: { opened: firewall.closed, closed: firewall.opened },
        }));
        expect(compare(before, after)).toEqual(mirrored);
      }),
      { numRuns: 50 },
    );
  });
});
