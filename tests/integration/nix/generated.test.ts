import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { deploymentFlake } from "../../../src/domain/deployment/flake.ts";
import type { GraphDocument } from "../../../src/domain/graph/document.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { anyDeployableGraph } from "../../support/any-graph.ts";
import { describeWithNix, evaluateHosts } from "./nix.ts";

const graphs = fc.sample(anyDeployableGraph, { numRuns: 24, seed: 19 });

/** What a graph is made of: types, engines, strategies, kinds, and the fields of each type. */
const partsOf = ({ nodes, edges }: GraphDocument): ReadonlyArray<string> => [
  ...nodes.flatMap((node) => [
    ...Object.keys(node).map((field) => `${node.type}.${field}`),
    ...("engine" in node ? [`${node.type} ${node.engine}`] : []),
    ...("kind" in node ? [`${node.type} ${node.kind}`] : []),
    ...("strategy" in node ? [`${node.type} ${node.strategy}`] : []),
  ]),
  ...edges.flatMap((edge) => Object.keys(edge).map((field) => `${edge.type}.${field}`)),
];

describeWithNix("graphs of every type and field, evaluated with nixpkgs", () => {
  test("have every type, engine, kind, strategy and field among them that any such graph has", () => {
    const all = new Set(fc.sample(anyDeployableGraph, { numRuns: 1000, seed: 1 }).flatMap(partsOf));
    expect(all.size).toBeGreaterThan(140);
    expect([...all].filter((part) => !graphs.flatMap(partsOf).includes(part))).toEqual([]);
  });

  test.each(graphs.map((document, index) => [index, document] as const))(
    "number %i makes a system of every host",
    (_, document) => {
      const { files } = deploymentFlake(document, digests);
      const systems = evaluateHosts(files, "config: config.system.build.toplevel.drvPath");
      const hosts = document.nodes.filter(({ type }) => type === "host");
      expect(Object.keys(systems).sort()).toEqual(hosts.map(({ id }) => id).sort());
    },
  );
});
