import { describe, expect, test } from "@jest/globals";
import { names } from "../../../../../src/contract/names.ts";
import { selectionOf } from "../../../../../src/interfaces/http/stream/selection.ts";

const subjects = (...follow: ReadonlyArray<string>) =>
  selectionOf(names("cim"), follow).followed.map(({ stream, subject }) => `${stream} ${subject}`);

describe("what a tab follows", () => {
  test("is the feed, views, and parts of them, each once", () => {
    expect(subjects("graphs,feed", "graphs", "deployments/shop-1,feed/graph")).toEqual([
      "KV_cim_view_graphs $KV.cim_view_graphs.>",
      "CIM_FEED cim.feed.>",
      "KV_cim_view_deployments $KV.cim_view_deployments.shop-1",
      "CIM_FEED cim.feed.graph.>",
    ]);
  });

  test("is also what programs of a deployment print", () => {
    expect(selectionOf(names("cim"), ["output/shop-1,graphs"])).toMatchObject({
      followed: [{ name: "graphs" }],
      heard: [{ name: "output/shop-1", subject: "cim.output.*.shop-1" }],
    });
  });

  test("is also what is said about a draft, and who has which draft open", () => {
    expect(selectionOf(names("cim"), ["drafts/shop-v12-k3f9x2,drafting"])).toMatchObject({
      heard: [
        { kind: "draft", subject: "cim.draft.*.shop-v12-k3f9x2" },
        { kind: "presence", subject: "cim.draft.*.*" },
      ],
    });
  });

  test.each([
    [""],
    ["drafts/>"],
    ["drafting/shop-v12-k3f9x2"],
    ["output"],
    ["output/>"],
    ["output/a.b"],
    ["leases"],
    ["checkpoints"],
    ["constructor"],
    ["graphs/>"],
    ["graphs/a.b"],
    ["graphs/a/b"],
    ["feed/>"],
    ["feed/graph.*"],
    ["$KV"],
    [Array.from({ length: 65 }, (_, index) => `graphs/g${index}`).join(",")],
  ])("nothing else: %s", (follow) => {
    expect(() => subjects(follow)).toThrow();
  });
});
