import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { GraphDocument } from "../../../../../src/domain/graph/document.ts";
import type { Node } from "../../../../../src/domain/graph/node.ts";
import { programFiles } from "../../../../../src/domain/nix/unit/programs.ts";
import { everything } from "../graphs.ts";
import { isOption } from "../options.ts";
import { configurations, filesOf } from "../rendering.ts";
import { pathsOutsideOptions } from "../tree.ts";

const example = (name: string): GraphDocument =>
  Schema.decodeUnknownSync(GraphDocument)(
    JSON.parse(readFileSync(new URL(`../../../../../examples/${name}.json`, import.meta.url), "utf8")),
  );

describe("renderFlake", () => {
  test("writes the flake, a module for each host, and the document they came from", () => {
    const files = filesOf(example("five-services"));
    expect(Object.keys(files)).toEqual([
      "flake.nix",
      "tools/flake.nix",
      "graph.json",
      "modules/leaf.nix",
      "modules/description.nix",
      "modules/new-machine.nix",
      "modules/hardening.nix",
      "modules/health.nix",
      "modules/programs.nix",
      ...Object.keys(programFiles),
      "hosts/leaf-1.nix",
      "hosts/leaf-2.nix",
    ]);
    expect(files["flake.nix"]).toContain('inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-');
    expect(JSON.parse(files["graph.json"] ?? "")).toMatchObject({ id: "five-services" });
  });

  test("gives the same bytes for every order of nodes, edges and keys", () => {
    const expected = filesOf(everything);
    const shuffled = <A>(items: ReadonlyArray<A>) => fc.shuffledSubarray([...items], { minLength: items.length });
    const reversed = (node: Node) => ({ ...Object.fromEntries(Object.entries(node).reverse()), ...node });
    fc.assert(
      fc.property(shuffled(everything.nodes), shuffled(everything.edges), (nodes, edges) => {
        expect(filesOf({ ...everything, nodes: nodes.map(reversed), edges })).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("gives other bytes for another graph", () => {
    expect(filesOf({ ...everything, description: "other" })).not.toEqual(filesOf(everything));
  });

  test("sets only options that NixOS has", () => {
    for (const { imports, ...configuration } of Object.values(configurations(everything)))
      expect(pathsOutsideOptions(configuration, isOption)).toEqual([]);
    const mistakes = { services: { nats: { openFirewall: true }, promtail: { enable: true } } };
    expect(pathsOutsideOptions(mistakes, isOption)).toEqual(["services.nats.openFirewall", "services.promtail.enable"]);
  });
});
