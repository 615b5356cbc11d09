import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { deploymentFlake } from "../../../../src/domain/deployment/flake.ts";
import { digests } from "../../../../src/infrastructure/digests.ts";
import { anyDeployableGraph } from "../../../support/any-graph.ts";
import { configurations } from "./rendering.ts";

test("any graph that can be deployed becomes a flake, in which no option is set twice", () => {
  fc.assert(
    fc.property(anyDeployableGraph, (document) => {
      const { files } = deploymentFlake(document, digests);
      for (const { id } of document.nodes.filter(({ type }) => type === "host"))
        expect(files).toHaveProperty([`hosts/${id}.nix`]);
      expect(Object.keys(configurations(document)).length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test("graphs of every type of node and edge are among them", () => {
  const graphs = fc.sample(anyDeployableGraph, { numRuns: 300, seed: 7 });
  const types = new Set(graphs.flatMap(({ nodes, edges }) => [...nodes, ...edges].map(({ type }) => type)));
  expect([...types].sort()).toEqual([
    "agent",
    "connects-to",
    "data-flow",
    "database",
    "depends-on",
    "host",
    "load-balancer",
    "load-balances",
    "manages",
    "message-bus",
    "monitoring",
    "monitors",
    "mounts-volume",
    "publishes-to",
    "replicates",
    "runs-on",
    "service",
    "storage",
    "subscribes-to",
  ]);
});
