import { describe, expect, test } from "@jest/globals";
import { MultiDirectedGraph } from "graphology";
import { conceptSearch, factText } from "../../../../src/domain/knowledge/concept-search.ts";
import { Knowledge } from "../../../../src/domain/knowledge/described.ts";
import { neighboursOf, shortestPath, subgraph } from "../../../../src/domain/knowledge/network.ts";
import { defaultPolicy } from "../../../../src/domain/knowledge/policy.ts";
import type { Entry } from "../../../../src/domain/knowledge/record.ts";
import { textIndex } from "../../../../src/infrastructure/minisearch/text-index.ts";
import { baseOf, evidence, fact, retraction } from "./fixtures.ts";

const facts = [
  fact("web-api", "runs-on", "leaf-1"),
  fact("web-api", "depends-on", "orders-db"),
  fact("orders-db", "engine", "postgresql"),
  fact("orders-db", "runs-on", "leaf-2"),
  fact("leaf-2", "located-in", "basement"),
  fact("mailer", "sends", "newsletters"),
];

const searched = (
  question: string,
  { hops = 1, entries = facts }: { hops?: number; entries?: ReadonlyArray<Entry> } = {},
) => {
  const knowledge = new Knowledge(baseOf(...entries), {
    ...defaultPolicy,
    synonyms: [["database", "postgresql", "sql"]],
  });
  const index = textIndex();
  index.add(
    [...knowledge.base.facts()].map(({ id, fact: { subject, predicate, object, source = "" } }) => ({
      id,
      subject,
      predicate,
      source,
      object: String(object),
    })),
  );
  return conceptSearch(knowledge, index, { question, hops, limit: 10 });
};

describe("concept search", () => {
  test("finds words, marks them, and says where", () => {
    const [first] = searched("engine");
    expect(first).toMatchObject({
      fact: { subject: "orders-db", object: "postgresql" },
      snippet: "orders-db **engine** postgresql",
    });
    expect(first?.reasons[0]).toBe("text: `engine` in predicate");
  });

  test("finds what a synonym says", () => {
    const hit = searched("database").find(({ fact: { object } }) => object === "postgresql");
    expect(hit?.reasons.join()).toContain("`postgresql`, a synonym of `database`, in object");
  });

  test("finds beginnings of words and words with a slip", () => {
    expect(searched("newslet")[0]?.fact.subject).toBe("mailer");
    expect(searched("newslettrs")[0]?.fact.subject).toBe("mailer");
  });

  test("goes one or two facts further, and says by what", () => {
    const objects = (hops: number) => searched("engine", { hops }).map(({ fact: { object } }) => object);
    expect(objects(1)).toContain("leaf-2");
    expect(objects(1)).not.toContain("basement");
    expect(objects(2)).toContain("basement");
    const hit = searched("engine").find(({ fact: { object } }) => object === "leaf-2");
    expect(hit?.reasons[0]).toBe("graph: 1 hop away, by `orders-db`");
  });

  test("puts what is disputed behind what is not, and leaves out what is retracted", () => {
    const [first, second] = [fact("cache", "holds", "sessions"), fact("cache", "holds", "sessions", { author: "bob" })];
    const order = (...more: ReadonlyArray<Entry>) =>
      searched("sessions", { entries: [first, second, ...more] }).map(({ fact: { author } }) => author);
    expect(order(evidence(first, "cyd", "dispute"))).toEqual(["bob", "ada"]);
    expect(order(evidence(second, "cyd", "dispute"))).toEqual(["ada", "bob"]);
    expect(order(retraction(first))).toEqual(["bob"]);
  });

  test("finds nothing where there is nothing", () => {
    expect(searched("")).toEqual([]);
    expect(searched("zebra crossing")).toEqual([]);
  });
});

describe("the knowledge graph", () => {
  const knowledge = new Knowledge(baseOf(...facts), defaultPolicy);

  test("has neighbours in both directions, the nearest first", () => {
    const near = neighboursOf(knowledge, "orders-db", { hops: 2, limit: 10 });
    expect(near.map(({ entity, distance }) => [entity, distance]).sort()).toEqual([
      ["basement", 2],
      ["leaf-1", 2],
      ["leaf-2", 1],
      ["postgresql", 1],
      ["web-api", 1],
    ]);
  });

  test("has shortest paths", () => {
    const words = shortestPath(knowledge, "leaf-1", "basement")?.map(
      ({ subject, predicate }) => `${subject} ${predicate}`,
    );
    expect(words).toEqual(["web-api runs-on", "web-api depends-on", "orders-db runs-on", "leaf-2 located-in"]);
    expect(shortestPath(knowledge, "leaf-1", "leaf-1")).toEqual([]);
    expect(shortestPath(knowledge, "leaf-1", "newsletters")).toBeUndefined();
  });

  test("can be taken out in graphology's serialization", () => {
    const graph = MultiDirectedGraph.from(subgraph(knowledge, "orders-db", { hops: 1, limit: 10 }));
    expect(graph.nodes().sort()).toEqual(["leaf-2", "orders-db", "postgresql", "web-api"]);
    expect(graph.size).toBe(3);
    expect(graph.getEdgeAttribute(graph.edges("web-api", "orders-db")[0], "predicate")).toBe("depends-on");
  });
});

test("a fact in words", () => {
  const known = baseOf(fact("web", "port", 80)).facts();
  expect([...known].map(factText)).toEqual(["web port 80"]);
});
