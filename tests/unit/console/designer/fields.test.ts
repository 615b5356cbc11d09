import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { draftOf, elementsOf, nodeKey, withField } from "../../../../src/console/designer/draft.ts";
import { faultsOf } from "../../../../src/console/designer/faults.ts";
import { type FieldSpec, fieldsOf } from "../../../../src/console/designer/fields.ts";
import { checkedOf } from "../../../../src/console/designer/issues.ts";
import { withChanges, withNode } from "../../../../src/console/designer/parts.ts";
import { homelessKey, rowsOf } from "../../../../src/console/designer/rows.ts";
import { edgeFieldOrder, nodeFieldOrder } from "../../../../src/console/designer/words.ts";
import { findProblems } from "../../../../src/domain/graph/problems.ts";
import { edgeTypeNames, nodeTypeNames } from "../../../../src/domain/graph/types.ts";

const folder = new URL("../../../../examples/", import.meta.url);
const examples = readdirSync(folder).filter((name) => name.endsWith(".json"));
const exampleDraft = (name: string) => {
  const document = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  const read = draftOf(document.id, document);
  if ("fault" in read) throw new Error(read.fault);
  return read.draft;
};
const allIn = (fields: ReadonlyArray<FieldSpec>): ReadonlyArray<FieldSpec> =>
  fields.flatMap((field) => [field, ...(field.shape.kind === "group" ? allIn(field.shape.fields) : [])]);

describe("forms", () => {
  test.each(nodeTypeNames)("the form of a %s has each field of its schema, in an order made by hand", (type) => {
    expect(fieldsOf("node", type).map(({ name }) => name)).toEqual(nodeFieldOrder[type]);
  });

  test.each(edgeTypeNames)("the form of an edge %s has each field of its schema, in an order made by hand", (type) => {
    expect(fieldsOf("edge", type).map(({ name }) => name)).toEqual(edgeFieldOrder[type]);
  });

  test("every field says what it is called and what it means", () => {
    const fields = [
      ...nodeTypeNames.flatMap((type) => allIn(fieldsOf("node", type))),
      ...edgeTypeNames.flatMap((type) => allIn(fieldsOf("edge", type))),
    ];
    expect(fields.filter(({ label, hint }) => label === "" || hint === "")).toEqual([]);
  });

  test("what is wrong with a field stands at its place, in the words of the domain", () => {
    const draft = withField(
      withField(exampleDraft("five-services.json"), nodeKey("web-api"), ["port"], 70_000),
      nodeKey("web-api"),
      ["healthCheck", "kind"],
      "htp",
    );
    const element = elementsOf(draft).get(nodeKey("web-api"));
    const faults = element && faultsOf(element);
    expect(faults?.get("port")).toBe("expected a port from 1 to 65535: correct it");
    expect(faults?.get("healthCheck.kind")).toContain("did you mean `http`?");
  });
});

describe("the outline", () => {
  test.each(examples)("has each node and edge of %s once", (name) => {
    const draft = exampleDraft(name);
    const turned = new Set(
      rowsOf(draft, new Set())
        .filter(({ level }) => level === 2)
        .map(({ key }) => key),
    );
    const keys = rowsOf(draft, turned)
      .map(({ key }) => key)
      .filter((key) => key !== homelessKey);
    expect(keys.toSorted()).toEqual([...elementsOf(draft).keys()].toSorted());
  });

  test("has what stands nowhere: nodes without a name or twice, and edges from nothing", () => {
    const draft = {
      id: "broken",
      nodes: [{ type: "service" }, { id: "a", type: "host" }, { id: "a", type: "host" }, { id: "b", type: "nothing" }],
      edges: [{ from: "c", type: "runs-on", to: "a" }, { type: "runs-on" }],
    };
    const turned = new Set(
      rowsOf(draft, new Set())
        .filter(({ level }) => level === 2)
        .map(({ key }) => key),
    );
    const keys = rowsOf(draft, turned).map(({ key }) => key);
    expect(keys.filter((key) => key !== homelessKey).toSorted()).toEqual([...elementsOf(draft).keys()].toSorted());
  });
});

describe("problems", () => {
  test("a remedy mends what it is offered for", () => {
    const { draft } = withNode(exampleDraft("five-services.json"), "monitoring");
    const unplaced = checkedOf(draft, findProblems(draft), []).issues.find(({ message }) =>
      message.includes("monitoring-1"),
    );
    expect(unplaced?.severity).toBe("error");
    expect(unplaced?.remedy?.text).toBe("run it on leaf-1");
    const mended = withChanges(draft, unplaced?.remedy?.changes ?? []);
    expect(findProblems(mended).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("what validation and a reviewer say alike is said once, with the reviewer's remedy", () => {
    const draft = exampleDraft("five-services.json");
    const [problem] = findProblems(draft);
    if (problem === undefined) throw new Error("the example has a warning");
    const { message, nodes, edges } = problem;
    const changes = [{ type: "remove-node", id: "worker" }] as const;
    const { issues } = checkedOf(
      draft,
      [problem],
      [{ reviewer: "architecture", rule: "a/b", severity: "warning", message, nodes, edges, changes }],
    );
    expect(issues).toHaveLength(1);
    expect(issues[0]?.remedy?.changes).toEqual(changes);
  });
});
