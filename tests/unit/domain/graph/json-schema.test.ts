import { describe, expect, test } from "@jest/globals";
import { Edge } from "../../../../src/domain/graph/edge.ts";
import { graphDocumentJsonSchema } from "../../../../src/domain/graph/json-schema.ts";
import { Node } from "../../../../src/domain/graph/node.ts";

describe("graphDocumentJsonSchema", () => {
  const schema = graphDocumentJsonSchema();

  test("is a draft 2020-12 schema that refuses unknown fields", () => {
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      required: ["id", "nodes", "edges"],
      additionalProperties: false,
    });
  });

  test("defines every type of node and edge, none of which takes unknown fields", () => {
    const definitions = Object.values(schema.$defs ?? {});
    expect(definitions).toHaveLength(Node.discriminants.length + Edge.discriminants.length);
    for (const definition of definitions)
      expect(definition).toMatchObject({ type: "object", additionalProperties: false });
  });
});
