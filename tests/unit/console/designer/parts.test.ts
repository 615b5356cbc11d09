import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type Draft,
  draftOf,
  edgeKey,
  elementsOf,
  nodeKey,
  withField,
} from "../../../../src/console/designer/draft.ts";
import { begin, edited, redone, selected, undone } from "../../../../src/console/designer/history.ts";
import {
  joinsOf,
  partOf,
  withChanges,
  withEdge,
  withNode,
  without,
  withPart,
} from "../../../../src/console/designer/parts.ts";
import { edgeTypes } from "../../../../src/domain/graph/edge.ts";
import { findProblems } from "../../../../src/domain/graph/problems.ts";
import { nodeTypeNames } from "../../../../src/domain/graph/types.ts";

const example = (): Draft => {
  const path = new URL("../../../../examples/five-services.json", import.meta.url);
  const read = draftOf("five-services", JSON.parse(readFileSync(path, "utf8")));
  if ("fault" in read) throw new Error(read.fault);
  return read.draft;
};
const node = (draft: Draft, id: string) => elementsOf(draft).get(nodeKey(id))?.fields;
const edges = (draft: Draft) => draft.edges.map(({ from, type, to }) => `${from} ${type} ${to}`);

describe("a draft", () => {
  test("says in words why a JSON value cannot be one", () => {
    expect(draftOf("web", [])).toHaveProperty("fault");
    expect(draftOf("web", { id: "web", nodes: {}, edges: [] })).toEqual({ fault: "`nodes` is a list of objects" });
    expect(draftOf("web", { id: "shop", nodes: [], edges: [] })).toHaveProperty("fault");
    expect(draftOf("web", { id: "web", nodes: [], edges: [], more: 1 })).toHaveProperty("fault");
  });

  test("keeps a value that is wrong, so that one can go on typing", () => {
    const draft = withField(example(), nodeKey("web-api"), ["port"], "80x");
    expect(node(draft, "web-api")?.port).toBe("80x");
    expect(findProblems(draft).map(({ code }) => code)).toContain("invalid-config");
  });

  test("sets and removes what is inside a field", () => {
    const deeper = withField(example(), nodeKey("worker"), ["healthCheck", "kind"], "exec");
    expect(node(deeper, "worker")?.healthCheck).toEqual({ kind: "exec" });
    expect(node(withField(deeper, nodeKey("worker"), ["healthCheck"], undefined), "worker")).not.toHaveProperty(
      "healthCheck",
    );
    expect(node(withField(example(), nodeKey("web-api"), ["args", 0], undefined), "web-api")?.args).toEqual(["8080"]);
  });

  test("edges go with a node that gets another name", () => {
    const draft = withField(example(), nodeKey("postgres"), ["id"], "db");
    expect(edges(draft)).toEqual(edges(example()).map((text) => text.replaceAll("postgres", "db")));
    expect(findProblems(draft).map(({ code }) => code)).not.toContain("missing-node");
  });

  test("two nodes of one name have different keys", () => {
    const twice = { ...example(), nodes: [...example().nodes, ...example().nodes] };
    expect(elementsOf(twice).size).toBe(twice.nodes.length + twice.edges.length);
  });
});

describe("parts of a draft", () => {
  test.each(nodeTypeNames)("a new %s has a free name, and runs where one says", (type) => {
    const first = withNode(example(), type, "leaf-1");
    const second = withNode(first.draft, type, "leaf-1");
    expect(second.keys).not.toEqual(first.keys);
    const codes = findProblems(second.draft).map(({ code }) => code);
    expect(codes).not.toContain("duplicate-id");
    expect(codes).not.toContain("unplaced");
  });

  test("only edges that two nodes may have are offered, and each is a right one", () => {
    const draft = example();
    for (const from of draft.nodes)
      for (const to of draft.nodes)
        for (const type of joinsOf(draft, String(from.id), String(to.id))) {
          const { draft: joined, keys } = withEdge(draft, type, String(from.id), String(to.id));
          const wrong = findProblems(joined).filter(({ code, edges }) => code === "invalid-edge" && edges.length > 0);
          // A node that is joined with itself is wrong for other reasons.
          if (from.id !== to.id) expect(wrong).toEqual([]);
          expect(elementsOf(joined).has(keys[0] ?? "")).toBe(true);
        }
    expect(joinsOf(draft, "leaf-1", "web-api")).not.toContain("runs-on");
    expect(Object.keys(edgeTypes)).toEqual(expect.arrayContaining([...joinsOf(draft, "web-api", "leaf-1")]));
  });

  test("the edges of a deleted node go with it", () => {
    const draft = without(example(), [nodeKey("postgres")]);
    expect(edges(draft).filter((text) => text.includes("postgres"))).toEqual([]);
    expect(draft.nodes).toHaveLength(example().nodes.length - 1);
  });

  test("a part is pasted under free names, with the edges inside and where it runs", () => {
    const draft = example();
    const part = partOf(draft, [nodeKey("web-api"), nodeKey("postgres")]);
    const { draft: pasted, keys } = withPart(draft, part);
    expect(keys).toEqual([nodeKey("web-api-2"), nodeKey("postgres-2")]);
    expect(edges(pasted)).toContain("web-api-2 runs-on leaf-1");
    expect(edges(pasted)).toContain("web-api-2 connects-to postgres-2");
    expect(findProblems(pasted).map(({ code }) => code)).not.toContain("duplicate-id");
  });

  test("a part of another graph comes without edges to what is not here", () => {
    const part = partOf(example(), [nodeKey("web-api")]);
    const { draft } = withPart({ id: "empty", nodes: [], edges: [] }, part);
    expect(draft.nodes.map(({ id }) => id)).toEqual(["web-api"]);
    expect(draft.edges).toEqual([]);
  });

  test("takes the changes of a remedy", () => {
    const draft = withChanges(example(), [
      { type: "update-node", id: "web-api", changes: { port: 81, healthCheck: null } },
      { type: "disconnect", id: edgeKey("x").slice(5) },
      { type: "remove-node", id: "worker" },
    ]);
    expect(node(draft, "web-api")).toMatchObject({ port: 81 });
    expect(node(draft, "web-api")).not.toHaveProperty("healthCheck");
    expect(node(draft, "worker")).toBeUndefined();
  });
});

describe("the history of a draft", () => {
  const ids = fc.constantFrom("web-api", "postgres", "worker", "bus", "gateway");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), type: fc.constantFrom(...nodeTypeNames) }),
    fc.record({ kind: fc.constant("remove" as const), id: ids }),
    fc.record({ kind: fc.constant("name" as const), id: ids, name: fc.stringMatching(/^[a-z]{1,4}$/) }),
    fc.record({ kind: fc.constant("copy" as const), id: ids }),
  );

  test("undo brings back exactly what was, whatever was done; redo does it again", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let state = begin(example());
        for (const one of steps) {
          const { draft } = state;
          if (one.kind === "add") state = edited(state, withNode(draft, one.type).draft);
          else if (one.kind === "remove") state = edited(state, without(draft, [nodeKey(one.id)]));
          else if (one.kind === "name") state = edited(state, withField(draft, nodeKey(one.id), ["id"], one.name));
          else state = edited(state, withPart(draft, partOf(draft, [nodeKey(one.id)])).draft);
        }
        const last = state.draft;
        while (state.past.length > 0) state = undone(state);
        expect(state.draft).toEqual(example());
        while (state.future.length > 0) state = redone(state);
        expect(state.draft).toBe(last);
      }),
      { numRuns: 60 },
    );
  });

  test("letters typed into one field are one step; another field is another", () => {
    let state = selected(begin(example()), [nodeKey("web-api")]);
    for (const text of ["/", "/b", "/bin"])
      state = edited(state, withField(state.draft, nodeKey("web-api"), ["command"], text), { step: "command" });
    state = edited(state, withField(state.draft, nodeKey("web-api"), ["user"], "w"), { step: "user" });
    expect(node(undone(state).draft, "web-api")?.command).toBe("/bin");
    expect(undone(undone(state)).draft).toEqual(example());
  });

  test("what is gone is not selected", () => {
    const state = selected(begin(example()), [nodeKey("worker"), nodeKey("bus")]);
    expect(edited(state, without(state.draft, [nodeKey("worker")])).selection).toEqual([nodeKey("bus")]);
  });
});
