import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { deploymentFlake } from "../../../src/domain/deployment/flake.ts";
import type { GraphDocument } from "../../../src/domain/graph/document.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { anyDeployableGraph } from "../../support/any-graph.ts";
import { describeWithNix, evaluateHosts } from "./nix.ts";

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

const any = fc.sample(anyDeployableGraph, { numRuns: 1000, seed: 1 });
const allParts = new Set(any.flatMap(partsOf));

/** Graphs that together have all parts: each has the most of what those before it lack. */
const covering = (): ReadonlyArray<GraphDocument> => {
  const chosen: Array<GraphDocument> = [];
  const missing = new Set(allParts);
  const gain = (graph: GraphDocument) => new Set(partsOf(graph).filter((part) => missing.has(part))).size;
  while (missing.size > 0) {
    const best = any.reduce((one, other) => (gain(other) > gain(one) ? other : one));
    for (const part of partsOf(best)) missing.delete(part);
    chosen.push(best);
  }
  return chosen;
};
const graphs = [...new Set([...covering(), ...any])].slice(0, 24);

describeWithNix("graphs of every type and field, evaluated with nixpkgs", () => {
  test("have every type, engine, kind, strategy and field among them that any such graph has", () => {
    expect(allParts.size).toBeGreaterThan(140);
    const parts = new Set(graphs.flatMap(partsOf));
    expect([...allParts].filter((part) => !parts.has(part))).toEqual([]);
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
