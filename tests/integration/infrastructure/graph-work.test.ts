import { expect, test } from "@jest/globals";
import { Effect, type Scope } from "effect";
import { largeGraph } from "../../../benchmarks/stalls/graph.ts";
import { examineGraph, GraphWork, readFlake, renderGraph } from "../../../src/application/graph-work.ts";
import { decodeGraphDocument } from "../../../src/domain/graph/problems.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { graphWorkLayer } from "../../../src/infrastructure/graph-work.ts";

const { sha256 } = digests;
const pins = { nixpkgs: "github:NixOS/nixpkgs/0123456789abcdef0123456789abcdef01234567" };

const withWork = <A>(body: (work: (typeof GraphWork)["Service"]) => Effect.Effect<A, unknown, Scope.Scope>) =>
  Effect.runPromise(Effect.scoped(Effect.provide(Effect.flatMap(GraphWork, body), graphWorkLayer)));

test.each([[210], [3_000]])("a graph of %i nodes becomes the same wherever the work is done", (nodes) =>
  withWork((work) =>
    Effect.gen(function* () {
      const document = yield* Effect.fromResult(decodeGraphDocument(largeGraph(nodes, "large")));
      expect(yield* work.examine(document, sha256)).toEqual(examineGraph(document, sha256));
      const rendered = renderGraph(document, { sha256, pins });
      expect(yield* work.render(document, { sha256, pins })).toEqual(rendered);
      const { waves: _, secretLike: __, content, ...flake } = rendered;
      const text = new TextDecoder().decode(content);
      expect(yield* work.read(text, sha256)).toEqual(flake);
      expect(readFlake(text, sha256)).toEqual(flake);
    }),
  ),
);

test("what is no flake is none, however large it is", () =>
  withWork((work) =>
    Effect.gen(function* () {
      for (const text of ["{}", "x".repeat(2_000_000)]) expect(yield* work.read(text, sha256)).toBeUndefined();
    }),
  ));

test("a large rendering that nobody waited for is there for the one who asks again", () =>
  withWork((work) =>
    Effect.gen(function* () {
      const document = yield* Effect.fromResult(decodeGraphDocument(largeGraph(3_000, "large")));
      yield* Effect.ignore(Effect.timeout(work.render(document, { sha256 }), "1 millis"));
      const first = yield* work.render(document, { sha256 });
      expect(yield* work.render(document, { sha256 })).toBe(first);
    }),
  ));

test("timers fire while a large graph is rendered", () =>
  withWork((work) =>
    Effect.gen(function* () {
      const document = yield* Effect.fromResult(decodeGraphDocument(largeGraph(3_000, "large")));
      let fired = 0;
      const timer = setInterval(() => {
        fired += 1;
      }, 10);
      yield* work.render(document, { sha256 });
      clearInterval(timer);
      expect(fired).toBeGreaterThan(5);
    }),
  ));
