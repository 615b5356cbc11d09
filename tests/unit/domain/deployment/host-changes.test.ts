import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import {
  type Deployed,
  dataOriginsOf,
  hostChanges,
  type KnownHost,
  nothingDeployed,
  originsOf,
  type PastDeployment,
} from "../../../../src/domain/deployment/host-changes.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { decodeGraphDocument } from "../../../../src/domain/graph/problems.ts";
import { type Flake, renderFlake } from "../../../../src/domain/nix/mod.ts";

const host = (id: string, last: number) => ({
  id,
  type: "host",
  system: "x86_64-linux",
  address: `10.0.0.${last}`,
  rootDevice: "/dev/vda1",
});
const service = (id: string, command: string) => ({ id, type: "service", command });
const graph = (...more: ReadonlyArray<object>): GraphDocument =>
  Result.getOrThrow(
    decodeGraphDocument({
      id: "shop",
      nodes: [host("a", 1), host("b", 2), service("web", "/bin/web"), ...more],
      edges: [{ from: "web", to: "a", type: "runs-on" }],
    }),
  );

const confirmed = (id: string, graphVersion: number, ...hosts: ReadonlyArray<string>): PastDeployment => ({
  id,
  graph: "shop",
  graphVersion,
  flakeDigest: `flake-${graphVersion}`,
  hosts: hosts.map((name) => ({ id: name, status: "confirmed", closure: `${id}-${name}` })),
});
const running = (id: string, closure: string, deployment: string, drift = false): KnownHost => ({
  id,
  closure,
  deployment,
  drift,
});

/** What a graph is rendered as; nothing if it has errors. */
const filesOf = (document: GraphDocument): Flake["files"] =>
  document.edges.length === 0 ? {} : renderFlake(document).files;

/** Version 1 of the shop is what is deployed, if anything is, as these files. */
const deployed = (
  hosts: ReadonlyArray<KnownHost>,
  document = graph(),
  files: Flake["files"] = filesOf(document),
): Deployed => ({
  hosts,
  origins: originsOf(hosts, [confirmed("d1", 1, "a", "b", "c")]),
  dataOrigins: dataOriginsOf(hosts, [confirmed("d1", 1, "a", "b", "c")]),
  graphs: new Map([["shop@1", { document }]]),
  flakes: new Map([["flake-1", files]]),
});
const both = [running("a", "d1-a", "d1"), running("b", "d1-b", "d1")];

const changes = (document: GraphDocument, now: Deployed) =>
  hostChanges(document, now)
    .waves.flat()
    .map(({ host: id, change, build, was }) => [id, change, build, was]);
const started = (document: GraphDocument, now: Deployed) =>
  hostChanges(document, now)
    .waves.flat()
    .map(({ units }) => units.started);

describe("hostChanges", () => {
  test("hosts that no deployment has reached are new, also where they run something", () => {
    const now = deployed([{ id: "b", closure: "by-hand", drift: false }]);
    expect(changes(graph(), now)).toEqual([
      ["a", "new", true, undefined],
      ["b", "new", true, "by-hand"],
    ]);
    expect(started(graph(), now)).toEqual([["web.service"], []]);
    expect(started(graph(), nothingDeployed)).toEqual([["web.service"], []]);
  });

  test("a host that is what it runs is unchanged, also when another host joins", () => {
    expect(changes(graph(host("c", 3)), deployed(both))).toEqual([
      ["a", "unchanged", false, "d1-a"],
      ["b", "unchanged", false, "d1-b"],
      ["c", "new", true, undefined],
    ]);
  });

  test("what changes is told by unit", () => {
    const before = graph();
    const after = { ...before, nodes: before.nodes.map((node) => (node.id === "web" ? { ...node, port: 80 } : node)) };
    expect(hostChanges(after, deployed(both)).waves.flat()).toMatchObject([
      { host: "a", change: "changed", build: true, units: { started: [], stopped: [], restarted: ["web.service"] } },
      { host: "b", change: "unchanged", build: false, units: { started: [], stopped: [], restarted: [] } },
    ]);
  });

  test.each([
    ["has drifted", running("a", "d1-a", "d1", true)],
    ["runs another closure than was confirmed", running("a", "by-hand", "d1")],
    ["was deployed by nobody knows whom", running("a", "d1-x", "d0")],
  ])("a host that %s is compared with nothing", (_, known) => {
    const now = deployed([known]);
    expect(changes(graph(), now)[0]?.slice(0, 3)).toEqual(["a", "changed", true]);
    expect(started(graph(), now)[0]).toEqual(["web.service"]);
  });

  test("a host is compared with the flake that was deployed, and not with what would be rendered now", () => {
    const files = filesOf(graph());
    const told = (stored: Flake["files"], pins = {}) =>
      hostChanges(graph(), deployed(both, graph(), stored), pins)
        .waves.flat()
        .map(({ change, settings, units }) => [change, settings, units.started]);
    const same = ["unchanged", [], []];
    expect(told({ ...files, "hosts/a.nix": `${files["hosts/a.nix"]} # as it was` })).toEqual([
      ["changed", ["flake.hosts/a.nix"], []],
      same,
    ]);
    expect(told({ ...files, "modules/hardening.nix": "{ }" })).toEqual([
      ["changed", ["flake.modules/hardening.nix"], []],
      same,
    ]);
    // No host uses this program, and both use that one.
    expect(told({ ...files, "programs/nats-streams.sh": "" })).toEqual([same, same]);
    const wayBack = ["changed", ["flake.programs/way-back.sh"], []];
    expect(told({ ...files, "programs/way-back.sh": "" })).toEqual([wayBack, wayBack]);
    expect(told({})).toEqual([
      ["changed", [], []],
      ["changed", [], []],
    ]);
    const pinned = ["changed", ["pins.nixpkgs"], []];
    expect(told(files, { nixpkgs: "path:/other" })).toEqual([pinned, pinned]);
    expect(told(renderFlake(graph(), { nixpkgs: "path:/other" }).files, { nixpkgs: "path:/other" })).toEqual([
      same,
      same,
    ]);
  });

  test("a graph that is not valid any more is compared as nothing", () => {
    const invalid = { ...graph(), edges: [] };
    expect(started(graph(), deployed(both, invalid))).toEqual([["web.service"], []]);
  });

  test("hosts that the graph has no more are left as they are", () => {
    const now = deployed([...both, running("c", "d1-c", "d1"), running("z", "other", "d9")]);
    expect(hostChanges(graph(), now).gone).toEqual([{ host: "c", was: "d1-c" }]);
  });
});

describe("the data on the hosts", () => {
  const orders = { id: "orders", type: "database", engine: "postgresql", version: "15" };
  const shop = (version?: string): GraphDocument =>
    Result.getOrThrow(
      decodeGraphDocument({
        id: "shop",
        nodes: [host("a", 1), ...(version === undefined ? [] : [{ ...orders, version }])],
        edges: version === undefined ? [] : [{ from: "orders", to: "a", type: "runs-on" }],
      }),
    );
  const fates = (after: GraphDocument, now: Deployed) =>
    hostChanges(after, now).data.map(({ host: id, node, fate }) => `${id} ${node} ${fate}`);

  test("are compared with what is deployed", () => {
    const now = deployed([running("a", "d1-a", "d1")], shop("15"));
    expect(fates(shop("15"), now)).toEqual(["a orders stays"]);
    expect(fates(shop("16"), now)).toEqual(["a orders empty"]);
    expect(fates(shop(), now)).toEqual(["a orders left-behind"]);
    expect(fates(shop("15"), nothingDeployed)).toEqual([]);
  });

  test("are known also of a host that has drifted, or that runs what no deployment has put there", () => {
    for (const drifted of [running("a", "d1-a", "d1", true), running("a", "by-hand", "d1", true)])
      expect(fates(shop("16"), deployed([drifted], shop("15")))).toEqual(["a orders empty"]);
  });
});

describe("originsOf", () => {
  test("finds the deployment whose closure runs, after a rollback the one before", () => {
    const failed: PastDeployment = {
      ...confirmed("d2", 2),
      hosts: [{ id: "a", status: "reverted", closure: "d2-a" }],
    };
    const origins = originsOf(
      [running("a", "d1-a", "d2"), running("b", "d1-b", "d1")],
      [confirmed("d1", 1, "a", "b"), failed],
    );
    expect([...origins].map(([id, { version }]) => [id, version])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("prefers the last deployment of a host where several have put the same closure there", () => {
    const same = (id: string, version: number): PastDeployment => ({
      ...confirmed(id, version),
      hosts: [{ id: "a", status: "confirmed", closure: "same" }],
    });
    const deployments = [same("d3", 3), same("d1", 1)];
    expect(originsOf([running("a", "same", "d3")], deployments).get("a")?.version).toBe(3);
    expect(originsOf([running("a", "same", "d1")], deployments).get("a")?.version).toBe(1);
  });
});
