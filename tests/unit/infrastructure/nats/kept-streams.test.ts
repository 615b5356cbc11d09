import { expect, test } from "@jest/globals";
import { lossBetween } from "../../../../src/infrastructure/nats/kept-streams.ts";

const look = { created: "2026-01-01T00:00:00Z", messages: 3, lastSequence: 7, consumers: 2 };

test.each([
  ["the same", look, undefined],
  ["more", { ...look, messages: 4, lastSequence: 8, consumers: 3 }, undefined],
  ["fewer messages, which were acknowledged", { ...look, messages: 1 }, undefined],
  ["another one", { ...look, created: "2026-01-02T00:00:00Z" }, "was gone, and is another one now"],
  ["a shorter one", { ...look, lastSequence: 6 }, "has lost its end"],
  ["an empty one", { ...look, messages: 0 }, "was emptied"],
  ["one with fewer consumers", { ...look, consumers: 1 }, "has lost a consumer"],
])("between two looks at a stream there is %s", (_, now, loss) => {
  expect(lossBetween(look, now)).toBe(loss);
});

test("an empty stream that stays empty has lost nothing", () => {
  expect(lossBetween({ ...look, messages: 0 }, { ...look, messages: 0 })).toBeUndefined();
});
