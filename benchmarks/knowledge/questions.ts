import { conceptSearch } from "../../src/domain/knowledge/concept-search.ts";
import { Knowledge } from "../../src/domain/knowledge/described.ts";
import { KnowledgeBase } from "../../src/domain/knowledge/knowledge-base.ts";
import { defaultPolicy } from "../../src/domain/knowledge/policy.ts";
import { matching } from "../../src/domain/knowledge/queries.ts";
import { entryOf } from "../../src/domain/knowledge/record.ts";
import { textIndex } from "../../src/infrastructure/minisearch/text-index.ts";
import { eachOf, median, quantile, report } from "../support/measurement.ts";
import { factOf, said, sha256 } from "./facts.ts";

const searched = 10_000;
const warmUp = 50;
const questions = 500;

/** The 99th percentile is reported, so many questions are needed. */
const reportTail = (name: string, took: ReadonlyArray<number>): void => {
  const p99 = quantile(took, 0.99);
  report({ name, unit: "ms", value: p99, p50: median(took), p99 });
};

/** Concept search with two hops, and an exact pattern, over ten thousand facts. */
export const measureQuestions = async (): Promise<void> => {
  const base = new KnowledgeBase();
  const index = textIndex();
  for (let number = 0; number < searched; number++) base.add(entryOf(factOf(number), sha256));
  index.add(
    [...base.facts()].map(({ id, fact: { subject, predicate, object } }) => ({
      id,
      subject,
      predicate,
      object: String(object),
      source: "",
    })),
  );
  const space = new Knowledge(base, { ...defaultPolicy, synonyms: [["database", "postgresql"]] });
  const asked = ["database of billing", "orders-12", "where does mail run", "payment redis", "leaf-42"];
  const search = async (number: number) => {
    conceptSearch(space, index, { question: asked[number % asked.length] ?? "", hops: 2, limit: 20 });
  };
  const pattern = async (number: number) => {
    matching(space, { ...said(number * 17), limit: 100 });
  };
  await eachOf(warmUp, search);
  const searches = await eachOf(questions, search);
  reportTail("search", searches);
  await eachOf(warmUp, pattern);
  const patterns = await eachOf(questions, pattern);
  reportTail("pattern", patterns);
};
