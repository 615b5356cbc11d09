import { expect, test } from "@jest/globals";
import { graphReference } from "../../../../src/domain/graph/reference.ts";
import { edgeTypeNames, nodeTypeNames } from "../../../../src/domain/graph/types.ts";

const { graph, types } = graphReference();

test("has every type, each with fields of its own", () => {
  expect(types.map(({ name }) => name)).toEqual([...nodeTypeNames, ...edgeTypeNames]);
  expect(types.filter(({ fields }) => fields.length === 0)).toEqual([]);
});

test("says what each field of a node or an edge is for", () => {
  const silent = types.flatMap(({ name, fields }) =>
    fields.filter(({ description }) => description === "").map(({ path }) => `${name}.${path}`),
  );
  expect(silent).toEqual([]);
  expect(graph.map(({ path }) => path)).toEqual(["$schema", "id", "description", "pins", "nodes", "edges"]);
});

test("shows fields of fields, their form, and which must be given", () => {
  const service = types.find(({ name }) => name === "service");
  const of = (path: string) => service?.fields.find((field) => field.path === path);
  expect(of("healthCheck.kind")).toMatchObject({ form: "one of http, tcp, exec", required: true });
  expect(of("port")).toMatchObject({ form: "integer from 1 to 65535", required: false });
  expect(of("args")).toMatchObject({ form: "list of text" });
});
