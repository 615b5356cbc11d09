import { describe, expect, test } from "@jest/globals";
import { Edge, edgeTypes } from "../../../../src/domain/graph/edge.ts";
import { Node, nodeTypes } from "../../../../src/domain/graph/node.ts";
import { edgeTypeNames, nodeTypeNames } from "../../../../src/domain/graph/types.ts";

describe("the types of nodes and edges", () => {
  test("have a room each, and are each in the union", () => {
    expect(Object.keys(nodeTypes)).toEqual(nodeTypeNames);
    expect(Node.discriminants).toEqual(nodeTypeNames);
  });

  test("have a definition each, and are each in the union", () => {
    expect(Object.keys(edgeTypes)).toEqual(edgeTypeNames);
    expect(Edge.discriminants).toEqual(edgeTypeNames);
  });
});
