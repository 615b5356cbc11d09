import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";
import { cim } from "./cim.ts";

let leaf: TestLeaf;
const run = (...args: ReadonlyArray<string>) =>
  cim([...args, "--nats", leaf.nats.url, "--prefix", leaf.nats.prefix, "--as", "ada"]);

beforeAll(async () => {
  leaf = await testLeaf();
});

afterAll(() => leaf.dispose());

test("facts are asserted, listed, found and explained", async () => {
  const said = ["--subject", "web-api", "--predicate", "listens-on", "--object", "8080"];
  expect(await run("facts", "assert-fact", "team", ...said)).toMatchObject({ code: 0 });
  const list = await run("facts", "list", "--space", "team", "--object", "8080", "--json");
  const [fact] = JSON.parse(list.stdout).items;
  expect(fact).toMatchObject({ subject: "web-api", object: 8080, author: "ada", holds: true });
  const why = await run("facts", "why", fact.id, "--space", "team");
  expect(why.stdout).toContain("confidence 0.600 = (0.500 + 1) / (0.500 + 0.000 + 2)");
  expect((await run("facts", "search", "web", "--space", "team")).stdout).toContain("**web**-api listens-on 8080");
  expect((await run("facts", "path", "8080", "web-api", "--space", "team")).stdout).toBe("web-api listens-on 8080\n");
  expect((await run("facts", "list", "--space", "team", "--at", "1h")).stdout).toBe("no facts\n");
  expect((await run("facts", "history", fact.id, "--space", "team")).stdout).toContain("ada  asserts");
  const nowhere = await run("facts", "list", "--space", "elsewhere");
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).toContain("there is no space of knowledge `elsewhere`");
});
