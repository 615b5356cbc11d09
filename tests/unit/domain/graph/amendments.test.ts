import { describe, expect, test } from "@jest/globals";
import { takenOut } from "../../../../src/domain/graph/amendments.ts";
import { document, host, runsOn, service } from "./fixtures.ts";

const nodes = [host("leaf-1"), host("leaf-2")];
const before = document([...nodes, service("web", { port: 80 })], [runsOn("web", "leaf-1")]);
const after = document(
  [...nodes, service("web", { port: 81, user: "web" }), service("probe")],
  [runsOn("web", "leaf-2")],
);

describe("what a vote put into a graph", () => {
  test("is named if a file from before would take it out", () => {
    expect(takenOut({ before, after }, after, before)).toEqual([
      "`port` of `web` is 81 by the vote, and is 80 in the file",
      "edge `web/runs-on/leaf-1` is not there by the vote, and is there in the file",
      '`user` of `web` is "web" by the vote, and is not there in the file',
      "node `probe` is there by the vote, and is not there in the file",
      "edge `web/runs-on/leaf-2` is there by the vote, and is not there in the file",
    ]);
  });

  test("stays with a file that has it, whatever else it changes", () => {
    const more = document([...after.nodes, host("leaf-3")], after.edges);
    expect(takenOut({ before, after }, after, more)).toEqual([]);
  });

  test("is of no concern any more once somebody has changed it", () => {
    const changed = document([...nodes, service("web", { port: 82 })], [runsOn("web", "leaf-1")]);
    expect(takenOut({ before, after }, changed, before)).toEqual([]);
  });
});
