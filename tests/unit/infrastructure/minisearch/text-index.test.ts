import { describe, expect, test } from "@jest/globals";
import { textIndex } from "../../../../src/infrastructure/minisearch/text-index.ts";

const indexed = (...facts: ReadonlyArray<readonly [subject: string, predicate: string, object: string]>) => {
  const index = textIndex();
  index.add(facts.map(([subject, predicate, object]) => ({ id: subject, subject, predicate, object, source: "" })));
  return (words: string, limit = 10) => index.search(words.split(" "), limit);
};

describe("a text index", () => {
  test("finds names with parts by a part, by the beginning of a part and by their own beginning", () => {
    const search = indexed(
      ["web-api", "runs-on", "leaf-1"],
      ["webhook", "calls", "mailer"],
      ["db", "runs-on", "leaf-2"],
    );
    const found = (words: string) => search(words).map(({ id }) => id);
    expect(found("web")).toEqual(["web-api", "webhook"]);
    expect(found("ap")).toEqual([]);
    expect(found("api")).toEqual(["web-api"]);
    expect(found("web-a")).toEqual(["web-api"]);
    expect(found("leaf-1")).toEqual(["web-api"]);
    expect(found("runs")).toHaveLength(2);
  });

  test("tells each word as it is in the text, and where it is", () => {
    const search = indexed(["web-api", "runs-on", "leaf-1"]);
    expect(search("web-api")[0]?.matches).toEqual([{ word: "web-api", fields: ["subject"] }]);
    expect(search("web")[0]?.matches).toEqual([{ word: "web", fields: ["subject"] }]);
  });

  test("has what has all the words first, though each of them is in far more texts than are ranked", () => {
    const thing = (number: number) => (number % 2 === 0 ? "mail" : "shop");
    const facts = Array.from({ length: 2_000 }, (_, number) => {
      const predicate = number % 10 < 5 ? "runs-on" : "engine";
      return [`${thing(number)}-${number}`, predicate, `leaf-${number % 7}`] as const;
    });
    const search = indexed(...facts, ["mail-2000", "runs-on", "basement"]);
    const hits = search("where does mail run", 10);
    expect(hits).toHaveLength(10);
    for (const { matches } of hits) expect(matches.map(({ word }) => word).toSorted()).toEqual(["mail", "runs"]);
    expect(search("basement mail run", 10)[0]?.id).toBe("mail-2000");
  });
});
