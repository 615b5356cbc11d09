import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { placeOf, placeText } from "../../../../../src/interfaces/http/stream/place.ts";

describe("the place of a tab", () => {
  test("is the sequence of the feed, and the points of views after it", () => {
    const feed = { sequence: 1234, time: 1764494000000 };
    expect(placeText(new Map([["feed", feed]]))).toBe("1234@1764494000000");
    expect(
      placeText(
        new Map([
          ["graphs", { sequence: 55, time: 7 }],
          ["feed", feed],
          ["deployments/shop-1", { sequence: 7, time: 0 }],
        ]),
      ),
    ).toBe("1234@1764494000000,graphs:55@7,deployments/shop-1:7@0");
  });

  test("comes back as it was", () => {
    const name = fc.constantFrom("feed", "feed/graph", "graphs", "graphs/web-shop", "tasks/A_1=deploy");
    const point = fc.record({ sequence: fc.nat(), time: fc.nat() });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, point), { selector: ([one]) => one }), (entries) => {
        const place = new Map(entries);
        const back = placeOf(placeText(place));
        for (const [one, sequence] of place) expect(back?.get(one)).toEqual(sequence);
      }),
    );
  });

  test.each([
    "",
    "x",
    "1",
    "-1@0",
    "1@1,",
    "1@1,graphs",
    "1@1,graphs:x",
    "1@1,Graphs:2@1",
    "1@1\n2@1",
    "1@1 ",
    "1@1;b:2@1",
  ])("%j is not one", (text) => {
    expect(placeOf(text)).toBeUndefined();
  });
});
