import { describe } from "@jest/globals";
import { Context, Effect, Layer } from "effect";
import { Feed } from "../../../../src/application/ports/mod.ts";
import type { RecordedEvent } from "../../../../src/domain/kernel/mod.ts";
import { memoryFeedLayer } from "../../../../src/infrastructure/memory/feed.ts";
import { feedContract } from "../../../support/contracts/feed.contract.ts";

describe("the feed in memory", () => {
  feedContract(
    Effect.gen(function* () {
      const written: Array<RecordedEvent> = [];
      const writer = Effect.map(Layer.build(memoryFeedLayer(written)), (context) => Context.get(context, Feed));
      return {
        one: yield* writer,
        other: yield* writer,
        written: Effect.sync(() => written.map(({ eventId }) => eventId)),
      };
    }),
  );
});
