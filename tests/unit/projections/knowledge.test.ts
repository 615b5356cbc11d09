import { expect, test } from "@jest/globals";
import { knowledge as decider } from "../../../src/domain/knowledge/decider.ts";
import { knowledge } from "../../../src/projections/knowledge.ts";
import { assert, space } from "../domain/knowledge/fixtures.ts";
import { makeLog } from "./log.ts";

const summary = () => {
  const one = space();
  one.give({ type: "configure", payload: { singleValued: { status: "newest" } } });
  const [event] = one.give(assert("web", "status", "up")) as ReadonlyArray<{ readonly data: { readonly id: string } }>;
  one.give({ type: "support-fact", payload: { fact: event?.data.id ?? "", evidence: "ping" } }, "bob");
  const log = makeLog();
  for (const each of one.events) log.commit(decider, "team", [each]);
  return { one, document: log.documents(knowledge).get("team") };
};

test("a space in short", () => {
  const { one, document } = summary();
  expect(document).toMatchObject({
    id: "team",
    version: 3,
    position: 3,
    owner: "ada",
    records: 2,
    facts: 1,
    evidence: 1,
    epoch: 1,
    content: one.state().content,
  });
});

test("a document with a flipped bit is seen as damaged", () => {
  const { document } = summary();
  expect(knowledge.isIntact?.(document)).toBe(true);
  const bytes = Buffer.from(JSON.stringify(document));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    let damaged: unknown;
    try {
      damaged = JSON.parse(flipped.toString());
    } catch {
      continue;
    }
    expect(knowledge.isIntact?.(damaged)).toBe(false);
  }
});
