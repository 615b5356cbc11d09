import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as Y from "yjs";
import type { Draft, Fields } from "../../../src/console/designer/draft.ts";
import { merged } from "../../../src/console/designer/merge.ts";
import {
  beginningOf,
  beginShared,
  draftIn,
  newDraftId,
  undoOf,
  versionIn,
  writeDraft,
} from "../../../src/console/designer/shared-draft.ts";

const node = (id: string, more: Fields = {}): Fields => ({ id, type: "service", ...more });
const draft = (...nodes: ReadonlyArray<Fields>): Draft => ({ id: "shop", nodes, edges: [] });
const base = draft(node("a"), node("b", { image: "1" }), node("c"));

/** Tells each of two what the other has. */
const exchange = (one: Y.Doc, other: Y.Doc) => {
  const [first, second] = [Y.encodeStateAsUpdate(one), Y.encodeStateAsUpdate(other)];
  Y.applyUpdate(other, first);
  Y.applyUpdate(one, second);
};

describe("a draft that several people edit", () => {
  test("begins the same in every browser", () => {
    const [one, other] = [beginShared(base, 3), beginShared(base, 3)];
    exchange(one, other);
    expect(draftIn(one, "shop")).toEqual(base);
    expect(draftIn(other, "shop")).toEqual(base);
    expect(versionIn(other)).toBe(3);
  });

  test("has what both did at the same moment, also to one node", () => {
    const [one, other] = [beginShared(base, 3), beginShared(base, 3)];
    writeDraft(one, draft(node("a", { port: 80 }), node("b", { image: "1" }), node("c")));
    writeDraft(other, draft(node("a", { image: "2" }), node("c"), node("d")));
    exchange(one, other);
    const both = draft(node("a", { port: 80, image: "2" }), node("c"), node("d"));
    expect(draftIn(one, "shop")).toEqual(both);
    expect(draftIn(other, "shop")).toEqual(both);
  });

  test("a new name of a node is a change of that node: what another one sets of it stays", () => {
    const [one, other] = [beginShared(base, 3), beginShared(base, 3)];
    writeDraft(one, draft(node("a"), node("web", { image: "1" }), node("c")));
    writeDraft(other, draft(node("a"), node("b", { image: "2" }), node("c")));
    exchange(one, other);
    expect(draftIn(one, "shop").nodes[1]).toEqual(node("web", { image: "2" }));
  });

  test("taking back takes back what was done here only", () => {
    const [one, other] = [beginShared(base, 3), beginShared(base, 3)];
    const undo = undoOf(one);
    writeDraft(one, draft(node("a", { port: 80 }), node("b", { image: "1" }), node("c")));
    writeDraft(other, draft(node("a"), node("b", { image: "2" }), node("c")));
    exchange(one, other);
    undo.undo();
    expect(draftIn(one, "shop")).toEqual(draft(node("a"), node("b", { image: "2" }), node("c")));
  });

  test("says whatever was written, in any order of writing", () => {
    const drafts = fc.array(fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 5 }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(drafts, (steps) => {
        const doc = beginShared(base, 1);
        for (const ids of steps) {
          const next = draft(...ids.toSorted().map((id) => node(id)));
          writeDraft(doc, next);
          expect(draftIn(doc, "shop")).toEqual(next);
        }
      }),
    );
  });

  test("its name says where it begins", () => {
    expect(beginningOf(newDraftId("web-shop-v2", 12, 0.5))).toEqual({ graph: "web-shop-v2", version: 12 });
    expect(beginningOf("shop")).toBeUndefined();
  });
});

describe("a merge of three", () => {
  const mine = draft(node("a", { port: 80 }), node("b", { image: "mine" }), node("c"), node("d"));
  const theirs = draft(node("a", { image: "2" }), node("b", { image: "theirs" }));

  test("joins what only one side has changed, and names what both have", () => {
    const result = merged(base, theirs, mine);
    expect(result.draft).toEqual(draft(node("a", { port: 80, image: "2" }), node("b", { image: "mine" }), node("d")));
    expect(result.conflicts).toEqual([{ id: "node b image", mine: "mine", theirs: "theirs" }]);
    const chosen = merged(base, theirs, mine, new Map([["node b image", "theirs"]]));
    expect(chosen.draft.nodes[1]).toEqual(node("b", { image: "theirs" }));
  });

  test("a node that one side changed and the other took out is a conflict", () => {
    const { draft: kept, conflicts } = merged(base, draft(node("a"), node("c")), mine);
    expect(conflicts.map(({ id, theirs: there }) => [id, there])).toEqual([["node b", undefined]]);
    expect(kept.nodes.map(({ id }) => id)).toContain("b");
  });

  test("without changes of one's own it is what the others have, and the other way round", () => {
    expect(merged(base, theirs, base)).toEqual({ draft: theirs, conflicts: [] });
    expect(merged(base, base, mine)).toEqual({ draft: mine, conflicts: [] });
  });
});
