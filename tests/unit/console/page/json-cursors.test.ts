import { EditorState } from "@codemirror/state";
import { expect, test } from "@jest/globals";
import { nodeKey } from "../../../../src/console/designer/draft.ts";
import { jsonCursors, showOthers } from "../../../../src/console/page/parts/designer/json-cursors.ts";

const draft = {
  id: "shop",
  nodes: [
    { id: "web", type: "service" },
    { id: "api", type: "service" },
  ],
  edges: [{ from: "web", to: "api", type: "depends-on" }],
};
const text = JSON.stringify(draft, null, 2);

/** The lines at whose ends somebody is shown. */
const linesOf = (key: string) => {
  const state = EditorState.create({ doc: text, extensions: [jsonCursors] });
  const effects = showOthers.of({ others: new Map([[key, ["ben"]]]), draft });
  const next = state.update({ effects }).state;
  const found: Array<string> = [];
  for (const tags = next.field(jsonCursors).iter(); tags.value !== null; tags.next())
    found.push(next.doc.lineAt(tags.from).text.trim());
  return found;
};

test("others stand at the line where the node or the edge begins that they are at", () => {
  expect(linesOf(nodeKey("api"))).toEqual(['"id": "api",']);
  expect(linesOf("edge web/depends-on/api")).toEqual(['"from": "web",']);
  expect(linesOf(nodeKey("gone"))).toEqual([]);
});
