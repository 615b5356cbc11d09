import { describe, expect, test } from "@jest/globals";
import { Edge } from "../../../../src/domain/graph/edge.ts";
import { graphDocumentJsonSchema } from "../../../../src/domain/graph/json-schema.ts";
import { Node } from "../../../../src/domain/graph/node.ts";

/** The paths of the fields, however deep, that say nothing of what they mean. */
const undescribed = (schema: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, part]: [string, unknown]) => {
    if (name !== "properties" || typeof part !== "object" || part === null) return undescribed(part, [...path, name]);
    return Object.entries(part).flatMap(([field, value]: [string, unknown]) => [
      ...(typeof value === "object" && value !== null && "description" in value ? [] : [[...path, field].join(".")]),
      ...undescribed(value, [...path, field]),
    ]);
  });
};

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

  test("describes every field", () => expect(undescribed(schema)).toEqual([]));

  test("defines every type of node and edge, none of which takes unknown fields", () => {
    const definitions = Object.values(schema.$defs ?? {});
    expect(definitions).toHaveLength(Node.discriminants.length + Edge.discriminants.length);
    for (const definition of definitions)
      expect(definition).toMatchObject({ type: "object", additionalProperties: false });
  });
});
