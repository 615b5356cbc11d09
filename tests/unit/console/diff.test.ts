import { expect, test } from "@jest/globals";
import { sideOf } from "../../../src/console/page/pages/diff/side.ts";

test("an address names what is compared", () => {
  expect(sideOf("graphs/shop@12")).toEqual({ kind: "graph", graph: "shop", version: 12 });
  expect(sideOf("graphs/shop")).toEqual({ kind: "graph", graph: "shop" });
  expect(sideOf("deployments/shop-1")).toEqual({ kind: "deployment", deployment: "shop-1" });
  expect(sideOf("running/shop")).toEqual({ kind: "running", graph: "shop" });
  expect(sideOf("hosts/web-1/desired")).toEqual({ kind: "host", host: "web-1", state: "desired" });
});

test.each([
  "",
  "graphs/",
  "graphs/shop@0",
  "graphs/shop@x",
  "graphs/a/b",
  "hosts/web-1",
  "hosts/web-1/other",
  "shop",
  "graphs/<b>",
])("%p names nothing that can be compared", (text) => expect(sideOf(text)).toBeUndefined());
