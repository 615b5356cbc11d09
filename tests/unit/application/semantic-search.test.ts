import { expect, test } from "@jest/globals";
import { Effect, Layer, References } from "effect";
import { Embedder, StoreUnavailable } from "../../../src/application/ports/mod.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

/** An embedder by two axes: how much a text is about storms, and how much about anything else. */
const weather: Embedder["Service"]["embed"] = (texts) =>
  Effect.succeed(texts.map((text) => (/weather|hurricane|cyclone|gale/.test(text) ? [1, 0.1] : [0.1, 1])));

const silent: Embedder["Service"]["embed"] = () => Effect.fail(new StoreUnavailable({ message: "no model" }));

const searched = (leaf: Leaf) =>
  Effect.gen(function* () {
    for (const object of ["parade", "hurricane", "cyclone", "gale"])
      yield* leaf.give("ada", "knowledge", "team", "assert-fact", { subject: "harbour", predicate: "has", object });
    yield* leaf.settle;
    const answer = yield* leaf.ask("knowledge", "search", { space: "team", question: "weather in the harbour" });
    const { items } = answer as unknown as {
      readonly items: ReadonlyArray<{ readonly fact: Payload; readonly reasons: ReadonlyArray<string> }>;
    };
    return items;
  });

const withEmbedder = (embed: Embedder["Service"]["embed"]) =>
  Layer.merge(
    Layer.succeed(Embedder, { embed }),
    Layer.succeed(References.MinimumLogLevel, "None"),
  ) as Layer.Layer<never>;

test("an embedder that an installation provides has a say in the ranking, and says why", () =>
  inLeaf(
    (leaf) =>
      Effect.gen(function* () {
        const [first, ...others] = yield* searched(leaf);
        expect(first?.fact.object).toBe("hurricane");
        expect(first?.reasons).toContainEqual("meaning: similarity 1.000");
        expect(first?.reasons).toContainEqual("text: `harbour` in subject");
        const parade = others.find(({ fact }) => fact.object === "parade");
        expect(parade?.reasons).toContainEqual("meaning: similarity 0.198");
      }),
    withEmbedder(weather),
  ));

test("where the embedder does not answer, words and the graph do", () =>
  inLeaf(
    (leaf) =>
      Effect.gen(function* () {
        const found = yield* searched(leaf);
        expect(found).toHaveLength(4);
        expect(found[0]?.fact.object).toBe("parade");
        expect(found.flatMap(({ reasons }) => reasons).join()).not.toContain("meaning");
      }),
    withEmbedder(silent),
  ));
