import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { frame, withId } from "../../../../../src/interfaces/http/stream/frames.ts";

/** The data of a frame, as a browser reads it (HTML Living Standard, 9.2.6). */
const read = (text: string) => {
  const events: Array<string> = [];
  let data: Array<string> = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === "") {
      if (data.length > 0) events.push(data.join("\n"));
      data = [];
    } else if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  return events;
};

describe("a frame", () => {
  test("has its name, its data and its id", () => {
    expect(withId("7", frame("current", "{}"))).toBe("id: 7\nevent: current\ndata: {}\n\n");
  });

  test("is one frame whatever its data is: no text begins another", () => {
    const piece = fc.constantFrom("\n", "\r", "\r\n", "\n\n", "data: ", "id: 1", "event: document", "x", ":");
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const data = pieces.join("");
        expect(read(frame("document", data))).toEqual([data.replaceAll(/\r\n|\r/g, "\n")]);
      }),
    );
  });
});
