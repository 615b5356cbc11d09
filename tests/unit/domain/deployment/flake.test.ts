import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { deploymentFlake } from "../../../../src/domain/deployment/flake.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { flakeText } from "../../../../src/domain/nix/mod.ts";
import { digests } from "../../../../src/infrastructure/digests.ts";
import { anyDeployableGraph } from "../../../support/any-graph.ts";
import { everything, graph, host, postgresql, runsOn, service } from "../nix/graphs.ts";

const filesOf = (document: GraphDocument) => deploymentFlake(document, digests).files;

const shop = graph(
  [
    host("leaf-1"),
    host("leaf-2", { system: "aarch64-linux" }),
    service("web", { port: 443, public: true, healthCheck: { kind: "tcp" } }),
    postgresql("db"),
  ],
  [...runsOn("web", "leaf-1"), ...runsOn("db", "leaf-2")],
  { from: "web", to: "db", type: "depends-on" },
  { from: "web", to: "db", type: "connects-to", protocol: "postgresql", encrypted: true },
);

describe("the flake of a deployment", () => {
  test("is the same whatever the order of nodes, edges and fields", () => {
    const shuffled = <A>(items: ReadonlyArray<A>) => fc.shuffledSubarray([...items], { minLength: items.length });
    fc.assert(
      fc.property(
        anyDeployableGraph.chain((document) =>
          fc.tuple(fc.constant(document), shuffled(document.nodes), shuffled(document.edges)),
        ),
        ([document, nodes, edges]) => {
          const other = { edges, nodes, id: document.id };
          expect(filesOf({ ...document, ...other })).toEqual(filesOf(document));
        },
      ),
      { numRuns: 50 },
    );
    expect(flakeText({ files: filesOf(shop) })).not.toBe(flakeText({ files: filesOf({ ...shop, id: "other" }) }));
  });

  test("changes little where the graph does", () => {
    const before = filesOf(everything);
    const after = filesOf({
      ...everything,
      nodes: everything.nodes.map((node) => (node.id === "socket" ? { ...node, port: 9002 } : node)),
    });
    const changed = Object.keys(after).filter((file) => after[file] !== before[file]);
    expect(changed).toEqual(["graph.json", "hosts/leaf-3.nix", "deployment.json", "README.md"]);
    const lines = (text = "") => text.split("\n");
    const others = lines(after["hosts/leaf-3.nix"]).filter((line) => !lines(before["hosts/leaf-3.nix"]).includes(line));
    expect(others.every((line) => line.includes("9002"))).toBe(true);
    expect(lines(after["README.md"]).filter((line) => !lines(before["README.md"]).includes(line))).toHaveLength(1);
  });

  test("tells programs its digests, waves, health checks and ways through firewalls", () => {
    const { "deployment.json": text = "", ...files } = filesOf(shop);
    expect(JSON.parse(text)).toEqual({
      graph: "test",
      digests: Object.fromEntries(
        Object.entries(files)
          .filter(([file]) => file !== "README.md")
          .map(([file, content]) => [file, digests.sha256(content)]),
      ),
      waves: [
        [
          {
            host: "leaf-2",
            address: "10.0.0.2",
            system: "aarch64-linux",
            module: "hosts/leaf-2.nix",
            checks: [{ node: "db", kind: "tcp", port: 5432, intervalSeconds: 2, timeoutSeconds: 5, retries: 10 }],
          },
        ],
        [
          {
            host: "leaf-1",
            address: "10.0.0.1",
            system: "x86_64-linux",
            module: "hosts/leaf-1.nix",
            checks: [{ node: "web", kind: "tcp", port: 443, intervalSeconds: 2, timeoutSeconds: 5, retries: 10 }],
          },
        ],
      ],
      secrets: expect.any(Array),
      policy: [
        { host: "leaf-1", transport: "tcp", port: 22, to: "leaf-1" },
        { host: "leaf-1", transport: "tcp", port: 443, to: "web" },
        { host: "leaf-2", transport: "tcp", port: 22, to: "leaf-2" },
        {
          host: "leaf-2",
          transport: "tcp",
          port: 5432,
          to: "db",
          encrypted: true,
          from: { node: "web", host: "leaf-1", address: "10.0.0.1" },
        },
      ],
    });
  });

  test("tells people what it is, who may reach what, and how to deploy it", () => {
    const description = "# a *shop* | with\n`code`";
    const page = filesOf({ ...shop, description })["README.md"];
    expect(page).toContain("\\# a \\*shop\\* \\| with \\`code\\`\n");
    expect(page).toContain('```mermaid\nflowchart LR\n  n_db[("db<br/>database, postgresql")]\n');
    expect(page).toContain("| [leaf-1](hosts/leaf-1.nix) | 10.0.0.1 | x86_64-linux | 2 | web |\n");
    expect(page).toContain("| leaf-1 | 443/tcp | web | everyone |  |\n");
    expect(page).toContain("| leaf-2 | 5432/tcp | db | web on leaf-1 (10.0.0.1) | yes |\n");
    expect(page).toContain("nixos-rebuild switch --flake .#leaf-1 --target-host leaf-1\n");
  });

  test("takes its inputs from where the pins say", () => {
    const { "flake.nix": text, "tools/flake.nix": tools } = deploymentFlake(shop, {
      ...digests,
      pins: { nixpkgs: "path:/nixpkgs", "deploy-rs": 'x"' },
    }).files;
    expect(text).toContain('inputs.nixpkgs.url = "path:/nixpkgs";');
    expect(tools).toContain('inputs.nixpkgs.url = "path:/nixpkgs";');
    expect(tools).toContain('inputs.colmena.url = "github:zhaofengli/colmena";');
    expect(tools).toContain('inputs.deploy-rs.url = "x\\"";');
    // What is built needs neither.
    expect(text).not.toMatch(/colmena|deploy-rs/);
  });

  test("holds the files of its hosts where their paths lead to each other", () => {
    const texts = { "x.nix": "{ imports = [ ../common/y.nix ]; }", "../common/y.nix": "{ }" };
    const digestOf = (path: keyof typeof texts) => digests.sha256(texts[path]);
    const files = { "x.nix": digestOf("x.nix"), "../common/y.nix": digestOf("../common/y.nix") };
    const host = {
      id: "leaf-4",
      type: "host",
      system: "x86_64-linux",
      address: "10.0.0.4",
      imports: ["x.nix"],
    } as const;
    const inputs = { disko: { url: "github:nix-community/disko", follows: ["nixpkgs"] } };
    const document = { ...shop, nodes: [...shop.nodes, { ...host, files, inputs }] };
    const flake = deploymentFlake(document, { ...digests, texts: { [files["x.nix"]]: texts["x.nix"] } }).files;
    expect(flake["base/leaf-4/graph/x.nix"]).toBe(texts["x.nix"]);
    // A text that nobody has stops the evaluation.
    expect(flake["base/leaf-4/common/y.nix"]).toMatch(/^throw ".*is not stored/);
    expect(flake["flake.nix"]).toContain('inputs.disko.inputs.nixpkgs.follows = "nixpkgs";');
    expect(flake["flake.nix"]).toMatch(
      /specialArgs = \{ inputs = \{ inherit nixpkgs disko; \}; \}|inherit nixpkgs disko/,
    );
  });
});
