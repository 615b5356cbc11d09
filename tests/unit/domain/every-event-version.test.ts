import { describe, expect, test } from "@jest/globals";
import { aggregates, digestOf, type KeptEvents, keptOf, problemWith } from "../../support/event-samples.ts";

/** What to do if a test of this file fails: change nothing that was written, and then `npm run events`. */
describe.each(aggregates.map((aggregate) => [aggregate.name, aggregate] as const))(
  "events of %s",
  (name, aggregate) => {
    const all = Object.entries(aggregate.events);

    test("that were ever written still are events, in a version that this one knows", async () => {
      const kept = await keptOf(name);
      for (const [type, versions] of Object.entries(kept)) {
        const newest = Math.max(...Object.keys(versions).map(Number));
        expect([type, aggregate.events[type]?.version]).toEqual([type, newest]);
      }
    });

    test("change their schema only if samples of it are kept too", async () => {
      const kept: KeptEvents = await keptOf(name);
      for (const [type, spec] of all) {
        const schemas = kept[type]?.[spec.version]?.schemas ?? [];
        expect([type, schemas.at(-1)]).toEqual([type, digestOf(spec)]);
      }
    });

    test("are taken as they were written, or after their upcasters", async () => {
      for (const [type, versions] of Object.entries(await keptOf(name))) {
        const spec = aggregate.events[type];
        if (spec === undefined) throw new Error(`there is no event ${name}.${type} any more`);
        for (const [version, { samples }] of Object.entries(versions)) {
          expect(samples.length).toBeGreaterThan(0);
          for (const data of samples) {
            const stored = { type, schemaVersion: Number(version), cid: "", data };
            const problem = problemWith(spec, aggregate.upcast(stored).data);
            expect([type, version, problem]).toEqual([type, version, undefined]);
          }
        }
      }
    });
  },
);

test("a schema that takes less than what was written is found", () => {
  const [graph] = aggregates.filter(({ name }) => name === "graph");
  const spec = graph?.events["node-added"];
  if (spec === undefined) throw new Error("there is no event graph.node-added");
  expect(problemWith(spec, { node: { id: "n" }, more: 1 })).toBeDefined();
});
