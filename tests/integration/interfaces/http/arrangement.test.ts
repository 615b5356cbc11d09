import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect } from "../../../../src/agents/kit/mod.ts";
import { type HttpPort, openHttpPort } from "../../../../src/interfaces/http/mod.ts";
import { type Browser, logIn } from "../../../support/http.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";

let leaf: TestLeaf;
let http: HttpPort;
let ann: Browser;
let bob: Browser;

beforeAll(async () => {
  leaf = await testLeaf();
  const { url: servers, prefix } = leaf.nats;
  http = await openHttpPort({
    port: 0,
    principal: "console",
    connectAs: (principal) => connect({ servers, prefix, principal }),
  });
  ann = await logIn(http.link("ann"));
  bob = await logIn(http.link("bob"));
  await ann.post("/api/command/graph/shop/import", { id: "shop", nodes: [], edges: [] });
});

afterAll(async () => {
  await http?.close();
  await leaf?.dispose();
});

const path = "/api/arrangement/shop";
const boxes = { "host-1": { x: 40, y: -20.5 } };

test("the arrangement of its owner is what everybody sees, and makes no event", async () => {
  expect((await bob.post(path, {})).json).toEqual({ ok: true, boxes: {} });
  const version = async () => (await ann.post("/api/query/graphs/get", { id: "shop" })).json;
  const before = await version();
  expect((await ann.post(path, { boxes })).status).toBe(200);
  expect((await bob.post(path, {})).json).toMatchObject({ ok: true, boxes, by: "ann" });
  expect(await version()).toEqual(before);
});

test("others see it and do not change it, and what is not one is refused", async () => {
  expect((await bob.post(path, { boxes: {} })).status).toBe(403);
  expect((await ann.post("/api/arrangement/not-there", {})).status).toBe(422);
  expect((await ann.post("/api/arrangement/a.b", {})).status).toBe(400);
  for (const wrong of [{ boxes: { "host 1": { x: 0, y: 0 } } }, { boxes: { h: { x: 1e9, y: 0 } } }, { more: 1 }, []])
    expect((await ann.post(path, wrong)).status).toBe(400);
  const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`h-${index}`, { x: 0, y: 0 }]));
  expect((await ann.post(path, { boxes: many })).status).toBe(400);
  expect((await bob.post(path, {})).json).toMatchObject({ boxes });
});
