import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import fc from "fast-check";
import { GraphDocument } from "../../../../src/domain/graph/document.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { flakeText, renderFlake } from "../../../../src/domain/nix/mod.ts";
import { everything, graph, host, nats, postgresql, redis, runsOn, service } from "./graphs.ts";
import { isOption } from "./options.ts";
import { configurations, problemsOf } from "./rendering.ts";
import { pathsOutsideOptions } from "./tree.ts";

const example = (name: string): GraphDocument =>
  Schema.decodeUnknownSync(GraphDocument)(
    JSON.parse(readFileSync(new URL(`../../../../examples/${name}.json`, import.meta.url), "utf8")),
  );

const filesOf = (document: GraphDocument) => Result.getOrThrow(renderFlake(document)).files;

describe("renderFlake", () => {
  test("writes the flake, a module for each host, and the document they came from", () => {
    const files = filesOf(example("five-services"));
    expect(Object.keys(files)).toEqual(["flake.nix", "graph.json", "hosts/leaf-1.nix", "hosts/leaf-2.nix"]);
    expect(files["flake.nix"]).toContain('inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-');
    expect(JSON.parse(files["graph.json"] ?? "")).toMatchObject({ id: "five-services" });
  });

  test("gives the same bytes for every order of nodes, edges and keys", () => {
    const expected = flakeText(Result.getOrThrow(renderFlake(everything)));
    const shuffled = <A>(items: ReadonlyArray<A>) => fc.shuffledSubarray([...items], { minLength: items.length });
    const reversed = (node: Node) => ({ ...Object.fromEntries(Object.entries(node).reverse()), ...node });
    fc.assert(
      fc.property(shuffled(everything.nodes), shuffled(everything.edges), (nodes, edges) => {
        const flake = Result.getOrThrow(renderFlake({ ...everything, nodes: nodes.map(reversed), edges }));
        expect(flakeText(flake)).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("gives other bytes for another graph", () => {
    const texts = [everything, { ...everything, description: "other" }].map((document) =>
      flakeText(Result.getOrThrow(renderFlake(document))),
    );
    expect(texts[0]).not.toBe(texts[1]);
  });

  test("sets only options that NixOS has", () => {
    for (const { imports, ...configuration } of Object.values(configurations(everything)))
      expect(pathsOutsideOptions(configuration, isOption)).toEqual([]);
    const mistakes = { services: { nats: { openFirewall: true }, promtail: { enable: true } } };
    expect(pathsOutsideOptions(mistakes, isOption)).toEqual(["services.nats.openFirewall", "services.promtail.enable"]);
  });
});

describe("a graph that cannot be rendered", () => {
  const unknown: ReadonlyArray<Node> = [
    { id: "a-agent", type: "agent", capabilities: [] },
    { id: "b-balancer", type: "load-balancer", strategy: "random", port: 80 },
    {
      id: "c-storage",
      type: "storage",
      kind: "local-disk",
      size: "1Gi",
      mountPath: "/x",
      accessMode: "read-only-many",
    },
    { id: "d-monitoring", type: "monitoring" },
    ...(["mysql", "mongodb", "sqlite"] as const).map(
      (engine) => ({ id: `e-${engine}`, type: "database", engine }) as const,
    ),
    ...(["kafka", "rabbitmq", "redis"] as const).map(
      (engine) => ({ id: `f-${engine}`, type: "message-bus", engine }) as const,
    ),
  ];

  test("says so of each node that there is nothing for yet", () => {
    expect(problemsOf(graph([host("leaf-1"), service("web"), ...unknown]))).toEqual([
      { node: "a-agent", reason: expect.stringContaining("nodes of type agent cannot be deployed yet") },
      { node: "b-balancer", reason: expect.stringContaining("nodes of type load-balancer cannot be deployed yet") },
      { node: "c-storage", reason: expect.stringContaining("nodes of type storage cannot be deployed yet") },
      { node: "d-monitoring", reason: expect.stringContaining("nodes of type monitoring cannot be deployed yet") },
      ...["mongodb", "mysql", "sqlite"].map((engine) => ({
        node: `e-${engine}`,
        reason: expect.stringContaining(`the database engine ${engine} cannot be deployed yet`),
      })),
      ...["kafka", "rabbitmq", "redis"].map((engine) => ({
        node: `f-${engine}`,
        reason: expect.stringContaining(`the message bus engine ${engine} cannot be deployed yet`),
      })),
    ]);
  });

  test("says so once, also of a node on several hosts", () => {
    const bad = service("web", { command: "-x" });
    expect(problemsOf(graph([host("leaf-1"), host("leaf-2"), bad], runsOn("web", "leaf-1", "leaf-2")))).toHaveLength(1);
  });

  test("leaves no node out: one that runs nowhere, one that replicates", () => {
    const nodes = [host("leaf-1"), host("leaf-2"), postgresql("a"), postgresql("b")];
    expect(problemsOf(graph(nodes, runsOn("a", "leaf-1"), { from: "a", to: "b", type: "replicates" }))).toEqual([
      { node: "a", reason: expect.stringContaining("that it replicates b cannot be deployed yet") },
      { node: "b", reason: expect.stringContaining("runs on no host") },
    ]);
  });

  test("refuses a host that colmena would take for something else, and resources that no number holds", () => {
    expect(problemsOf(graph([host("meta"), service("web", { resources: { memoryMb: 1e30 } })]))).toEqual([
      { node: "meta", reason: expect.stringContaining("the name has a meaning for colmena") },
      { node: "web", reason: expect.stringContaining("beyond those of any machine") },
    ]);
  });

  test.each<[string, ReadonlyArray<Node>]>([
    ["postgresql.service of host leaf-1 belongs to a already", [postgresql("a"), postgresql("b")]],
    ["nats.service of host leaf-1 belongs to a already", [nats("a"), nats("b")]],
    ["nats.service of host leaf-1 belongs to bus already", [nats("bus"), service("nats")]],
    ["redis-x.service of host leaf-1 belongs to redis-x already", [redis("x"), service("redis-x")]],
    ["sshd.service of host leaf-1 belongs to NixOS itself already", [service("sshd")]],
  ])("says that the unit %s", (reason, nodes) => {
    expect(problemsOf(graph([host("leaf-1"), ...nodes]))[0]?.reason).toContain(reason);
  });
});
