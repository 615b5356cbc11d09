import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalJson } from "../../../../src/domain/kernel/mod.ts";
import { recordText } from "../../../../src/domain/knowledge/record.ts";
import { entryText } from "../../../../src/domain/knowledge/update.ts";
import { fact } from "./fixtures.ts";
import { anyEntries } from "./records.ts";

const provenance = { tool: "census", promptDigest: `sha256-${"0".repeat(64)}`, model: "m-1" };

test("the text of a record is its canonical JSON, and so is that of an entry", () => {
  fc.assert(
    fc.property(anyEntries, fc.string({ unit: "binary" }), (entries, subject) => {
      for (const entry of [...entries, fact(subject, "is", subject), fact(subject, "is", subject, { provenance })]) {
        expect(recordText(entry.record)).toBe(canonicalJson(entry.record));
        expect(entryText(entry)).toBe(canonicalJson(entry));
      }
    }),
  );
});
